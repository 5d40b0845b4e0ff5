/// How closely the loop's turns follow each other.
struct TurnPace {
    /// As long as turns are that far apart at the most, in the mean, they are brisk.
    private static let briskNanoseconds: UInt64 = 125_000
    /// A longer pause counts as one of this length, so that the first turns after it tell.
    private static let pauseNanoseconds: UInt64 = 1_000_000

    private var lastTurnNanoseconds: UInt64 = 0
    /// The mean of the time between turns: that of the last eight or so counts for most of it.
    private var meanNanoseconds = Self.pauseNanoseconds

    /// Notes a turn at this moment, which never goes back.
    mutating func note(turnAtNanoseconds now: UInt64) {
        let pause = min(now - lastTurnNanoseconds, Self.pauseNanoseconds)
        lastTurnNanoseconds = now
        meanNanoseconds = (7 * meanNanoseconds + pause) / 8
    }

    /// Whether the next turn is to be expected within a small part of a millisecond.
    var isBrisk: Bool { meanNanoseconds <= Self.briskNanoseconds }
}
