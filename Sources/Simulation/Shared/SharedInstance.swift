import Platform
import Redis

/// One of the instances that share a market: a platform on a network of its own, and its way to Redis.
final class SharedInstance {
    let number: Int
    let platform: Platform
    let network: Network
    let market: RedisMarket
    let connector: FakeRedisConnector
    /// The tick at which it began.
    let startTick: Int
    /// Until when it may be in trouble, as far as is known.
    var troubleUntilNanoseconds: UInt64
    /// Something has been told to it in this turn.
    var isTouched = true
    /// How late its next timer is.
    var lateNanoseconds: UInt64 = 0
    /// When it was told to stop.
    var stopNanoseconds: UInt64?
    /// The ticks at which followers were told that the market was replaced.
    var replacementTicks: Set<Int> = []
    /// How often the market was replaced in its time.
    var replacementCount = 0

    init(
        number: Int, platform: Platform, network: Network, market: RedisMarket,
        connector: FakeRedisConnector, startTick: Int, troubleUntilNanoseconds: UInt64
    ) {
        self.number = number
        self.platform = platform
        self.network = network
        self.market = market
        self.connector = connector
        self.startTick = startTick
        self.troubleUntilNanoseconds = troubleUntilNanoseconds
    }

    /// When its timer goes off next, at whole milliseconds, or later.
    var deadlineNanoseconds: UInt64? {
        guard let next = network.host.nextDeadlineNanoseconds else { return nil }
        let wait = max(next, Network.startNanoseconds) - Network.startNanoseconds
        return (wait + 999_999) / 1_000_000 * 1_000_000 + lateNanoseconds
    }

    /// Whether it may have been in trouble at a moment or after it.
    func wasTroubled(since nanoseconds: UInt64) -> Bool {
        troubleUntilNanoseconds >= nanoseconds || connector.connections.contains { $0.isHalfOpen }
    }
}
