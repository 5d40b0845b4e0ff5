import Glibc

/// Gives one of the targets what the fuzzer makes up.
///
/// The fuzzer has the program's `main`, and calls the two functions below. The first argument is the target's
/// name, the others are the fuzzer's own. It starts itself anew for some of its work without the first one,
/// so the name goes on in the environment.
enum FuzzProgram {
    private static let variable = "TRADELOOP_FUZZ_TARGET"
    private static let targets: [String: any FuzzTarget.Type] = [
        "request": RequestTarget.self, "frame": FrameTarget.self, "order": OrderTarget.self,
        "session": SessionTarget.self,
    ]

    /// The target that was asked for.
    static let target: any FuzzTarget.Type = {
        guard let name = getenv(variable), let target = targets[String(cString: name)] else {
            StandardError.write("usage: tradeloop-fuzz request|frame|order|session [FLAG...] [FILE...]")
            exit(64)
        }
        return target
    }()

    /// Keeps a target's name that stands first, and answers whether one does.
    static func takeName(_ argument: UnsafePointer<CChar>) -> Bool {
        guard targets[String(cString: argument)] != nil else { return false }
        setenv(variable, argument, 1)
        return true
    }
}

/// Called by the fuzzer with the arguments, before anything else.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    let list = arguments.pointee
    if count.pointee > 1, let first = list[1], FuzzProgram.takeName(first) {
        for index in 1..<Int(count.pointee) { list[index] = list[index + 1] }
        count.pointee -= 1
    }
    _ = FuzzProgram.target
    return 0
}

/// Called by the fuzzer with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func take(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzProgram.target.take(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}
