/// What is wrong with a request, as it is to be answered. After one of these the connection is closed, as
/// nobody can know where the next request begins (RFC 9112 section 2.2).
public struct HTTPFault: Error, Sendable {
    /// A limit of ``HTTPLimits`` by its name, with its bytes.
    public enum Limit: Sendable {
        case requestLine(Int)
        case head(Int)
        case body(Int)
        case chunkExtensions(Int)
        case trailers(Int)

        /// The limit in bytes.
        public var bytes: Int {
            switch self {
            case .requestLine(let bytes), .head(let bytes), .body(let bytes), .chunkExtensions(let bytes),
                .trailers(let bytes):
                bytes
            }
        }
    }

    /// The status to answer with.
    public let status: Status
    /// One sentence that names the rule or the limit.
    public let reason: StaticString
    /// Which limit was passed, where one was.
    public let limit: Limit?
    /// What was given where the limit was passed, in bytes, as far as it is known.
    public let givenBytes: Int?

    /// A fault; `limit` and `givenBytes` are told to the client behind the reason.
    public init(_ status: Status, _ reason: StaticString, limit: Limit? = nil, givenBytes: Int? = nil) {
        self.status = status
        self.reason = reason
        self.limit = limit
        self.givenBytes = givenBytes
    }

    /// The limit that was passed, in bytes.
    public var limitBytes: Int? { limit?.bytes }

    static func malformed(_ reason: StaticString) -> HTTPFault { HTTPFault(.badRequest, reason) }

    static func bodyTooLarge(limitBytes: Int, givenBytes: Int?) -> HTTPFault {
        HTTPFault(
            .contentTooLarge, "The body is too large.", limit: .body(limitBytes), givenBytes: givenBytes)
    }
}
