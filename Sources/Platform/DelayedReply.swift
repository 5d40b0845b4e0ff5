import Bytes
import HTTP1
import Sessions

/// An answer that is held back for a while, with what follows it.
final class DelayedReply: LongReply {
    private let held: ByteWriter
    private let next: Reply
    private let nextAttachment: AnyObject?

    /// - Parameters:
    ///   - output: what is held back begins at `start`, and is taken out of it.
    ///   - next: how the answer goes on then, and what the session has attached for it.
    init(
        _ output: inout ByteWriter, from start: Int, next: Reply, nextAttachment: AnyObject?,
        _ answer: Answer, _ head: Span<UInt8>, era: UInt64
    ) {
        var held = ByteWriter(capacity: output.count - start)
        held.append(UnsafeRawBufferPointer(rebasing: output.unsafeBytes[start...]))
        output.truncate(to: start)
        self.held = held
        self.next = next
        self.nextAttachment = nextAttachment
        super.init(answer, head, era: era)
    }

    override func goOn(_ platform: Platform, on session: Session, into output: inout ByteWriter) -> Reply {
        output.append(held.unsafeBytes)
        session.attachment = nextAttachment
        return next
    }
}
