import Bytes
import HTTP1
import Orders
import Sessions

/// A page of a list of a shared market's orders: sent when all of it is found.
final class MarketPageReply: MarketReply {
    private let query: ListQuery
    private let limit: Int
    private var scan: MarketScan?
    private var rows: [SharedOrder] = []

    init(_ query: ListQuery, limit: Int, _ answer: Answer, _ head: Span<UInt8>, era: UInt64) {
        self.query = query
        self.limit = limit
        super.init(answer, head, era: era)
    }

    override func step(
        _ market: any SharedMarket, _ platform: Platform, on session: Session, into output: inout ByteWriter
    ) -> Reply? {
        guard let position else {
            askPosition(of: market, on: session)
            return nil
        }
        let scan = scan ?? MarketScan(after: query.afterID, through: position.lastOrderID, query.filter)
        self.scan = scan
        // One more than fits: there is a next page.
        guard rows.count > limit || scan.isAtEnd else {
            ask(on: session, { scan.read(market, then: $0) }, take: { self.rows += $0 })
            return nil
        }
        let hasNext = rows.count > limit
        platform.scratch.reset(keeping: 1_048_576)
        platform.scratch.append("[")
        for (index, order) in rows.prefix(limit).enumerated() {
            if index > 0 { platform.scratch.append(", ") }
            order.withOrder { OrderJSON($0).append(to: &platform.scratch) }
        }
        platform.scratch.append("]")
        let answer = answerNow(platform, on: session)
        return withHead { head in
            platform.tellList(
                platform.scratch.unsafeBytes, asOf: position.lastSequence, answer, head, into: &output
            ) { output in
                if hasNext { query.appendLink(afterID: rows[limit - 1].id, to: &output) }
            }
        }
    }
}
