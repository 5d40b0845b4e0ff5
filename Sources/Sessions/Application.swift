import Bytes
import HTTP1
import WebSocket

/// How an answer goes on after a call to the application.
public enum Reply {
    /// The answer is whole.
    case done
    /// More of it follows from ``Application/continueReply(on:into:)``, once there is room for it.
    case more
    /// More of it follows in time: nothing is read or sent until ``Session/goOn()`` is called, and then
    /// ``Application/continueReply(on:into:)`` goes on.
    case later
    /// The answer was 101: the connection speaks WebSocket from here on.
    case webSocket
    /// The answer's body has no end: it is sent by ``Session/send(_:_:)`` from here on, and the connection
    /// ends with it.
    case stream
}

/// What is served: it answers requests and takes messages, and knows nothing of how they arrive.
///
/// All calls come from the one loop, one at a time, and none may block.
public protocol Application: AnyObject {
    /// The sessions that the application is served through.
    var host: SessionHost { get }

    /// Answers one whole request, by appending to `output`. The ranges in `request.head` are offsets in
    /// `head`; `body` is decoded. Both are borrowed.
    func respond(
        to request: Request, head: Span<UInt8>, body: Span<UInt8>, on session: Session,
        into output: inout ByteWriter
    ) -> Reply

    /// Appends the next part of an answer, about as much as fits into one write.
    func continueReply(on session: Session, into output: inout ByteWriter) -> Reply

    /// A part of a message arrived: text, checked to be UTF-8, or binary.
    func received(
        _ kind: Opcode, _ data: UnsafeRawBufferPointer, endOfMessage: Bool, on session: Session,
        into output: inout ByteWriter)

    /// A stream was silent for ``SessionLimits/heartbeatMilliseconds``: appends a sign of life.
    func heartbeat(on session: Session, into output: inout ByteWriter)

    /// What the session could not send before has been taken: it has room again.
    func hasRoom(_ session: Session)

    /// The session is over, whatever it was.
    func ended(_ session: Session)

    /// The sessions are about to be closed: what they have not been sent has to go now.
    func willStop()

    /// When the application has something to do next, by the host's clock, if nothing arrives before.
    var nextDeadlineNanoseconds: UInt64? { get }

    /// Finishes a turn of the loop: sends what happened in it. Answers whether work is left.
    func finishTurn() -> Bool

    /// A turn of the loop has ended, so long after the loop woke: only a driver with a clock says so.
    func turnEnded(afterNanoseconds duration: UInt64)
}

extension Application {
    /// Takes no notice.
    public func turnEnded(afterNanoseconds duration: UInt64) {}
}
