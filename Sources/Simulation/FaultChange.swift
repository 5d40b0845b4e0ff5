/// What is asked to go wrong. Probabilities are in thousandths.
struct FaultChange {
    var seed: UInt64?
    var refuse: UInt64?
    var delay: UInt64?
    var delayMilliseconds: ClosedRange<UInt64>?
    var reset: UInt64?
    var dropSubscriber: UInt64?

    /// The body of the request.
    var body: String {
        var parts: [String] = []
        if let seed { parts.append("\"seed\": \(seed)") }
        if let refuse { parts.append("\"refuse\": \(Decimal.text(refuse))") }
        if let delay { parts.append("\"delay\": \(Decimal.text(delay))") }
        if let delayMilliseconds {
            parts.append("\"delayMinMs\": \(delayMilliseconds.lowerBound)")
            parts.append("\"delayMaxMs\": \(delayMilliseconds.upperBound)")
        }
        if let reset { parts.append("\"reset\": \(Decimal.text(reset))") }
        if let dropSubscriber { parts.append("\"dropSubscriber\": \(Decimal.text(dropSubscriber))") }
        return "{\(parts.joined(separator: ", "))}"
    }

    /// That nothing goes wrong any more.
    static let none = FaultChange(refuse: 0, delay: 0, reset: 0, dropSubscriber: 0)

    static func any(_ generator: inout SeededGenerator) -> FaultChange {
        if generator.once(in: 3) { return none }
        var change = FaultChange()
        let chances: [UInt64] = [0, 100, 250, 500, 1_000]
        if generator.once(in: 2) { change.seed = UInt64(generator.below(1_000_000)) }
        if generator.once(in: 2) { change.refuse = generator.one(of: chances) }
        if generator.once(in: 2) { change.delay = generator.one(of: chances) }
        if generator.once(in: 2) {
            let start = generator.one(of: [0, 1, generator.below(2_000)])
            let end = start + generator.one(of: [0, 1, generator.below(2_000), generator.below(60_000)])
            change.delayMilliseconds = UInt64(start)...UInt64(end)
        }
        if generator.once(in: 3) { change.reset = generator.one(of: chances) }
        if generator.once(in: 3) { change.dropSubscriber = generator.one(of: chances) }
        return change
    }
}
