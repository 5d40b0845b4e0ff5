/// What the server has to know of a request's head. Its texts are ranges of the bytes that were parsed.
public struct RequestHead: Sendable {
    /// Yes-or-no facts of the head.
    public struct Flags: OptionSet, Sendable {
        /// The bits.
        public let rawValue: UInt16
        /// Flags by their bits.
        @inlinable
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// `Connection: close`.
        @inlinable public static var close: Flags { Flags(rawValue: 1 << 0) }
        /// `Connection: keep-alive`.
        @inlinable public static var keepAlive: Flags { Flags(rawValue: 1 << 1) }
        /// `Connection: upgrade`.
        @inlinable public static var connectionUpgrade: Flags { Flags(rawValue: 1 << 2) }
        /// `Upgrade` names websocket.
        @inlinable public static var upgradeWebSocket: Flags { Flags(rawValue: 1 << 3) }
        /// `Expect: 100-continue`.
        @inlinable public static var expectContinue: Flags { Flags(rawValue: 1 << 4) }
        /// The path holds a percent sign, so that it has to be decoded.
        @inlinable public static var pathEncoded: Flags { Flags(rawValue: 1 << 5) }
        /// The target is `*` (RFC 9112 section 3.2.4).
        @inlinable public static var asterisk: Flags { Flags(rawValue: 1 << 6) }
        /// The target is an authority: `CONNECT` (RFC 9112 section 3.2.3).
        @inlinable public static var authorityForm: Flags { Flags(rawValue: 1 << 7) }
        /// There is a query, maybe an empty one.
        @inlinable public static var query: Flags { Flags(rawValue: 1 << 8) }
        /// `Origin` is there.
        @inlinable public static var origin: Flags { Flags(rawValue: 1 << 9) }
        /// The absolute-form target has another scheme than `http`.
        @inlinable public static var foreignScheme: Flags { Flags(rawValue: 1 << 10) }
        /// `Idempotency-Key` is there, maybe empty.
        @inlinable public static var idempotencyKey: Flags { Flags(rawValue: 1 << 11) }
        /// `Execution-Delay-Ms` is there, maybe empty.
        @inlinable public static var executionDelay: Flags { Flags(rawValue: 1 << 12) }
        /// `Last-Event-ID` is there, maybe empty.
        @inlinable public static var lastEventID: Flags { Flags(rawValue: 1 << 13) }

        /// Those that a head's fields may have beside texts.
        static var ofFields: Flags {
            [.close, .keepAlive, .connectionUpgrade, .upgradeWebSocket, .expectContinue]
        }
    }

    /// The method.
    public var method = Method.other
    /// The minor version: 0 for HTTP/1.0; 1 and more are served as HTTP/1.1.
    public var minorVersion: UInt8 = 1
    /// The facts.
    public var flags: Flags = []
    /// The path as it was sent, without the query; empty where the target has none.
    public var path = ByteRange.none
    /// What follows the `?`.
    public var query = ByteRange.none
    /// The authority that the request is for: the target's own in absolute form, else `Host`
    /// (RFC 9112 section 3.2.2).
    public var authority = ByteRange.none
    /// `Origin` (RFC 6454 section 7).
    public var origin = ByteRange.none
    /// `Sec-WebSocket-Key`.
    public var webSocketKey = ByteRange.none
    /// `Sec-WebSocket-Version`.
    public var webSocketVersion = ByteRange.none
    /// `Access-Control-Request-Method`, which makes an `OPTIONS` request a preflight.
    public var accessControlRequestMethod = ByteRange.none
    /// `Access-Control-Request-Headers`.
    public var accessControlRequestHeaders = ByteRange.none
    /// `If-None-Match` (RFC 9110 section 13.1.2); empty where it came in several lines.
    public var ifNoneMatch = ByteRange.none
    /// `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header).
    public var idempotencyKey = ByteRange.none
    /// `Execution-Delay-Ms`, a field of the platform's own.
    public var executionDelay = ByteRange.none
    /// `Last-Event-ID` (the HTML standard, section 9.2.4).
    public var lastEventID = ByteRange.none
    /// How the body is framed.
    public var framing = BodyFraming.none

    /// A head of which nothing is known yet.
    public init() {}

    /// Forgets everything, field by field: a whole new head would be put together elsewhere and copied here,
    /// and the processor waits for such a copy of what it has just written in pieces.
    @inline(__always)
    mutating func reset() {
        method = .other
        minorVersion = 1
        flags = []
        path = .none
        query = .none
        authority = .none
        origin = .none
        webSocketKey = .none
        webSocketVersion = .none
        accessControlRequestMethod = .none
        accessControlRequestHeaders = .none
        ifNoneMatch = .none
        idempotencyKey = .none
        executionDelay = .none
        lastEventID = .none
        framing = .none
    }

    /// Whether the client waits to be asked for the body (RFC 9110 section 10.1.1).
    public var awaitsContinue: Bool { flags.contains(.expectContinue) && minorVersion >= 1 }

    /// Whether the connection stays open after this request (RFC 9112 section 9.3).
    @inlinable
    public var persists: Bool {
        if flags.contains(.close) { return false }
        return minorVersion >= 1 || flags.contains(.keepAlive)
    }
}
