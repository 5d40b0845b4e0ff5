import Testing

@testable import Redis

/// When orders are asked to be executed.
@Suite struct RedisExecutionTests {
    private static let millisecond: UInt64 = 1_000_000
    /// Some moment by the clock of Redis, in microseconds.
    private static let epoch: Int64 = 1_700_000_000_000_000

    private func opened(next: Int64? = -1, at now: UInt64 = 0) -> RedisExecution {
        var execution = RedisExecution()
        execution.opened(next: next, time: Self.epoch, askedAt: now)
        return execution
    }

    @Test func nothingIsAskedWhereNothingIsDue() {
        #expect(opened().nextNanoseconds == nil)
    }

    @Test func theFirstOrderIsAskedForByOnesOwnClock() {
        var execution = opened(at: 500)
        execution.placed(due: Self.epoch / 1_000 + 30)
        execution.placed(due: Self.epoch / 1_000 + 10)
        execution.placed(due: Self.epoch / 1_000 + 20)
        #expect(execution.nextNanoseconds == 500 + 10 * Self.millisecond)
    }

    @Test func whatIsDueAlreadyIsAskedForAtOnce() {
        #expect(opened(next: Self.epoch / 1_000 - 7, at: 500).nextNanoseconds == 500)
    }

    @Test func nothingIsAskedTwiceAtATime() {
        var execution = opened(next: Self.epoch / 1_000)
        execution.began(at: 7)
        execution.placed(due: Self.epoch / 1_000)
        #expect(execution.isRunning && execution.nextNanoseconds == nil)
        execution.ended(count: 1, next: -1, time: Self.epoch + 100)
        // The one that came meanwhile may not have been seen.
        #expect(execution.nextNanoseconds == 7)
    }

    @Test func whoFindsNothingStandsByUntilItFindsSome() {
        let due = Self.epoch / 1_000
        var execution = opened(next: due)
        execution.began(at: 0)
        execution.ended(count: 0, next: due + 5, time: Self.epoch)
        #expect(execution.nextNanoseconds == 25 * Self.millisecond)
        execution.began(at: 0)
        execution.ended(count: 2, next: due + 5, time: Self.epoch)
        #expect(execution.nextNanoseconds == 5 * Self.millisecond)
    }

    @Test func whoIsEarlyDoesNotStandBy() {
        let due = Self.epoch / 1_000 + 1
        var execution = opened(next: due)
        execution.began(at: 10)
        execution.ended(count: 0, next: due, time: Self.epoch + 900)
        #expect(execution.nextNanoseconds == 100_010)
    }

    /// The clock of Redis may be set forward meanwhile.
    @Test func theTimeIsAskedForNowAndThen() {
        let due = Self.epoch / 1_000 + 60_000
        var execution = opened(next: due)
        #expect(execution.nextNanoseconds == 5_000_000_000)
        execution.began(at: 5_000_000_000)
        execution.ended(count: 0, next: due, time: Self.epoch + 59_999_000)
        #expect(execution.nextNanoseconds == 5_000_000_000 + Self.millisecond)
    }

    @Test func whatWasRefusedIsAskedAgainAfterAPause() {
        var execution = opened(next: Self.epoch / 1_000)
        execution.began(at: 0)
        execution.failed(at: 1_000)
        #expect(execution.nextNanoseconds == 1_000 + RedisExecution.failurePauseNanoseconds)
    }

    /// What was not heard may be due at once, and says nothing of what others do.
    @Test func whoHasMissedEventsAsksWhatIsDue() {
        var execution = opened(next: Self.epoch / 1_000 + 30, at: 500)
        execution.missed()
        #expect(execution.nextNanoseconds == 500)
        execution.began(at: 600)
        execution.ended(count: 0, next: Self.epoch / 1_000 + 10, time: Self.epoch)
        #expect(execution.nextNanoseconds == 600 + 10 * Self.millisecond)
    }
}
