/// The time by which orders fall due: that of the host, unless someone has it stand still, leap or run at
/// another speed.
struct MarketClock {
    /// One thousand is the host's own speed.
    static let thousandthsRange: ClosedRange<UInt64> = 1...1_000_000
    private static let nanosecondsPerMillisecond: UInt64 = 1_000_000

    /// A moment, by both clocks, from which the market's goes on as it does.
    private var hostAnchor: UInt64
    private var marketAnchor: UInt64
    /// When the market opened, by its own clock: the whole millisecond before, as delays end at whole ones.
    private let openedNanoseconds: UInt64
    private(set) var isPaused = false
    /// How fast it runs, in thousandths of the host's speed.
    private(set) var speedThousandths: UInt64 = 1_000

    /// A market that opens now, and goes by the host's clock to the nanosecond; or one that stands still at
    /// its whole millisecond 0.
    init(openedAt hostNanoseconds: UInt64, isPaused: Bool = false) {
        hostAnchor = hostNanoseconds
        openedNanoseconds = hostNanoseconds - hostNanoseconds % Self.nanosecondsPerMillisecond
        marketAnchor = isPaused ? openedNanoseconds : hostNanoseconds
        self.isPaused = isPaused
    }

    /// The market's time.
    @inline(__always)
    func now(atHost hostNanoseconds: UInt64) -> UInt64 {
        if isPaused || hostNanoseconds <= hostAnchor { return marketAnchor }
        let passed = hostNanoseconds &- hostAnchor
        return marketAnchor &+ (speedThousandths == 1_000 ? passed : scaled(passed, speedThousandths, 1_000))
    }

    /// When the market's clock will show a time, by the host's; nil while it stands still before it.
    func hostTime(ofMarket marketNanoseconds: UInt64) -> UInt64? {
        if marketNanoseconds <= marketAnchor { return hostAnchor }
        if isPaused { return nil }
        let wait = marketNanoseconds - marketAnchor
        if speedThousandths == 1_000 { return hostAnchor + wait }
        // Rounded up, so that the time has come when it is looked at; far off is as good as never.
        let scaledWait = scaled(wait, 1_000, speedThousandths)
        return hostAnchor.addingReportingOverflow(scaledWait).overflow ? nil : hostAnchor + scaledWait + 1
    }

    /// `value` times `numerator`, divided by `denominator`; as large as can be where it is larger.
    private func scaled(_ value: UInt64, _ numerator: UInt64, _ denominator: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: numerator)
        guard product.high < denominator else { return .max >> 1 }
        return min(denominator.dividingFullWidth(product).quotient, .max >> 1)
    }

    /// Milliseconds since the market opened.
    func milliseconds(_ marketNanoseconds: UInt64) -> UInt64 {
        (max(marketNanoseconds, openedNanoseconds) - openedNanoseconds) / Self.nanosecondsPerMillisecond
    }

    // MARK: Changes

    /// Has the clock stand still or run on. It stands still at a whole millisecond, the next one, so that
    /// what is placed then is due after its delay to the nanosecond.
    mutating func setPaused(_ isPaused: Bool, atHost hostNanoseconds: UInt64) {
        guard isPaused != self.isPaused else { return }
        anchor(atHost: hostNanoseconds)
        if isPaused {
            let unit = Self.nanosecondsPerMillisecond
            let past = marketAnchor % unit
            marketAnchor += past == 0 ? 0 : unit - past
        }
        self.isPaused = isPaused
    }

    /// Has the clock run at another speed from now on.
    mutating func setSpeed(thousandths: UInt64, atHost hostNanoseconds: UInt64) {
        precondition(Self.thousandthsRange.contains(thousandths))
        anchor(atHost: hostNanoseconds)
        speedThousandths = thousandths
    }

    /// Has the clock leap.
    mutating func advance(milliseconds: UInt64, atHost hostNanoseconds: UInt64) {
        anchor(atHost: hostNanoseconds)
        marketAnchor += milliseconds * Self.nanosecondsPerMillisecond
    }

    private mutating func anchor(atHost hostNanoseconds: UInt64) {
        marketAnchor = now(atHost: hostNanoseconds)
        hostAnchor = max(hostAnchor, hostNanoseconds)
    }
}
