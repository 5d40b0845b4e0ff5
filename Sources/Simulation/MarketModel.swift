/// The market's clock as it has to be, in numbers wide enough not to think about them.
struct MarketModel {
    private var hostAnchor: UInt64
    private var marketAnchor: UInt64
    private let openedMilliseconds: UInt64
    private(set) var isPaused = false
    private(set) var speedThousandths: UInt64 = 1_000

    init(openedAt host: UInt64) {
        hostAnchor = host
        marketAnchor = host
        openedMilliseconds = host / 1_000_000
    }

    /// The market's time.
    func now(_ host: UInt64) -> UInt64 {
        guard !isPaused else { return marketAnchor }
        return marketAnchor + UInt64(UInt128(host - hostAnchor) * UInt128(speedThousandths) / 1_000)
    }

    /// The first moment by the host's clock at which it is that late; nil while the clock stands before it.
    func hostTime(_ market: UInt64) -> UInt64? {
        if market <= marketAnchor { return hostAnchor }
        guard !isPaused else { return nil }
        let speed = UInt128(speedThousandths)
        let wait = (UInt128(market - marketAnchor) * 1_000 + speed - 1) / speed
        return hostAnchor + UInt64(min(wait, UInt128(UInt64.max / 4)))
    }

    /// Milliseconds since the market opened.
    func milliseconds(_ market: UInt64) -> UInt64 { market / 1_000_000 - openedMilliseconds }

    mutating func apply(_ change: ClockChange, _ host: UInt64) {
        // What changes nothing leaves the fractions of a nanosecond as they are, too.
        let isPausedAnew = change.isPaused.map { $0 != isPaused } ?? false
        guard isPausedAnew || change.speedThousandths != nil || change.advanceMilliseconds != nil else {
            return
        }
        marketAnchor = now(host)
        hostAnchor = host
        if let isPaused = change.isPaused, isPaused != self.isPaused {
            // It stands still at a whole millisecond.
            if isPaused { marketAnchor = (marketAnchor + 999_999) / 1_000_000 * 1_000_000 }
            self.isPaused = isPaused
        }
        if let speed = change.speedThousandths { speedThousandths = speed }
        marketAnchor += (change.advanceMilliseconds ?? 0) * 1_000_000
    }
}
