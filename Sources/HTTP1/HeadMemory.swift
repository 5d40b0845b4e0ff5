import Bytes

/// What a reader of heads remembers of those before: a client sends the same fields with nearly every
/// request, and often the same head, and what is the same to the byte says the same.
///
/// One is enough for all connections of a server, as long as their parsers have the same limits. It changes
/// nothing in what is taken or refused.
public struct HeadMemory: ~Copyable {
    /// The last `Host` that was well-formed.
    var host = RememberedBytes(bytesMax: 64)
    private var wholeOfGet = RememberedHead()
    private var wholeOfOthers = RememberedHead()
    /// The fields of the last GET, and those of the last request of another method, which has a body as often
    /// as not.
    private var fieldsOfGet = RememberedFields()
    private var fieldsOfOthers = RememberedFields()

    /// Nothing is remembered.
    public init() {}

    /// Takes a head for read where it is one that is remembered. Answers where it ends; nil where not, and
    /// nothing has changed.
    @inline(__always)
    func recallWhole(_ bytes: Span<UInt8>, into head: inout RequestHead) -> Int? {
        guard bytes.count > 0 else { return nil }
        // By its first letter, as nothing else is known yet.
        return bytes[0] == 0x47
            ? wholeOfGet.recall(bytes, into: &head) : wholeOfOthers.recall(bytes, into: &head)
    }

    /// Takes the fields that begin at an offset for read, where they are those that are remembered and the
    /// head then has at most `bytesMax` bytes. Answers where it ends; nil where not, and nothing has changed.
    @inline(__always)
    func recallFields(
        _ bytes: Span<UInt8>, from start: Int, upTo bytesMax: Int, into head: inout RequestHead
    ) -> Int? {
        head.method == .get
            ? fieldsOfGet.recall(bytes, from: start, upTo: bytesMax, into: &head)
            : fieldsOfOthers.recall(bytes, from: start, upTo: bytesMax, into: &head)
    }

    /// Remembers a head that is whole, sooner or later.
    @inline(__always)
    mutating func remember(_ bytes: Span<UInt8>, as head: RequestHead) {
        if head.method == .get {
            wholeOfGet.meet(bytes, as: head)
        } else {
            wholeOfOthers.meet(bytes, as: head)
        }
    }

    /// Remembers the fields of a head that is whole.
    mutating func remember(fields: Span<UInt8>, from start: Int, of head: RequestHead) {
        if head.method == .get {
            fieldsOfGet.remember(fields, from: start, of: head)
        } else {
            fieldsOfOthers.remember(fields, from: start, of: head)
        }
    }
}

/// One whole head: at most 512 bytes.
private struct RememberedHead: ~Copyable {
    /// Every so many heads that are not remembered, one is: where each is another, remembering each would be
    /// in vain each time.
    private static let patience: UInt8 = 4

    private var bytes = RememberedBytes(bytesMax: 512)
    private var head = RequestHead()
    private var patienceLeft: UInt8 = 1

    @inline(__always)
    func recall(_ given: Span<UInt8>, into head: inout RequestHead) -> Int? {
        guard bytes.begins(given, from: 0) else { return nil }
        head = self.head
        return bytes.count
    }

    @inline(__always)
    mutating func meet(_ given: Span<UInt8>, as head: RequestHead) {
        patienceLeft &-= 1
        if patienceLeft == 0 { remember(given, as: head) }
    }

    @inline(never)
    private mutating func remember(_ given: Span<UInt8>, as head: RequestHead) {
        patienceLeft = RememberedHead.patience
        if bytes.remember(given) { self.head = head }
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
