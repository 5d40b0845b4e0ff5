import Bytes
import HTTP1

/// What has arrived of a request that is not whole, or waits until output has been sent.
final class PartialInput {
    /// The bytes that have to be looked at again.
    private var kept = ByteWriter()
    /// The head's parser, so that it does not begin anew.
    var parser: RequestParser?
    /// The request whose body is being collected.
    var request: CollectedRequest?
    private let limits: HTTPLimits

    init(limits: HTTPLimits) { self.limits = limits }

    var keptCount: Int { kept.count }
    /// All bytes that are held.
    var heldBytes: Int { kept.count + (request.map { $0.head.count + $0.body.count } ?? 0) }

    /// Whether the object is of no more use.
    var isEmpty: Bool { kept.isEmpty && parser == nil && request == nil }

    func keep(_ bytes: UnsafeRawBufferPointer) {
        kept.append(bytes)
    }

    /// Moves the kept bytes to memory that has room for them.
    func takeKept(to target: UnsafeMutablePointer<UInt8>) {
        kept.withUnsafeBytes { bytes in
            UnsafeMutableRawPointer(target).copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
        }
        kept.reset()
    }

    /// Moves the kept bytes out.
    func takeAll() -> ByteWriter {
        var taken = ByteWriter()
        swap(&taken, &kept)
        return taken
    }
}

/// A request whose body is being collected.
final class CollectedRequest {
    let request: Request
    /// The bytes of the head, which its ranges refer to.
    var head = ByteWriter()
    /// The body as far as it has arrived, decoded.
    var body = ByteWriter()
    /// How many bytes are missing, where the length is known.
    var missingBytes = 0
    /// Takes the chunks apart, where the body has them.
    var decoder = ChunkedDecoder()

    init(request: Request) { self.request = request }
}
