import Bytes
import HTTP1
import Sessions

/// An answer that takes more than one turn, a bounded part of it in each.
class LongReply {
    let answer: Answer
    /// Which market the answer is about: what was begun before a reset cannot be ended after it.
    let era: UInt64
    /// Where the answer is to be counted once it has a status; nil where it is counted already.
    var uncountedPlace: Int?
    /// The head of the request, which the end of the answer may have to quote from.
    private var head = ByteWriter()

    init(_ answer: Answer, _ head: Span<UInt8>, era: UInt64) {
        self.answer = answer
        self.era = era
        self.head.append(head)
    }

    /// Whether the answer can still be given when the market that it is about is no more.
    var outlivesReset: Bool { false }

    func withHead<Result>(_ body: (Span<UInt8>) -> Result) -> Result { body(head.unsafeBuffer.span) }

    /// How the answer is given if its head is written now: a server that is being stopped gives it as the
    /// connection's last, though it was asked before.
    func answerNow(_ platform: Platform, on session: Session) -> Answer {
        guard platform.host.isStopping else { return answer }
        session.closeAfterReply()
        return answer.asLast
    }

    /// Appends the next part.
    func goOn(_ platform: Platform, on session: Session, into output: inout ByteWriter) -> Reply {
        preconditionFailure("each kind of reply has its own")
    }
}
