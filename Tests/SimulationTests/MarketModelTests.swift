import Testing
@testable import Simulation

/// The market's clock as it has to be.
@Suite struct MarketModelTests {
    @Test func itRunsWithTheHostUntilItIsTold() {
        var clock = MarketModel(openedAt: 5_000_001)
        #expect(clock.now(5_000_002) == 5_000_002 && clock.hostTime(7) == 5_000_001)
        #expect(clock.milliseconds(6_999_999) == 1)
        clock.apply(ClockChange(speedThousandths: 500), 6_000_001)
        #expect(clock.now(6_000_004) == 6_000_002)
        #expect(clock.hostTime(6_000_003) == 6_000_005)
    }

    @Test func itStandsStillAtAWholeMillisecondAndLeapsFromThere() {
        var clock = MarketModel(openedAt: 1_000_000)
        clock.apply(ClockChange(isPaused: true), 1_000_001)
        #expect(clock.now(9_000_000) == 2_000_000 && clock.hostTime(2_000_001) == nil)
        clock.apply(ClockChange(advanceMilliseconds: 3), 9_000_000)
        #expect(clock.now(9_500_000) == 5_000_000)
        clock.apply(ClockChange(isPaused: false), 10_000_000)
        #expect(clock.now(10_000_001) == 5_000_001)
    }

    @Test func whatChangesNothingLosesNothing() {
        var clock = MarketModel(openedAt: 0)
        clock.apply(ClockChange(speedThousandths: 1), 0)
        for host in stride(from: UInt64(0), to: 1_000, by: 300) {
            clock.apply(ClockChange(isPaused: false), host)
        }
        #expect(clock.now(1_000) == 1)
    }
}
