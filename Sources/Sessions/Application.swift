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

/// What is served: it answers requests and takes messages, and knows nothing of how they arrive. To be
/// subclassed.
///
/// All calls come from the one loop, one at a time, and none may block.
///
/// It is a class because an object of a class can be lent for a call: one that is known by a protocol alone
/// would be counted with every request, by two atomic operations that wait for all that was written before.
open class Application {
    /// The sessions that the application is served through.
    public let host: SessionHost

    /// An application with a host of its own, for sessions within these limits.
    public init(limits: SessionLimits) {
        host = SessionHost(limits: limits)
        host.serve(self)
    }

    /// Answers one whole request, by appending to `output`. The ranges in `request.head` are offsets in
    /// `head`; `body` is decoded. Both are borrowed.
    open func respond(
        to request: Request, head: Span<UInt8>, body: Span<UInt8>, on session: Session,
        into output: inout ByteWriter
    ) -> Reply {
        preconditionFailure("every application answers requests")
    }

    /// Appends the next part of an answer, about as much as fits into one write. There is none.
    open func continueReply(on session: Session, into output: inout ByteWriter) -> Reply { .done }

    /// A part of a message arrived: text, checked to be UTF-8, or binary. It is not listened to.
    open func received(
        _ kind: Opcode, _ data: UnsafeRawBufferPointer, endOfMessage: Bool, on session: Session,
        into output: inout ByteWriter
    ) {}

    /// A stream was silent for ``SessionLimits/heartbeatMilliseconds``: appends a sign of life.
    open func heartbeat(on session: Session, into output: inout ByteWriter) {}

    /// What the session could not send before has been taken: it has room again.
    open func hasRoom(_ session: Session) {}

    /// The session is over, whatever it was.
    open func ended(_ session: Session) {}

    /// The sessions are about to be closed: what they have not been sent has to go now.
    open func willStop() {}

    /// When the application has something to do next, by the host's clock, if nothing arrives before.
    open var nextDeadlineNanoseconds: UInt64? { nil }

    /// Finishes a turn of the loop: sends what happened in it. Answers whether work is left.
    open func finishTurn() -> Bool { false }

    /// A turn of the loop has ended, so long after the loop woke: only a driver with a clock says so.
    open func turnEnded(afterNanoseconds duration: UInt64) {}
}
