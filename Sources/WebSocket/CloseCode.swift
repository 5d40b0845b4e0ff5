/// Why a connection is closed (RFC 6455 section 7.4).
public struct CloseCode: RawRepresentable, Equatable, Hashable, Sendable {
    /// The number, as it stands in the first two bytes of a close frame.
    public let rawValue: UInt16

    /// Any number; see ``isValidOnTheWire`` for those that may be sent.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// 1000: what the connection was for is done.
    public static let normalClosure = CloseCode(rawValue: 1000)
    /// 1001: the server stops, or the page was left.
    public static let goingAway = CloseCode(rawValue: 1001)
    /// 1002: the peer broke a rule of the framing.
    public static let protocolError = CloseCode(rawValue: 1002)
    /// 1003: a kind of message that is not taken here.
    public static let unsupportedData = CloseCode(rawValue: 1003)
    /// 1007: a text that is not UTF-8.
    public static let invalidPayload = CloseCode(rawValue: 1007)
    /// 1008: a rule of this server was broken for which there is no code of its own.
    public static let policyViolation = CloseCode(rawValue: 1008)
    /// 1009: a message over the limit.
    public static let messageTooBig = CloseCode(rawValue: 1009)
    /// 1011: the server failed.
    public static let internalError = CloseCode(rawValue: 1011)
    /// 1012: the server begins anew (registered with IANA after the RFC).
    public static let serviceRestart = CloseCode(rawValue: 1012)
    /// 1013: the server has no room at the moment (registered with IANA after the RFC).
    public static let tryAgainLater = CloseCode(rawValue: 1013)

    /// Whether the code may stand in a close frame, in either direction: those that RFC 6455 section 7.4.1
    /// and the IANA registry define for the wire (1004, 1005, 1006 and 1015 are not), and from 3000 those of
    /// libraries and applications.
    public var isValidOnTheWire: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
