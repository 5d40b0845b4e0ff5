import Bytes
import HTTP1
import Orders
import Sessions

/// A list that is sent in parts, each of them written when its turn comes.
final class ListReply: LongReply {
    private let filter: OrderFilter
    private var nextID: Int64
    /// Orders that came after the request are not in its answer.
    private let lastID: Int64
    private var hasBegun = false
    private var hasRows = false

    init(_ query: ListQuery, lastID: Int64, _ answer: Answer, _ head: Span<UInt8>, era: UInt64) {
        filter = query.filter
        nextID = query.afterID + 1
        self.lastID = lastID
        super.init(answer, head, era: era)
    }

    override func goOn(_ platform: Platform, on session: Session, into output: inout ByteWriter) -> Reply {
        platform.scratch.reset(keeping: 1_048_576)
        if !hasBegun { platform.scratch.append("[") }
        hasBegun = true
        var rowsLeft = platform.work.rowsPerPartMax
        var looksLeft = platform.work.rowsExaminedMax
        while nextID <= lastID, rowsLeft > 0, looksLeft > 0 {
            looksLeft -= 1
            guard let order = platform.store.order(nextID) else { preconditionFailure("ids are dense") }
            nextID += 1
            guard filter.accepts(order) else { continue }
            rowsLeft -= 1
            if hasRows { platform.scratch.append(", ") }
            hasRows = true
            OrderJSON(order).append(to: &platform.scratch)
        }
        let isLast = nextID > lastID
        if isLast { platform.scratch.append("]") }
        return platform.appendListPart(answer, isLast: isLast, to: &output)
    }
}
