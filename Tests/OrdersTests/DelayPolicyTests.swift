import Orders
import Testing

@Suite struct DelayPolicyTests {
    /// Pinned: whoever replays a run by its seed gets the delays that it had then.
    @Test func delaysOfASeedNeverChange() {
        let policy = DelayPolicy(minMilliseconds: 1_000, maxMilliseconds: 5_000, seed: 42)
        #expect(
            [1, 2, 3, 4, 1_000_000].map(policy.delayMilliseconds) == [3_385, 1_641, 1_665, 1_192, 4_166])
    }

    @Test func sameSeedSameDelaysInAnyOrder() {
        let first = DelayPolicy(minMilliseconds: 0, maxMilliseconds: 86_400_000, seed: 9)
        let second = DelayPolicy(minMilliseconds: 0, maxMilliseconds: 86_400_000, seed: 9)
        let forwards = (Int64(1)...1_000).map(first.delayMilliseconds)
        let backwards = (Int64(1)...1_000).reversed().map(second.delayMilliseconds)
        #expect(forwards == backwards.reversed())
    }

    /// The timing of other orders has no part in a delay: the store draws by id alone.
    @Test func storeDrawsByIdAlone() {
        for (id, pause) in [(Int64(1), UInt64(0)), (2, 777), (3, 123_456_789)] {
            var store = makeStore()
            for other in 1..<id { _ = store.place(at: UInt64(other) * pause) }
            let now = UInt64(id) * pause
            #expect(store.place(at: now) == id)
            for other in 1..<id { _ = store.cancel(other) }
            let due = now + UInt64(usualDelays.delayMilliseconds(for: id)) * millisecond
            let tick = (due + millisecond - 1) / millisecond * millisecond
            store.executeAll(at: tick - 1)
            #expect(store.order(id)?.status == .pending)
            store.executeAll(at: tick)
            #expect(store.order(id)?.status == .executed)
        }
    }

    @Test func bothBoundsAreReachedAndNotPassed() {
        let policy = DelayPolicy(minMilliseconds: 10, maxMilliseconds: 12, seed: 5)
        let delays = Set((Int64(1)...1_000).map(policy.delayMilliseconds))
        #expect(delays == [10, 11, 12])

        let usual = Set((Int64(1)...100_000).map(usualDelays.delayMilliseconds))
        #expect(usual.min() == 1_000)
        #expect(usual.max() == 5_000)
    }

    @Test(arguments: [0, 1, 3_000, DelayPolicy.delayMillisecondsMax])
    func equalBoundsLeaveNoChoice(milliseconds: UInt32) {
        let policy = DelayPolicy(minMilliseconds: milliseconds, maxMilliseconds: milliseconds, seed: 8)
        for id in Int64(1)...100 { #expect(policy.delayMilliseconds(for: id) == milliseconds) }
    }

    @Test func differentSeedsDiffer() {
        var seen: Set<[UInt32]> = []
        for seed in UInt64(0)..<1_000 {
            let policy = DelayPolicy(minMilliseconds: 1_000, maxMilliseconds: 5_000, seed: seed)
            seen.insert((Int64(1)...4).map(policy.delayMilliseconds))
        }
        #expect(seen.count == 1_000)
    }

    /// Chi-square over all 4,001 delays: 4,000 degrees of freedom, standard deviation 89; within 5 of those.
    /// Too even fails as well as too uneven.
    @Test(arguments: [UInt64(0), 1, 2, 42, .max])
    func delaysAreSpreadEvenly(seed: UInt64) {
        let policy = DelayPolicy(minMilliseconds: 1_000, maxMilliseconds: 5_000, seed: seed)
        let ids = 100_000
        var counts = [Int](repeating: 0, count: 4_001)
        for id in 1...ids { counts[Int(policy.delayMilliseconds(for: Int64(id))) - 1_000] += 1 }
        let expected = Double(ids) / Double(counts.count)
        let chiSquare = counts.reduce(0.0) {
            $0 + (Double($1) - expected) * (Double($1) - expected) / expected
        }
        #expect(abs(chiSquare - 4_000) < 5 * 89)
    }

    /// Neighbouring ids are not alike: the correlation of one delay with the next is within 5 / sqrt(n).
    @Test func neighboursAreIndependent() {
        let delays = (Int64(1)...100_000).map { Double(usualDelays.delayMilliseconds(for: $0)) - 3_000 }
        let variance = delays.reduce(0) { $0 + $1 * $1 }
        let covariance = zip(delays, delays.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(covariance / variance) < 0.016)
    }
}
