import Glibc

/// One thing to be fuzzed.
protocol FuzzTarget: SendableMetatype {
    /// Tries one input, and stops the program where a promise is broken.
    static func take(_ input: [UInt8])
}

extension FuzzTarget {
    /// Stops the program, and so has the input kept, unless the promise holds.
    static func expect(_ promise: Bool, _ what: @autoclosure () -> String) {
        if !promise { broken(what()) }
    }

    /// A promise is broken.
    static func broken(_ what: String) -> Never {
        StandardError.write("BROKEN PROMISE: \(what)")
        abort()
    }
}
