import Bytes
import HTTP1

/// How answers get into the access log. Only called where there is one.
extension Session {
    /// Notes the answer to a request, which begins at `start` of the host's output.
    @inline(never)
    func note(_ head: UnsafeBufferPointer<UInt8>, answeredFrom start: Int, in log: AccessLog) {
        log.begin(
            AccessLog.Answer(peer: transport.peer, date: host.time.date, head: head),
            status: host.answeredStatus, part: output(from: start), isLast: phase != .replying, for: self)
    }

    /// Notes a further part of an answer, which begins at `start` of the host's output.
    @inline(never)
    func notePart(from start: Int, in log: AccessLog) {
        log.goOn(
            for: self, status: host.answeredStatus, part: output(from: start), isLast: phase != .replying)
    }

    private func output(from start: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: host.output.unsafeBytes[start...])
    }
}
