/// How long something took, counted in buckets: what is shown as a histogram.
///
/// A duration is counted where it fits first, so that recording costs a few comparisons; most durations are
/// short and fit early.
public struct DurationHistogram: Sendable {
    /// The upper bounds of the buckets in nanoseconds, each included; one more bucket takes what is longer.
    /// Close together around two milliseconds, the longest that a turn and an announcement are to take.
    public static let boundsNanoseconds: InlineArray<15, UInt64> = [
        10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 1_500_000, 2_000_000, 3_000_000,
        5_000_000, 10_000_000, 25_000_000, 100_000_000, 1_000_000_000,
    ]

    /// How many durations each bucket holds, those of the buckets before it not among them.
    public private(set) var counts = InlineArray<16, UInt64>(repeating: 0)
    /// All durations together, in nanoseconds.
    public private(set) var sumNanoseconds: UInt64 = 0

    /// A histogram without durations.
    public init() {}

    /// How many durations there are.
    public var count: UInt64 {
        var count: UInt64 = 0
        for index in counts.indices { count += counts[index] }
        return count
    }

    /// Counts so many equal durations.
    public mutating func record(nanoseconds: UInt64, times: UInt64 = 1) {
        var bucket = 0
        while bucket < Self.boundsNanoseconds.count, nanoseconds > Self.boundsNanoseconds[bucket] {
            bucket &+= 1
        }
        counts[bucket] &+= times
        sumNanoseconds &+= nanoseconds &* times
    }
}
