import Simulation
import Testing

/// Whole days of several instances that share a market, from seeds that nobody has chosen.
@Suite struct SharedDayTests {
    /// Where the new days of this run begin; printed, so that a day that goes wrong can be had again.
    private static let base: UInt64 = {
        let base = UInt64.random(in: 1...1_000_000_000_000)
        print("simulated shared days begin at seed \(base)")
        return base
    }()
    private static let newDays: UInt64 = 60

    @Test func newDaysAddUp() {
        for seed in Self.base..<Self.base + Self.newDays {
            let outcome = SharedDay.run(seed: seed)
            guard let fault = outcome.fault else { continue }
            Issue.record("shared seed \(seed): \(fault)\n\(outcome.lastSteps.joined(separator: "\n"))")
            return
        }
    }

    /// Days that have found a fault once.
    @Test(arguments: [4, 30, 4088, 1_000_579, 1_007_096, 1_019_851] as [UInt64])
    func daysThatWentWrongAddUp(seed: UInt64) {
        #expect(SharedDay.run(seed: seed).fault == nil)
    }

    @Test func aDayIsTheSameWheneverItIsRun() {
        for seed: UInt64 in 1...6 {
            let first = SharedDay.run(seed: seed)
            let second = SharedDay.run(seed: seed)
            #expect(first.traceHash == second.traceHash && first.stepCount == second.stepCount)
        }
        #expect(Set((1...6 as ClosedRange<UInt64>).map { SharedDay.run(seed: $0).traceHash }).count == 6)
    }

    @Test func daysAreFullOfTrade() {
        let outcomes = (1...8 as ClosedRange<UInt64>).map { SharedDay.run(seed: $0) }
        #expect(outcomes.map(\.orderCount).reduce(0, +) > 8 * 10)
        #expect(outcomes.map(\.clientCount).reduce(0, +) > 8 * 5)
        #expect(outcomes.map(\.simulatedNanoseconds).reduce(0, +) > 8 * 10_000_000_000)
    }
}
