import Bytes
import HTTP1
import Orders
import Sessions

/// A page of a list: sent when all of it is found, as its head tells whether another one follows.
final class PageReply: LongReply {
    private let query: ListQuery
    private let limit: Int
    private var nextID: Int64
    private let lastID: Int64
    /// The last event when the search began: all rows are at least as new.
    private let sequence: UInt64
    private var rows = ByteWriter()
    private var rowCount = 0
    private var lastRowID: Int64 = 0

    init(
        _ query: ListQuery, limit: Int, lastID: Int64, sequence: UInt64, _ answer: Answer,
        _ head: Span<UInt8>, era: UInt64
    ) {
        self.query = query
        self.limit = limit
        nextID = query.afterID + 1
        self.lastID = lastID
        self.sequence = sequence
        super.init(answer, head, era: era)
        rows.append("[")
    }

    override func goOn(_ platform: Platform, on session: Session, into output: inout ByteWriter) -> Reply {
        var looksLeft = platform.work.rowsExaminedMax
        while nextID <= lastID {
            guard looksLeft > 0 else { return .more }
            looksLeft -= 1
            guard let order = platform.store.order(nextID) else { preconditionFailure("ids are dense") }
            nextID += 1
            guard query.filter.accepts(order) else { continue }
            // One more than fits: there is a next page.
            guard rowCount < limit else { return finish(platform, on: session, hasNext: true, into: &output) }
            if rowCount > 0 { rows.append(", ") }
            rowCount += 1
            lastRowID = order.id
            OrderJSON(order).append(to: &rows)
        }
        return finish(platform, on: session, hasNext: false, into: &output)
    }

    private func finish(
        _ platform: Platform, on session: Session, hasNext: Bool, into output: inout ByteWriter
    ) -> Reply {
        rows.append("]")
        let answer = answerNow(platform, on: session)
        return withHead { head in
            platform.tellList(rows.unsafeBytes, asOf: sequence, answer, head, into: &output) { output in
                if hasNext { query.appendLink(afterID: lastRowID, to: &output) }
            }
        }
    }
}
