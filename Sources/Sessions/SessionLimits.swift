import HTTP1
import WebSocket

/// What one session, and all of them together, may take. Times are in milliseconds.
public struct SessionLimits: Sendable {
    /// Limits of a request.
    public var http: HTTPLimits
    /// Limits of a WebSocket message.
    public var webSocket: WebSocketLimits

    /// Connections served at a time; one more is answered 503.
    public var connectionsMax = 65_536
    /// Connections beyond ``connectionsMax`` that are being told 503; one more is closed without a word.
    public var refusalsMax = 64

    /// Answers are collected up to about this size before they are handed to the kernel; what is left of the
    /// input waits for the next turn. It is what 1,000 small requests, all of one read, are answered with.
    public var outputBytesMax = 262_144
    /// What all sessions together may hold of input that is not whole and of output that is not taken, in
    /// bytes. The one that would pass it is refused with 503, or reset where it does not take its answers.
    /// What arrives whole and is taken at once is never held, and so never counts.
    public var heldBytesMax = 50_331_648
    /// The output buffer is kept between turns up to this size.
    public var outputBytesKept = 2_097_152

    /// From the first byte of a head to its end; past it 408.
    public var headMilliseconds: UInt64 = 10_000
    /// From the end of a head to the end of its body; past it 408.
    public var bodyMilliseconds: UInt64 = 30_000
    /// Without a request; past it the connection is closed.
    public var idleMilliseconds: UInt64 = 75_000
    /// For the peer to take any of what is queued for it; past it, without one byte taken, the connection is
    /// reset.
    public var stallMilliseconds: UInt64 = 30_000
    /// For the peer to close after us, while what it still sends is read and dropped: closing at once would
    /// reset the connection and could destroy the answer on its way (RFC 9112 section 9.6).
    public var lingerMilliseconds: UInt64 = 2_000
    /// Without a sign of life from a WebSocket client, until it is pinged.
    public var pingMilliseconds: UInt64 = 30_000
    /// Without a heartbeat on a stream, until one is sent: proxies end connections that are silent for a
    /// minute or half of one.
    public var heartbeatMilliseconds: UInt64 = 15_000
    /// From a ping to any sign of life; past it the connection is dropped.
    public var pongMilliseconds: UInt64 = 15_000
    /// From our close frame to the client's; past it the connection is closed without it.
    public var closeMilliseconds: UInt64 = 2_000
    /// While stopping, how long a connection without a request may still begin one: a request that was sent
    /// before the client could know is answered.
    public var stopIdleMilliseconds: UInt64 = 250
    /// While stopping, the time after which every connection is reset.
    public var stopMilliseconds: UInt64 = 4_000

    /// Between two looks at the deadlines of all sessions: how late a time-out may be noticed, and twice that
    /// where the end of another session has moved this one to a place that had been looked at.
    public var sweepMilliseconds: UInt64 = 1_000
    /// Sessions looked at in one turn: a sweep of many is spread over its time.
    public var sweepSessionsMax = 1_024
    /// Sessions that go on with held input in one turn.
    public var resumedSessionsMax = 32

    /// The default limits for a service with these of its own.
    public init(http: HTTPLimits, webSocket: WebSocketLimits) {
        self.http = http
        self.webSocket = webSocket
    }

    /// The bytes that a driver must leave free in front of what it delivers: what a session may have kept of
    /// the delivery before is put there, so that both lie in one run.
    public var headroomBytes: Int { max(http.headBytesMax, WebSocketState.keptBytesMax) }
}
