import Bytes
import HTTP1
import Sessions

/// The answer to a change of the market's clock: given when all that has fallen due by it is executed, so
/// that whoever hears it knows what has happened.
final class ClockReply: LongReply {
    override func goOn(_ platform: Platform, on session: Session, into output: inout ByteWriter) -> Reply {
        if platform.executeDue() { return .more }
        let answer = answerNow(platform, on: session)
        withHead { head in platform.answerControl(answer, head, into: &output) }
        return .done
    }
}
