import HTTP1
import WebSocket

extension Session {
    /// Sets the deadline anew, by what the session is waiting for.
    func restartClock() {
        let limits = host.limits
        let milliseconds: UInt64 =
            if isWaitingForRoom {
                limits.stallMilliseconds
            } else {
                switch phase {
                case .head where isHeadTimed: limits.headMilliseconds
                case .head: host.isStopping ? limits.stopIdleMilliseconds : limits.idleMilliseconds
                case .body: limits.bodyMilliseconds
                case .replying, .ending: limits.stallMilliseconds
                case .webSocket: limits.pingMilliseconds
                case .streaming: limits.heartbeatMilliseconds
                case .webSocketClosing: limits.closeMilliseconds
                case .lingering, .closed: limits.lingerMilliseconds
                }
            }
        isPinged = false
        deadlineNanoseconds = host.deadline(in: milliseconds)
    }

    /// Acts on a deadline that has passed. To be called between turns, when the host's output is empty.
    func expire() {
        if isWaitingForRoom {
            expireWaiting()
            return
        }
        guard !isQueued else {
            // It is we who are late: the session has not had its turn.
            restartClock()
            return
        }
        switch phase {
        case .head where partial == nil:
            if !host.isStopping { host.counts.countHit(.idleTime) }
            close()
        case .head, .body:
            host.counts.countHit(phase == .head ? .headTime : .bodyTime)
            let name: StaticString = phase == .head ? "head" : "body"
            let limit = phase == .head ? host.limits.headMilliseconds : host.limits.bodyMilliseconds
            let request = partial?.request
            partial = nil
            isHeld = false
            refuse(
                Problem(
                    .requestTimeout, "The \(name) of the request took longer than \(limit) ms to arrive."),
                of: request?.request.head.method ?? .other,
                head: request?.head.unsafeBuffer ?? UnsafeBufferPointer(start: nil, count: 0))
            withExtendedLifetime(request) {}
            flush()
        case .webSocket where !isPinged:
            FrameWriter.append(.ping, payload: .init(start: nil, count: 0), to: &host.output)
            isPinged = true
            deadlineNanoseconds = host.deadline(in: host.limits.pongMilliseconds)
            flush()
        case .webSocket:
            host.counts.countHit(.pongTime)
            drop()
        case .streaming:
            host.application.heartbeat(on: self, into: &host.output)
            restartClock()
            flush()
        case .replying where isDeferred:
            // The application answers when its time has come, however long that takes.
            restartClock()
        case .replying, .ending, .webSocketClosing, .lingering:
            host.counts.countHit(
                phase == .webSocketClosing ? .closeTime : phase == .lingering ? .lingerTime : .stallTime)
            close()
        case .closed:
            break
        }
    }

    /// Drops a peer that has taken nothing of what is queued for it since the last look; a slow one is let
    /// be.
    private func expireWaiting() {
        guard let pending else { return }
        let untakenBytes = transport.queuedBytes
        guard untakenBytes < pending.untakenBytes else {
            host.counts.countHit(.stallTime)
            drop()
            return
        }
        pending.untakenBytes = untakenBytes
        restartClock()
    }
}
