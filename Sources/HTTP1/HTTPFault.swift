/// What is wrong with a request, as it is to be answered. After one of these the connection is closed, as
/// nobody can know where the next request begins (RFC 9112 section 2.2).
public struct HTTPFault: Error, Sendable {
    /// The status to answer with.
    public let status: Status
    /// One sentence that names the rule or the limit.
    public let reason: StaticString
    /// The limit that was passed, in bytes.
    public let limitBytes: Int?
    /// What was given where the limit was passed, in bytes, as far as it is known.
    public let givenBytes: Int?

    /// A fault; `limitBytes` and `givenBytes` are told to the client behind the reason.
    public init(_ status: Status, _ reason: StaticString, limitBytes: Int? = nil, givenBytes: Int? = nil) {
        self.status = status
        self.reason = reason
        self.limitBytes = limitBytes
        self.givenBytes = givenBytes
    }

    static func malformed(_ reason: StaticString) -> HTTPFault { HTTPFault(.badRequest, reason) }

    static func bodyTooLarge(limitBytes: Int, givenBytes: Int?) -> HTTPFault {
        HTTPFault(
            .contentTooLarge, "The body is too large.", limitBytes: limitBytes, givenBytes: givenBytes)
    }
}
