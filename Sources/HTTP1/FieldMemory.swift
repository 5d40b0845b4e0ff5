import Bytes

/// What a reader of heads remembers of those before: a client sends the same fields with nearly every
/// request, and what is the same to the byte says the same.
///
/// One is enough for all connections of a server. It changes nothing in what is taken or refused.
public struct FieldMemory: ~Copyable {
    /// The last `Host` that was well-formed.
    var host = RememberedBytes(bytesMax: 64)
    /// The fields of the last GET, and those of the last request of another method, which has a body as often
    /// as not.
    private var ofGet = RememberedFields()
    private var ofOthers = RememberedFields()

    /// Nothing is remembered.
    public init() {}

    /// Takes the fields that begin at an offset for read, where they are those that are remembered and the
    /// head then has at most `bytesMax` bytes. Answers where it ends; nil where not, and nothing has changed.
    @inline(__always)
    func recall(
        _ bytes: Span<UInt8>, from start: Int, upTo bytesMax: Int, into head: inout RequestHead
    ) -> Int? {
        head.method == .get
            ? ofGet.recall(bytes, from: start, upTo: bytesMax, into: &head)
            : ofOthers.recall(bytes, from: start, upTo: bytesMax, into: &head)
    }

    /// Remembers the fields of a head that is whole.
    mutating func remember(_ fields: Span<UInt8>, from start: Int, of head: RequestHead) {
        if head.method == .get {
            ofGet.remember(fields, from: start, of: head)
        } else {
            ofOthers.remember(fields, from: start, of: head)
        }
    }
}

/// The fields of one head, from behind the request line to behind the empty line: at most 512 bytes.
private struct RememberedFields: ~Copyable {
    private var bytes = RememberedBytes(bytesMax: 512)
    private var flags: RequestHead.Flags = []
    private var framing = BodyFraming.none
    /// Where `Host` is, counted from the first of these bytes.
    private var authority = ByteRange.none

    @inline(__always)
    func recall(
        _ given: Span<UInt8>, from start: Int, upTo bytesMax: Int, into head: inout RequestHead
    ) -> Int? {
        // Also so that the offset fits: empty lines before the head count as well, and only here.
        guard start &+ bytes.count <= bytesMax, bytes.begins(given, from: start) else { return nil }
        head.flags.formUnion(flags)
        head.framing = framing
        head.authority = ByteRange(lower: authority.lower &+ UInt16(start), count: authority.count)
        return start &+ bytes.count
    }

    mutating func remember(_ fields: Span<UInt8>, from start: Int, of head: RequestHead) {
        guard bytes.remember(fields) else { return }
        flags = head.flags.intersection(.ofFields)
        framing = head.framing
        authority = ByteRange(
            lower: head.authority.lower &- UInt16(start), count: head.authority.count)
    }
}
