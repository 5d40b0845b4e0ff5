/// What is asked of the market's clock.
struct ClockChange {
    var isPaused: Bool?
    var speedThousandths: UInt64?
    var advanceMilliseconds: UInt64?

    /// The body of the request.
    var body: String {
        var parts: [String] = []
        if let isPaused { parts.append("\"paused\": \(isPaused)") }
        if let speedThousandths { parts.append("\"speed\": \(Decimal.text(speedThousandths))") }
        if let advanceMilliseconds { parts.append("\"advanceMs\": \(advanceMilliseconds)") }
        return "{\(parts.joined(separator: ", "))}"
    }

    static func any(_ generator: inout SeededGenerator) -> ClockChange {
        var change = ClockChange()
        if generator.once(in: 2) { change.isPaused = generator.once(in: 2) }
        if generator.once(in: 3) {
            let speeds: [UInt64] = [1_000, 1_000, 2_000, 10_000, 1_000_000, 500, 2_500, 1]
            change.speedThousandths = generator.one(of: speeds)
        }
        if generator.once(in: 2) {
            change.advanceMilliseconds = UInt64(
                generator.one(of: [0, 1, generator.below(3_000), generator.below(3_000), 86_400_000]))
        }
        return change
    }
}
