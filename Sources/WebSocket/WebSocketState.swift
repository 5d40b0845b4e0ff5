/// The receiving half of one connection: frames in, steps out.
///
/// Everything in RFC 6455 sections 5, 7.4 and 8 that a server must refuse is refused here. It holds no bytes:
/// data is handed on as it arrives, unmasked where it lies; what is too short to act on stays with the
/// caller.
///
/// Call ``next(_:_:)`` until it answers ``Step/incomplete``, ``Step/close(code:reason:)`` or
/// ``Step/failed(_:reason:)``; keep the bytes from `offset` on and present them again with more behind them.
public struct WebSocketState: Sendable {
    /// The most bytes that stay with the caller, 130: the longest control frame, one byte short of whole.
    public static let keptBytesMax = FrameHeader.controlBytesMax - 1

    /// What the bytes amount to. Ranges are positions in the buffer that ``WebSocketState/next(_:_:)`` was
    /// given.
    public enum Step {
        /// Needs more bytes.
        case incomplete
        /// The next part of a message of that kind, text or binary; text is UTF-8 as far as it goes, but a
        /// part may end inside a character. The last part of a message may be empty.
        case data(Opcode, payload: Range<Int>, endOfMessage: Bool)
        /// A ping, to be answered by a pong with the same payload (RFC 6455 section 5.5.2).
        case ping(payload: Range<Int>)
        /// A pong, asked for or not (RFC 6455 section 5.5.3).
        case pong(payload: Range<Int>)
        /// The peer closes, with a code that may stand in an answer, or none, and a reason in UTF-8. The
        /// answer echoes the code (RFC 6455 section 5.5.1).
        case close(code: CloseCode?, reason: Range<Int>)
        /// The connection is to be failed with this code; the reason is one short sentence that names the
        /// rule or the limit.
        case failed(CloseCode, reason: StaticString)
    }

    // In each of 10,000 connections: ordered so that nothing is lost between the fields, 44 bytes.
    private let limits: WebSocketLimits
    /// What is still to come of the data frame that is being received; 0 between frames.
    private var frameBytesLeft = 0
    /// The payload of the message so far, as its headers announced it; at most `limits.messageBytesMax`.
    private var messageBytes = 0
    private var maskingKey = MaskingKey(rawValue: 0)
    /// The frames of the message so far; at most `limits.fragmentsMax`.
    private var fragments: UInt32 = 0
    private var utf8 = UTF8Validator()
    /// Text or binary while a message is being received, nil between messages.
    private var kind: Opcode?
    /// Whether the data frame that is being received ends its message.
    private var frameIsFinal = false
    /// Whether a close frame came or the peer broke a rule: nothing after that counts.
    private var isOver = false

    /// A connection on which nothing has arrived.
    public init(limits: WebSocketLimits) {
        self.limits = limits
    }

    /// Looks at what stands in `bytes` from `offset` on, and moves `offset` past what is done with.
    ///
    /// A payload that is handed out is unmasked in place. A header or a control frame that is cut is not
    /// touched: with ``Step/incomplete``, at most ``keptBytesMax`` bytes are left from `offset` on. After
    /// ``Step/close(code:reason:)`` and ``Step/failed(_:reason:)``, every call passes over everything.
    public mutating func next(_ bytes: UnsafeMutableBufferPointer<UInt8>, _ offset: inout Int) -> Step {
        precondition(offset >= 0 && offset <= bytes.count)
        guard !isOver else {
            offset = bytes.count
            return .incomplete
        }
        do throws(FrameFault) {
            return try step(bytes, &offset)
        } catch {
            isOver = true
            offset = bytes.count
            return .failed(error.code, reason: error.reason)
        }
    }

