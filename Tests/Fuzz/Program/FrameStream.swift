import WebSocket

/// Reads frames as a session does, and holds the state to its promises about offsets and kept bytes.
struct FrameStream {
    private(set) var received: [ReceivedFrame] = []

    private var state: WebSocketState
    private var kept: [UInt8] = []
    private var isOver = false
    private var kind: Opcode?
    private var message: [UInt8] = []

    init(limits: WebSocketLimits) { state = WebSocketState(limits: limits) }

    /// Reads a piece of the stream.
    mutating func receive(_ piece: ArraySlice<UInt8>) {
        kept = ExactBytes.lend(kept + piece) { bytes in
            var offset = 0
            while true {
                let before = offset
                let step = state.next(bytes, &offset)
                FrameTarget.expect(offset >= before && offset <= bytes.count, "offset \(before) to \(offset)")
                guard take(step, bytes, before..<offset) else { break }
            }
            FrameTarget.expect(
                bytes.count - offset <= WebSocketState.keptBytesMax, "\(bytes.count - offset) bytes are kept")
            FrameTarget.expect(!isOver || offset == bytes.count, "bytes are left after the end")
            return Array(bytes[offset...])
        }
    }

    /// Answers whether there may be more.
    private mutating func take(
        _ step: WebSocketState.Step, _ bytes: UnsafeMutableBufferPointer<UInt8>, _ used: Range<Int>
    ) -> Bool {
        func part(_ range: Range<Int>) -> [UInt8] {
            FrameTarget.expect(
                used.lowerBound <= range.lowerBound && range.upperBound <= used.upperBound,
                "\(range) outside of \(used)")
            return Array(bytes[range])
        }
        if case .incomplete = step { return false }
        FrameTarget.expect(!isOver, "\(step) after the end")
        switch step {
        case .incomplete:
            break
        case .data(let kind, let payload, let endOfMessage):
            FrameTarget.expect(kind == .text || kind == .binary, "data of kind \(kind)")
            FrameTarget.expect(self.kind == nil || self.kind == kind, "\(kind) inside of another message")
            FrameTarget.expect(!payload.isEmpty || endOfMessage, "an empty part that ends nothing")
            message += part(payload)
            self.kind = endOfMessage ? nil : kind
            if endOfMessage {
                received.append(.message(opcode: kind.rawValue, message))
                message = []
            }
        case .ping(let payload): received.append(.ping(part(payload)))
        case .pong(let payload): received.append(.pong(part(payload)))
        case .close(let code, let reason):
            received.append(.close(code: code?.rawValue, reason: part(reason)))
            isOver = true
        case .failed(let code, _):
            received.append(.failed(code.rawValue))
            isOver = true
        }
        return true
    }
}
