import Bytes
import HTTP1
import Orders
import Sessions

/// The cancellation of all orders that are pending, or of those for one text: some in each turn.
final class CancelAllReply: LongReply {
    private let filter: OrderFilter
    private var nextID: Int64 = 1
    /// Orders that came after the request are not meant.
    private let lastID: Int64
    private var cancelledCount = 0

    init(_ filter: OrderFilter, lastID: Int64, _ answer: Answer, _ head: Span<UInt8>, era: UInt64) {
        self.filter = filter
        self.lastID = lastID
        super.init(answer, head, era: era)
    }

    override func goOn(_ platform: Platform, on session: Session, into output: inout ByteWriter) -> Reply {
        var looksLeft = platform.work.rowsExaminedMax
        var cancellationsLeft = platform.work.executionsPerTurnMax
        while nextID <= lastID {
            guard looksLeft > 0, cancellationsLeft > 0 else { return .more }
            looksLeft -= 1
            let id = nextID
            nextID += 1
            guard let order = platform.store.order(id), filter.accepts(order) else { continue }
            guard platform.store.cancel(id) == .cancelled else { preconditionFailure("it was pending") }
            cancellationsLeft -= 1
            cancelledCount += 1
            platform.relievePressure()
        }
        let answer = answerNow(platform, on: session)
        return withHead { head in
            platform.tellCancelled(cancelledCount, answer, head, into: &output)
        }
    }
}