    private mutating func step(
        _ bytes: UnsafeMutableBufferPointer<UInt8>, _ offset: inout Int
    ) throws(FrameFault) -> Step {
        // Goes round only for an empty frame inside a message; `fragmentsMax` bounds it.
        while frameBytesLeft == 0 {
            let arrived = UnsafeMutableBufferPointer(rebasing: bytes[offset...]).span
            guard arrived.count >= FrameHeader.startBytes else { return .incomplete }
            let header = try FrameHeader(arrived[0], arrived[1])
            if !header.opcode.isControl { try admit(header) }
            guard let payloadBytes = try header.payloadBytes(in: arrived) else { return .incomplete }
            if header.opcode.isControl {
                guard arrived.count - header.count >= payloadBytes else { return .incomplete }
                let key = MaskingKey(arrived, at: header.keyOffset)
                let payload = offset + header.count..<offset + header.count + payloadBytes
                offset = payload.upperBound
                return try control(header.opcode, bytes, payload, key)
            }
            guard payloadBytes <= limits.messageBytesMax - messageBytes else { throw .messageTooBig }
            guard arrived.count >= header.count else { return .incomplete }
            maskingKey = MaskingKey(arrived, at: header.keyOffset)
            offset += header.count
            begin(header, payloadBytes: payloadBytes)
            if payloadBytes == 0 && header.isFinal { break }
        }
        guard offset < bytes.count || frameBytesLeft == 0 else { return .incomplete }
        return try data(bytes, &offset)
    }

    /// Refuses a data frame that does not fit where the message is (RFC 6455 section 5.4).
    private func admit(_ header: FrameHeader) throws(FrameFault) {
        if header.opcode == .continuation {
            guard kind != nil else { throw .continuationWithoutStart }
            guard fragments < limits.fragmentsMax else { throw .tooManyFragments }
        } else {
            guard kind == nil else { throw .startInsideMessage }
        }
    }

    private mutating func begin(_ header: FrameHeader, payloadBytes: Int) {
        if header.opcode != .continuation { kind = header.opcode }
        frameIsFinal = header.isFinal
        frameBytesLeft = payloadBytes
        messageBytes += payloadBytes
        fragments += 1
    }

    /// Hands on what has arrived of the data frame that is being received.
    private mutating func data(
        _ bytes: UnsafeMutableBufferPointer<UInt8>, _ offset: inout Int
    ) throws(FrameFault) -> Step {
        guard let kind else { preconditionFailure("a data frame is received outside a message") }
        let payload = offset..<offset + min(frameBytesLeft, bytes.count - offset)
        var part = UnsafeMutableBufferPointer(rebasing: bytes[payload]).mutableSpan
        maskingKey.apply(to: &part)
        if kind == .text {
            guard utf8.validate(part.span) else { throw .textNotUTF8 }
        }
        offset = payload.upperBound
        frameBytesLeft -= payload.count
        guard frameBytesLeft == 0 && frameIsFinal else {
            return .data(kind, payload: payload, endOfMessage: false)
        }
        guard utf8.isComplete else { throw .textNotUTF8 }
        self.kind = nil
        messageBytes = 0
        fragments = 0
        return .data(kind, payload: payload, endOfMessage: true)
    }

    /// Answers a control frame that has arrived whole.
    private mutating func control(
        _ opcode: Opcode, _ bytes: UnsafeMutableBufferPointer<UInt8>, _ payload: Range<Int>, _ key: MaskingKey
    ) throws(FrameFault) -> Step {
        var key = key
        var content = UnsafeMutableBufferPointer(rebasing: bytes[payload]).mutableSpan
        key.apply(to: &content)
        if opcode == .ping { return .ping(payload: payload) }
        if opcode == .pong { return .pong(payload: payload) }

        isOver = true
        guard payload.count > 0 else { return .close(code: nil, reason: payload) }
        guard payload.count >= 2 else { throw .closeWithoutCode }
        let code = CloseCode(rawValue: UInt16(content[0]) << 8 | UInt16(content[1]))
        guard code.isValidOnTheWire else { throw .closeCodeInvalid }
        var reason = UTF8Validator()
        guard reason.validate(content.span.extracting(droppingFirst: 2)), reason.isComplete else {
            throw .closeReasonNotUTF8
        }
        return .close(code: code, reason: payload.lowerBound + 2..<payload.upperBound)
    }
}
