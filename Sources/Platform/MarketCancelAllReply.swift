import Bytes
import HTTP1
import Orders
import Sessions

/// The cancellation of all of a shared market's orders that are pending, or of those for one text. Others may
/// cancel the same ones meanwhile: counted are those that this request has cancelled.
final class MarketCancelAllReply: MarketReply {
    private let filter: OrderFilter
    private var scan: MarketScan?
    private var orders: [SharedOrder] = []
    private var cancelledCount = 0

    init(_ filter: OrderFilter, _ answer: Answer, _ head: Span<UInt8>, era: UInt64) {
        self.filter = filter
        super.init(answer, head, era: era)
    }

    override func step(
        _ market: any SharedMarket, _ platform: Platform, on session: Session, into output: inout ByteWriter
    ) -> Reply? {
        guard let position else {
            askPosition(of: market, on: session)
            return nil
        }
        // Orders that came after the request are not meant.
        let scan = scan ?? MarketScan(after: 0, through: position.lastOrderID, filter)
        self.scan = scan
        guard orders.isEmpty else {
            let orders = orders
            self.orders = []
            ask(
                on: session, { Self.cancel(orders, in: market, then: $0) },
                take: { self.cancelledCount += $0 })
            return nil
        }
        guard scan.isAtEnd else {
            ask(on: session, { scan.read(market, then: $0) }, take: { self.orders = $0 })
            return nil
        }
        let answer = answerNow(platform, on: session)
        return withHead { head in
            platform.tellCancelled(cancelledCount, answer, head, into: &output)
        }
    }

    override func fail(
        _ failure: MarketFailure, _ platform: Platform, on session: Session, into output: inout ByteWriter
    ) -> Reply {
        // Some may have been cancelled before.
        super.fail(
            failure == .away && position != nil ? .unknown : failure, platform, on: session, into: &output)
    }

    /// Cancels orders. `then` is told how many there were to cancel.
    private static func cancel(
        _ orders: [SharedOrder], in market: any SharedMarket, then: @escaping (MarketResult<Int>) -> Void
    ) {
        var unanswered = orders.count
        var cancelled = 0
        var failure: MarketFailure?
        for order in orders {
            market.cancel(order.id) { result in
                switch result {
                case .success(let outcome): cancelled += outcome == .cancelled ? 1 : 0
                case .failure(let reason): failure = failure ?? reason
                }
                unanswered -= 1
                if unanswered == 0 { then(failure.map { .failure($0) } ?? .success(cancelled)) }
            }
        }
    }
}
