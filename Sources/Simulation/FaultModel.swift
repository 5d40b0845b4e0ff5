import Platform

/// What goes wrong as it has to: chance drawn by a generator of our own.
struct FaultModel {
    private(set) var seed: UInt64 = 0
    private(set) var refuse: UInt64 = 0
    private(set) var delay: UInt64 = 0
    private(set) var delayMilliseconds: ClosedRange<UInt64> = 0...0
    private(set) var reset: UInt64 = 0
    private(set) var dropSubscriber: UInt64 = 0
    private var generator = SeededGenerator(seed: 0)
    /// Whether the generator stands where the server's does: not once subscribers are dropped, as nobody sees
    /// who was spared.
    private var isKnown = true

    /// Whether requests may be faulted.
    var actsOnRequests: Bool { refuse > 0 || delay > 0 || reset > 0 }

    mutating func apply(_ change: FaultChange) {
        if let seed = change.seed {
            self.seed = seed
            generator = SeededGenerator(seed: seed)
            isKnown = true
        }
        refuse = change.refuse ?? refuse
        delay = change.delay ?? delay
        delayMilliseconds = change.delayMilliseconds ?? delayMilliseconds
        reset = change.reset ?? reset
        dropSubscriber = change.dropSubscriber ?? dropSubscriber
        if dropSubscriber > 0 { isKnown = false }
    }

    /// Whether chance decides so on the next request.
    mutating func agrees(with verdict: FaultPlan.Verdict) -> Bool {
        let held = UInt64(verdict.delayMilliseconds)
        guard isKnown else { return held == 0 || delay > 0 && delayMilliseconds.contains(held) }
        let draws = (0..<4).map { _ in Double(generator.next() >> 11) / 9_007_199_254_740_992 }
        func isSo(_ draw: Double, _ thousandths: UInt64) -> Bool { draw < Double(thousandths) / 1_000 }
        let (lower, upper) = (delayMilliseconds.lowerBound, delayMilliseconds.upperBound)
        let length = lower + UInt64(draws[2] * Double(upper - lower + 1))
        return verdict.isRefused == isSo(draws[0], refuse) && verdict.isReset == isSo(draws[3], reset)
            && held == (isSo(draws[1], delay) ? length : 0)
    }

    /// As the state of the control tells it.
    var json: String {
        "{\"seed\": \(seed), \"refuse\": \(Decimal.text(refuse)), \"delay\": \(Decimal.text(delay)), "
            + "\"delayMinMs\": \(delayMilliseconds.lowerBound), "
            + "\"delayMaxMs\": \(delayMilliseconds.upperBound), \"reset\": \(Decimal.text(reset)), "
            + "\"dropSubscriber\": \(Decimal.text(dropSubscriber))}"
    }
}
