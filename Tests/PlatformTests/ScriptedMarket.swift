import Orders

/// A shared market in a test, which answers what it is told to, when it is told to.
final class ScriptedMarket: SharedMarket {
    weak var follower: (any MarketFollower)?
    var presence = MarketPresence.here {
        didSet { follower?.marketPresenceChanged() }
    }
    var census = MarketCensus()
    var lateness = DurationHistogram()
    var traffic = MarketTraffic()
    var nextDeadlineNanoseconds: UInt64?
    /// What was asked and is not answered.
    private(set) var placements: [(MarketPlacement, (MarketResult<MarketPlacement.Outcome>) -> Void)] = []
    private(set) var cancellations: [(Int64, (MarketResult<OrderStore.Cancellation>) -> Void)] = []
    private(set) var questions: [(Int64, (MarketResult<SharedOrder?>) -> Void)] = []
    private(set) var ranges: [(ClosedRange<Int64>, (MarketResult<[SharedOrder]>) -> Void)] = []
    private(set) var positions: [(MarketResult<MarketPosition>) -> Void] = []

    func place(
        _ placement: MarketPlacement, then: @escaping (MarketResult<MarketPlacement.Outcome>) -> Void
    ) { placements.append((placement, then)) }

    func cancel(_ id: Int64, then: @escaping (MarketResult<OrderStore.Cancellation>) -> Void) {
        cancellations.append((id, then))
    }

    func order(_ id: Int64, then: @escaping (MarketResult<SharedOrder?>) -> Void) {
        questions.append((id, then))
    }

    func orders(_ ids: ClosedRange<Int64>, then: @escaping (MarketResult<[SharedOrder]>) -> Void) {
        ranges.append((ids, then))
    }

    func position(then: @escaping (MarketResult<MarketPosition>) -> Void) { positions.append(then) }

    func finishTurn(atNanoseconds now: UInt64) {}
    func close() {}

    // MARK: Answers

    func answerPlacement(_ result: MarketResult<MarketPlacement.Outcome>) {
        placements.removeFirst().1(result)
    }

    func answerCancellation(_ result: MarketResult<OrderStore.Cancellation>) {
        cancellations.removeFirst().1(result)
    }

    func answerQuestion(_ result: MarketResult<SharedOrder?>) { questions.removeFirst().1(result) }

    func answerPosition(_ result: MarketResult<MarketPosition>) { positions.removeFirst()(result) }

    /// Answers ranges with orders that are all the same but for their ids.
    func answerRanges(_ failure: MarketFailure? = nil) {
        let asked = ranges
        ranges = []
        for (ids, then) in asked {
            let orders = ids.map {
                SharedOrder(id: $0, quantity: 1, stocks: Array("A".utf8), status: .pending)
            }
            then(failure.map { .failure($0) } ?? .success(orders))
        }
    }
}
