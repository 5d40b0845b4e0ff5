import Bytes
import WebSocket

extension Session {
    /// Reads frames until the input ends or output has to go first. Answers whether there may be more to do.
    func readFrames(_ input: UnsafeMutableBufferPointer<UInt8>, _ offset: inout Int) -> Bool {
        guard let webSocket, offset < input.count else { return false }
        if phase == .webSocket { restartClock() }
        switch webSocket.state.next(input, &offset) {
        case .incomplete:
            return false
        case .data(let kind, let payload, let endOfMessage):
            if phase == .webSocket {
                host.application.received(
                    kind, part(of: input, payload), endOfMessage: endOfMessage, on: self,
                    into: &host.output)
            }
        case .ping(let payload):
            if phase == .webSocket {
                FrameWriter.append(.pong, payload: part(of: input, payload), to: &host.output)
            }
        case .pong:
            break
        case .close(let code, _):
            if phase == .webSocket { FrameWriter.appendClose(code, reason: "", to: &host.output) }
            phase = .ending
        case .failed(let code, let reason):
            // Of the faults of frames, these two codes stand for a limit each.
            if code == .messageTooBig { host.counts.countHit(.webSocketMessage) }
            if code == .policyViolation { host.counts.countHit(.webSocketFragments) }
            if phase == .webSocket { FrameWriter.appendClose(code, reason: reason, to: &host.output) }
            phase = .ending
        }
        return true
    }

    private func part(
        of input: UnsafeMutableBufferPointer<UInt8>, _ range: Range<Int>
    ) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(input)[range])
    }

    /// Begins the closing handshake from our side (RFC 6455 section 7.1.2). To be called between turns, when
    /// the host's output is empty.
    public func closeWebSocket(_ code: CloseCode, reason: StaticString) {
        guard phase == .webSocket else { return }
        guard !isWaitingForRoom else {
            // It follows what is being taken; who takes nothing is dropped in time.
            webSocket?.closeDue = CloseDue(code, reason: reason)
            return
        }
        FrameWriter.appendClose(code, reason: reason, to: &host.output)
        phase = .webSocketClosing
        restartClock()
        flush()
    }
}
