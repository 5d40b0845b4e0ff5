import Bytes
import HTTP1
import Orders
import Sessions

/// A market that several instances share: its orders are asked for, and its events are told.
extension Platform: MarketFollower {
    /// Has the platform serve a market that is kept elsewhere. To be called once, before anything is served.
    public func share(_ market: any SharedMarket) {
        precondition(!settings.isControllable, "time and failure are not an instance's to control")
        self.market = market
        isShared = true
        market.follower = self
    }

    /// How many orders there are.
    var census: MarketCensus {
        if let market { return market.census }
        var census = MarketCensus()
        census.count = store.count
        census.executedCount = store.executedCount
        census.cancelledCount = store.cancelledCount
        return census
    }

    // MARK: What the market tells

    /// The events of the market are told from here on.
    public func marketBegan(after sequence: UInt64, _ reason: MarketBeginning) {
        store.beginLog(after: sequence)
        switch reason {
        case .opened:
            break
        case .replaced:
            era += 1
            feed.reset(.serviceRestart, reason: "The market was replaced. Connect again.")
            tellAwaiting(.failure(.away)) { _ in true }
        case .missed:
            feed.reset(.tryAgainLater, reason: "Events were missed. Connect again.")
        }
    }

    /// An order has changed.
    public func marketChanged(_ event: OrderEvent, sequence: UInt64) {
        store.note(event, sequence: sequence)
        if !awaited.isEmpty { tellAwaiting(.success(())) { $0 <= sequence } }
        relievePressure()
    }

    /// The market can be asked again, or can no longer.
    public func marketPresenceChanged() {
        if market?.presence != .here { tellAwaiting(.failure(.away)) { _ in true } }
    }

    /// Tells when an event has been heard: `then` is called once, later on.
    func awaitEvent(_ sequence: UInt64, then: @escaping (MarketResult<Void>) -> Void) {
        guard market?.presence == .here else { return then(.failure(.away)) }
        awaited.append((sequence, then))
    }

    private func tellAwaiting(_ result: MarketResult<Void>, where isMeant: (UInt64) -> Bool) {
        let told = awaited.filter { isMeant($0.sequence) }
        awaited.removeAll { isMeant($0.sequence) }
        for waiting in told { waiting.then(result) }
    }

    // MARK: Answers

    /// Refuses what the market could not do.
    func refuse(
        _ failure: MarketFailure, isRepeatable: Bool, _ answer: Answer, _ head: Span<UInt8>,
        into output: inout ByteWriter
    ) -> Reply {
        let soon: StaticString = "Retry-After: 1\r\n"
        switch failure {
        case .away:
            let problem = Problem(
                .serviceUnavailable, "The market cannot be reached at present. Nothing was done; try again.")
            return refuse(problem, answer, head, fields: soon, into: &output)
        case .refused(let words):
            let problem = Problem(
                .serviceUnavailable,
                "The market refuses this at present: \(words). Nothing was done; try again.")
            return refuse(problem, answer, head, fields: soon, into: &output)
        case .unknown where answer.request.head.method != .post:
            let problem = Problem(
                .serviceUnavailable, "The market has not answered. To send the request again does no harm.")
            return refuse(problem, answer, head, fields: soon, into: &output)
        case .unknown:
            let known = "The market has not answered: the order may have been placed, or not."
            let advice =
                isRepeatable
                ? "Send it again with the same Idempotency-Key: it is placed once."
                : "With an Idempotency-Key it could be sent again without harm."
            return refuse(
                Problem(.gatewayTimeout, "\(known) \(advice)"), answer, head,
                fields: isRepeatable ? soon : "",
                into: &output)
        }
    }

    /// Why nobody can follow a market that has never been reached, or nil.
    var marketProblem: Problem? {
        guard let market, market.presence == .opening else { return nil }
        return Problem(.serviceUnavailable, "The market has not been reached yet. Try again.")
    }

    /// Whether a subscription has to wait for an event that this instance has not heard of yet.
    func hasToWait(for since: UInt64?) -> Bool {
        guard let since, market != nil else { return false }
        return since > store.log.lastSequence
    }
}
