import Bytes
import HTTP1
import Orders
import Sessions

/// A list of a shared market's orders: whole where it is short, else in parts as they are found.
final class MarketListReply: MarketReply {
    private let query: ListQuery
    private var scan: MarketScan?
    private var orders: [SharedOrder]?
    private var hasBegun = false
    private var hasRows = false

    init(_ query: ListQuery, _ answer: Answer, _ head: Span<UInt8>, era: UInt64) {
        self.query = query
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
        guard let orders else {
            ask(on: session, { scan.read(market, then: $0) }, take: { self.orders = $0 })
            return nil
        }
        self.orders = nil
        platform.scratch.reset(keeping: 1_048_576)
        if !hasBegun { platform.scratch.append("[") }
        for order in orders {
            if hasRows { platform.scratch.append(", ") }
            hasRows = true
            order.withOrder { OrderJSON($0).append(to: &platform.scratch) }
        }
        if scan.isAtEnd { platform.scratch.append("]") }
        guard hasBegun || !scan.isAtEnd else {
            let answer = answerNow(platform, on: session)
            return withHead { head in
                platform.tellList(
                    platform.scratch.unsafeBytes, asOf: position.lastSequence, answer, head, into: &output)
            }
        }
        if !hasBegun {
            let answer = answerNow(platform, on: session)
            withHead { head in
                platform.beginList(asOf: position.lastSequence, answer, head, on: session, into: &output)
            }
            if answer.request.isHead { return .done }
            hasBegun = true
        }
        // Where there is nothing to append, the market may be asked for more at once.
        if platform.scratch.isEmpty { return nil }
        return platform.appendListPart(answer, isLast: scan.isAtEnd, to: &output)
    }

    override func fail(
        _ failure: MarketFailure, _ platform: Platform, on session: Session, into output: inout ByteWriter
    ) -> Reply {
        guard hasBegun else { return super.fail(failure, platform, on: session, into: &output) }
        // What was sent of it cannot be taken back: the client has to see that it is not whole.
        session.closeAfterReply()
        session.drop()
        return .done
    }
}
