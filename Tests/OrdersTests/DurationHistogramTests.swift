import Orders
import Testing

@Suite struct DurationHistogramTests {
    @Test func aDurationIsCountedWhereItFitsFirst() {
        for (index, bound) in Self.bounds.enumerated() {
            for (nanoseconds, bucket) in [(bound, index), (bound + 1, index + 1)] {
                var histogram = DurationHistogram()
                histogram.record(nanoseconds: nanoseconds)
                let counts = histogram.counts.indices.map { histogram.counts[$0] }
                #expect(counts.firstIndex(of: 1) == bucket)
                #expect(histogram.count == 1 && histogram.sumNanoseconds == nanoseconds)
            }
        }
    }

    @Test func boundsGrow() {
        #expect(Self.bounds == Self.bounds.sorted())
        #expect(Set(Self.bounds).count == Self.bounds.count)
        #expect(DurationHistogram().counts.count == Self.bounds.count + 1)
    }

    @Test func manyAtOnceAreThatMany() {
        var histogram = DurationHistogram()
        histogram.record(nanoseconds: 2_000_000, times: 3)
        histogram.record(nanoseconds: 0)
        #expect(histogram.counts[0] == 1 && histogram.counts[8] == 3)
        #expect(histogram.count == 4 && histogram.sumNanoseconds == 6_000_000)
    }

    @Test func ordersAreAsLateAsTheyAre() throws {
        var store = makeStore()
        for delay: UInt32 in [10, 10, 20, 70_000] { _ = try store.placed(delay: delay) }
        let cancelled = try store.placed(delay: 10)
        _ = store.cancel(cancelled)
        store.executeAll(at: 9 * millisecond)
        #expect(store.lateness.count == 0)
        // Two are 12.3 ms late, one is 2.3 ms late; who was cancelled is not.
        store.executeAll(at: 22 * millisecond + 300_000)
        #expect(store.lateness.count == 3)
        #expect(store.lateness.sumNanoseconds == 2 * 12_300_000 + 2_300_000)
        #expect(store.lateness.counts[9] == 1 && store.lateness.counts[12] == 2)
        // The moment that it is due in belongs to the far wheel until then.
        store.executeAll(at: 70_000 * millisecond)
        #expect(store.lateness.count == 4)
        #expect(store.lateness.counts[0] == 1)
    }

    private static let bounds = DurationHistogram.boundsNanoseconds.indices.map {
        DurationHistogram.boundsNanoseconds[$0]
    }
}
