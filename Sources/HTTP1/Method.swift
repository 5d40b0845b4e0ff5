/// A request's method (RFC 9110 section 9), case-sensitive. What the server has no row for is `other`.
public enum Method: UInt8, CaseIterable, Sendable {
    case get, head, post, delete, options, other

    /// How many methods are told apart: ``allCases`` would make an array each time that it is asked.
    @inlinable
    public static var count: Int { 6 }

    /// The method as it stands in a request; `other` for all others together.
    public var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .other: "other"
        }
    }
}
