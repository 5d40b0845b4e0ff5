import Orders
import Platform

extension TradeLoop {
    /// What a server is to be like. The defaults are those of the program, but for a free port and a fixed
    /// seed.
    public struct Settings: Sendable {
        /// How the market's time passes.
        public enum Clock: Sendable {
            /// As the system's does.
            case running
            /// Only by ``TradeLoop/advance(milliseconds:)``: a test waits for nothing, and the same requests
            /// in the same order have the same events in every run. Only orders go by it; time-outs of
            /// connections go by the system's clock.
            case stepped
        }

        /// The address to listen on: an IPv4 or IPv6 literal, or a name, which is resolved by blocking the
        /// caller.
        public var host = "127.0.0.1"
        /// The port to listen on; 0 for a free one.
        public var port: UInt16 = 0
        /// From placing an order to its execution at the earliest, in milliseconds: 0 to 86,400,000, and not
        /// above ``maxDelayMilliseconds``.
        public var minDelayMilliseconds = 1_000
        /// From placing an order to its execution at the latest, in milliseconds: 0 to 86,400,000.
        public var maxDelayMilliseconds = 5_000
        /// What the delays are drawn from: the same seed gives the same orders the same delays.
        public var delaySeed: UInt64 = 0
        /// How the market's time passes.
        public var clock = Clock.running
        /// Orders stored at most, from 3 to 1,000,000,000: past it `POST` is answered 503. Three are there
        /// from the start.
        public var ordersMax = 10_000_000
        /// Connections served at a time, from 1 to 1,000,000: one more is answered 503. The limit of open
        /// files of this process may allow fewer; it is not changed.
        public var connectionsMax = 65_536
        /// Web pages that may trade besides those on loopback: origins such as `https://desk.example`, or `*`
        /// for all.
        public var allowedOrigins: [String] = []
        /// Hosts that requests may be for besides loopback names, where the server is bound to loopback; `*`
        /// for all.
        public var allowedHosts: [String] = []
        /// Whether `/control` is served: time, reset and failure at the request of whoever asks.
        public var isControllable = false

        /// The defaults.
        public init() {}

        static let delayRange = 0...Int(DelayPolicy.delayMillisecondsMax)
        private static let ordersRange = OrderStore.exampleCount...1_000_000_000
        private static let connectionsRange = 1...1_000_000

        /// The settings as the platform has them.
        func platformSettings() throws(TradeLoopError) -> PlatformSettings {
            try Settings.check("minDelayMilliseconds", minDelayMilliseconds, in: Settings.delayRange)
            try Settings.check("maxDelayMilliseconds", maxDelayMilliseconds, in: Settings.delayRange)
            try Settings.check("ordersMax", ordersMax, in: Settings.ordersRange)
            try Settings.check("connectionsMax", connectionsMax, in: Settings.connectionsRange)
            guard minDelayMilliseconds <= maxDelayMilliseconds else {
                throw .invalidValue(
                    "minDelayMilliseconds must be at most maxDelayMilliseconds, which is "
                        + "\(maxDelayMilliseconds), not \(minDelayMilliseconds).")
            }
            var settings = PlatformSettings()
            settings.minDelayMilliseconds = UInt32(minDelayMilliseconds)
            settings.maxDelayMilliseconds = UInt32(maxDelayMilliseconds)
            settings.delaySeed = delaySeed
            settings.isClockPaused = clock == .stepped
            settings.ordersMax = ordersMax
            settings.connectionsMax = connectionsMax
            settings.allowedOrigins = allowedOrigins.map { $0.lowercased() }
            settings.allowedHosts = allowedHosts.map { $0.lowercased() }
            settings.isControllable = isControllable
            return settings
        }

        private static func check(
            _ name: String, _ value: Int, in range: ClosedRange<Int>
        ) throws(TradeLoopError) {
            guard range.contains(value) else {
                throw .invalidValue(
                    "\(name) must be from \(range.lowerBound) to \(range.upperBound), not \(value).")
            }
        }
    }
}
