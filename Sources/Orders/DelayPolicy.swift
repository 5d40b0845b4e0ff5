/// How long each order waits before it is executed: whole milliseconds, uniform between two inclusive bounds.
///
/// A pure function of the seed and the order's id, so the same orders get the same delays in every run,
/// whatever their timing.
public struct DelayPolicy: Sendable {
    /// The longest delay, one day: the longest that a trading session is simulated for.
    public static let delayMillisecondsMax: UInt32 = 86_400_000

    /// The shortest delay that is drawn.
    public let minMilliseconds: UInt32
    /// The longest delay that is drawn.
    public let maxMilliseconds: UInt32
    /// Where this seed's sequence begins.
    private let origin: UInt64

    /// Delays of `minMilliseconds`...`maxMilliseconds`, both included; the larger is at most
    /// ``delayMillisecondsMax`` and not below the smaller.
    public init(minMilliseconds: UInt32, maxMilliseconds: UInt32, seed: UInt64) {
        precondition(minMilliseconds <= maxMilliseconds)
        precondition(maxMilliseconds <= Self.delayMillisecondsMax)
        self.minMilliseconds = minMilliseconds
        self.maxMilliseconds = maxMilliseconds
        // Mixed once, so that neighbouring seeds start far apart instead of sharing a shifted sequence.
        origin = Self.mixed(seed)
    }

    /// The delay of one order.
    ///
    /// The 64-bit hash is scaled by a multiplication, which favours no delay by more than 1 in 2^37: the
    /// range is at most 2^27 wide.
    public func delayMilliseconds(for orderID: Int64) -> UInt32 {
        let step: UInt64 = 0x9E37_79B9_7F4A_7C15  // 2^64 divided by the golden ratio, odd
        let hash = Self.mixed(origin &+ UInt64(bitPattern: orderID) &* step)
        let width = UInt64(maxMilliseconds - minMilliseconds) + 1
        return minMilliseconds + UInt32(truncatingIfNeeded: hash.multipliedFullWidth(by: width).high)
    }

    /// The finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
