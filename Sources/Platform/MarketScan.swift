import Orders

/// A walk through the orders of a shared market, some blocks at a time.
final class MarketScan {
    /// Blocks that are asked for at once: as many orders as a list has in one of its parts.
    static let blocksMax = 8

    private var nextID: Int64
    private let lastID: Int64
    private let filter: OrderFilter

    /// A walk from the order behind `afterID` to `lastID`.
    init(after afterID: Int64, through lastID: Int64, _ filter: OrderFilter) {
        nextID = afterID + 1
        self.lastID = lastID
        self.filter = filter
    }

    /// Whether all have been seen.
    var isAtEnd: Bool { nextID > lastID }

    /// Finds the next orders, in order of their ids; of some blocks there may be none that are wanted.
    func read(_ market: any SharedMarket, then: @escaping (MarketResult<[SharedOrder]>) -> Void) {
        var ranges: [ClosedRange<Int64>] = []
        while !isAtEnd, ranges.count < Self.blocksMax {
            let upper = min(lastID, MarketBlock.lastID(with: nextID))
            ranges.append(nextID...upper)
            nextID = upper + 1
        }
        guard !ranges.isEmpty else { return then(.success([])) }
        let filter = filter
        var found: [[SharedOrder]] = []
        var failure: MarketFailure?
        var unanswered = ranges.count
        for range in ranges {
            // Answers come in the order of the questions.
            market.orders(range) { result in
                switch result {
                case .success(let orders):
                    found.append(orders.filter { order in order.withOrder { filter.accepts($0) } })
                case .failure(let reason): failure = failure ?? reason
                }
                unanswered -= 1
                guard unanswered == 0 else { return }
                then(failure.map { .failure($0) } ?? .success(Array(found.joined())))
            }
        }
    }
}
