import Bytes

/// Reads request heads (RFC 9112 sections 2 to 6), strictly: whatever two readers could take for different
/// requests is refused.
///
/// One pass over borrowed bytes, no allocation. A head that is not whole yet is presented again with more
/// behind it; whole lines are then not read again, and the last one not before its end has arrived.
public struct RequestParser: Sendable {
    /// What became of the bytes.
    public enum Result {
        /// ``RequestParser/head`` is whole; it ended after so many bytes.
        case complete(consumed: Int)
        /// The head goes on past these bytes.
        case incomplete
        /// The request has to be refused and the connection closed.
        case invalid(HTTPFault)
    }

    /// The head, whole after ``Result/complete(consumed:)``.
    public internal(set) var head = RequestHead()

    let limits: HTTPLimits
    /// Where the first line begins that has not been read.
    var lineStart = 0
    /// How many bytes were there at the last look.
    private var seen = 0
    private var requestLineIsRead = false
    /// Where the fields begin; nil where the request line leaves to them less than usual.
    private var fieldsStart: Int?
    var fields = FieldsSeen()

    /// The fields that must not come twice, or whose text is kept.
    struct FieldsSeen: OptionSet {
        let rawValue: UInt16
        static let host = FieldsSeen(rawValue: 1 << 0)
        static let contentLength = FieldsSeen(rawValue: 1 << 1)
        static let transferEncoding = FieldsSeen(rawValue: 1 << 2)
        static let origin = FieldsSeen(rawValue: 1 << 3)
        static let webSocketKey = FieldsSeen(rawValue: 1 << 4)
        static let webSocketVersion = FieldsSeen(rawValue: 1 << 5)
        static let expect = FieldsSeen(rawValue: 1 << 6)
        static let unknownCoding = FieldsSeen(rawValue: 1 << 7)
        static let ifNoneMatch = FieldsSeen(rawValue: 1 << 8)
        static let idempotencyKey = FieldsSeen(rawValue: 1 << 9)
        static let executionDelay = FieldsSeen(rawValue: 1 << 10)
        static let lastEventID = FieldsSeen(rawValue: 1 << 11)
        static let accessControl = FieldsSeen(rawValue: 1 << 12)
        /// Those of which no more is kept than a ``HeadMemory`` remembers.
        static let remembered: FieldsSeen = [.host, .contentLength, .transferEncoding, .expect]
    }

    /// A parser at the beginning of a head.
    public init(limits: HTTPLimits) {
        self.limits = limits
    }

    /// Forgets the last head: the next bytes begin another.
    @inline(__always)
    public mutating func reset() {
        head.reset()
        lineStart = 0
        seen = 0
        requestLineIsRead = false
        fieldsStart = nil
        fields = []
    }

    /// Whether a part of a head has been seen, so that its sender may be asked to hurry.
    public var hasBegun: Bool { seen > 0 }

    /// Looks at all bytes that have arrived since the head began. `memory` spares it what it has read before.
    public mutating func parse(_ bytes: Span<UInt8>, recalling memory: inout HeadMemory) -> Result {
        if seen == 0, let end = memory.recallWhole(bytes, into: &head) { return .complete(consumed: end) }
        let result = read(bytes, recalling: &memory)
        if case .complete(let end) = result { memory.remember(bytes.extracting(0..<end), as: head) }
        return result
    }

    private mutating func read(_ bytes: Span<UInt8>, recalling memory: inout HeadMemory) -> Result {
        if seen > 0, !hasLineEnd(bytes) {
            seen = bytes.count
            return overLimit(bytes.count).map(Result.invalid) ?? .incomplete
        }
        do throws(HTTPFault) {
            if !requestLineIsRead {
                // Asked here, too: hardly any request has one, and a call costs as much as the rest.
                if lineStart < bytes.count, bytes[lineStart] == ASCII.carriageReturn {
                    try skipEmptyLines(bytes)
                }
                guard let next = try readRequestLine(bytes) else { return try pause(bytes) }
                requestLineIsRead = true
                lineStart = next
                if head.minorVersion >= 1, head.authority.isEmpty {
                    if let end = memory.recallFields(
                        bytes, from: next, upTo: limits.headBytesMax, into: &head)
                    {
                        return .complete(consumed: end)
                    }
                    fieldsStart = next
                }
            }
            while true {
                switch try readField(bytes, recalling: &memory) {
                case .next(let next):
                    lineStart = next
                case .end(let end):
                    if end > limits.headBytesMax { throw headTooLarge(end) }
                    try checkWhole()
                    if let fieldsStart, fields.isSubset(of: .remembered) {
                        memory.remember(
                            fields: bytes.extracting(fieldsStart..<end), from: fieldsStart, of: head)
                    }
                    return .complete(consumed: end)
                case .incomplete:
                    return try pause(bytes)
                }
            }
        } catch {
            return .invalid(error)
        }
    }

    private func hasLineEnd(_ bytes: Span<UInt8>) -> Bool {
        var at = seen
        while at < bytes.count {
            if bytes[at] == ASCII.lineFeed { return true }
            at &+= 1
        }
        return false
    }

    private mutating func pause(_ bytes: Span<UInt8>) throws(HTTPFault) -> Result {
        seen = bytes.count
        if let fault = overLimit(bytes.count) { throw fault }
        return .incomplete
    }

    private func overLimit(_ count: Int) -> HTTPFault? {
        if !requestLineIsRead, count - lineStart > limits.requestLineBytesMax {
            return lineTooLong(count - lineStart)
        }
        return count > limits.headBytesMax ? headTooLarge(count) : nil
    }

    func lineTooLong(_ given: Int) -> HTTPFault {
        HTTPFault(
            .uriTooLong, "The request line is too long.", limit: .requestLine(limits.requestLineBytesMax),
            givenBytes: given)
    }

    func headTooLarge(_ given: Int) -> HTTPFault {
        HTTPFault(
            .requestHeaderFieldsTooLarge, "The head of the request is too large.",
            limit: .head(limits.headBytesMax), givenBytes: given)
    }

    /// Empty lines before a request are left over from a sloppy one before it (RFC 9112 section 2.2).
    @inline(never)
    private mutating func skipEmptyLines(_ bytes: Span<UInt8>) throws(HTTPFault) {
        while lineStart < bytes.count, bytes[lineStart] == ASCII.carriageReturn {
            guard lineStart &+ 1 < bytes.count else { return }
            guard bytes[lineStart &+ 1] == ASCII.lineFeed else {
                throw .malformed("A carriage return stands alone before the request line.")
            }
            lineStart &+= 2
            if lineStart > limits.requestLineBytesMax { throw lineTooLong(lineStart) }
        }
    }

    /// The rules that need the whole head.
    private func checkWhole() throws(HTTPFault) {
        if !fields.contains(.host), head.minorVersion >= 1 {
            throw .malformed("Host is missing.")
        }
        if fields.contains(.transferEncoding) {
            if fields.contains(.contentLength) {
                throw .malformed("Content-Length and Transfer-Encoding must not come together.")
            }
            if head.minorVersion == 0 {
                throw .malformed("HTTP/1.0 has no Transfer-Encoding.")
            }
            if fields.contains(.unknownCoding) {
                throw HTTPFault(.notImplemented, "The only transfer coding known here is chunked.")
            }
        }
        if case .length(let length) = head.framing, length > limits.bodyBytesMax {
            throw .bodyTooLarge(limitBytes: limits.bodyBytesMax, givenBytes: length)
        }
    }
}
