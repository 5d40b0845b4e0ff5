import HTTP1
import Orders
import Sessions
import WebSocket

/// What a platform is to be like.
public struct PlatformSettings: Sendable {
    /// From placing an order to its execution at the earliest, in milliseconds.
    public var minDelayMilliseconds: UInt32 = 1_000
    /// From placing an order to its execution at the latest, in milliseconds.
    public var maxDelayMilliseconds: UInt32 = 5_000
    /// What the delays are drawn from: the same seed gives the same orders the same delays.
    public var delaySeed: UInt64 = 0
    /// Orders stored at most; past it `POST` is answered 503. At about 40 bytes each, the default is 400 MB.
    public var ordersMax = 10_000_000
    /// Connections served at a time.
    public var connectionsMax = 65_536
    /// Web pages that may trade besides our own and those on loopback, in lower case; `*`: all.
    public var allowedOrigins: [String] = []
    /// Hosts that requests may be for besides loopback names, in lower case; `*`: all.
    public var allowedHosts: [String] = []
    /// Whether the server is bound to loopback, so that the host of a request is checked.
    public var isBoundToLoopback = true
    /// Whether `/control` is there: time and failure at the request of whoever asks.
    public var isControllable = false
    /// Whether the market's clock stands still, from its opening and from each reset, until it is told to
    /// leap or to go on.
    public var isClockPaused = false
    /// The version that `/health` tells.
    public var version = ProductVersion.text

    /// The defaults.
    public init() {}

    /// The largest body of a request, in bytes: an order has at most 500, and a client's mistake is to be
    /// answered, not cut off.
    public static let bodyBytesMax = 65_536
    /// The longest message of a subscriber, which is ignored, in bytes.
    public static let messageBytesMax = 65_536
    /// The frames that one message of a subscriber may be cut into.
    public static let fragmentsMax = 1_024
    /// Events that the log holds: seconds of a storm, for subscribers that are slow. A power of two.
    public static let eventsMax = 131_072

    /// What the sessions of such a platform may take.
    package var sessionLimits: SessionLimits {
        var limits = SessionLimits(
            http: HTTPLimits(bodyBytesMax: PlatformSettings.bodyBytesMax),
            webSocket: WebSocketLimits(
                messageBytesMax: PlatformSettings.messageBytesMax,
                fragmentsMax: PlatformSettings.fragmentsMax))
        limits.connectionsMax = connectionsMax
        return limits
    }
}
