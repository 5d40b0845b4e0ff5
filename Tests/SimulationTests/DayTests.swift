import Simulation
import Testing

/// Whole days of trading, from seeds that nobody has chosen.
@Suite struct DayTests {
    /// Where the new days of this run begin; printed, so that a day that goes wrong can be had again.
    private static let base: UInt64 = {
        let base = UInt64.random(in: 1...1_000_000_000_000)
        print("simulated days begin at seed \(base)")
        return base
    }()
    private static let newDays: UInt64 = 250

    @Test func newDaysAddUp() {
        for seed in Self.base..<Self.base + Self.newDays {
            let outcome = Day.run(seed: seed)
            guard let fault = outcome.fault else { continue }
            Issue.record("seed \(seed): \(fault)\n\(outcome.lastSteps.joined(separator: "\n"))")
            return
        }
    }

    /// Days that have found a fault once.
    @Test(arguments: [50, 200, 1_011_353, 1_241_371, 621_564_827_960] as [UInt64])
    func daysThatWentWrongAddUp(seed: UInt64) {
        #expect(Day.run(seed: seed).fault == nil)
    }

    @Test func aDayIsTheSameWheneverItIsRun() {
        for seed: UInt64 in 1...6 {
            let first = Day.run(seed: seed)
            let second = Day.run(seed: seed)
            #expect(first.traceHash == second.traceHash && first.stepCount == second.stepCount)
        }
        #expect(Set((1...6 as ClosedRange<UInt64>).map { Day.run(seed: $0).traceHash }).count == 6)
    }

    @Test func daysAreFullOfTrade() {
        let outcomes = (1...20 as ClosedRange<UInt64>).map { Day.run(seed: $0) }
        #expect(outcomes.map(\.orderCount).reduce(0, +) > 20 * 10)
        #expect(outcomes.map(\.clientCount).reduce(0, +) > 20 * 5)
        #expect(outcomes.map(\.simulatedNanoseconds).reduce(0, +) > 20 * 10_000_000_000)
    }

    @Test func stepsAreToldAsTheyHappen() {
        var steps: [String] = []
        let outcome = Day.run(seed: 7) { steps.append($0) }
        #expect(steps.count == outcome.stepCount && steps.count > 50)
        #expect(outcome.lastSteps.isEmpty)
    }
}
