/// A request's method (RFC 9110 section 9), case-sensitive. What the server has no row for is `other`.
public enum Method: UInt8, Sendable {
    case get, head, post, delete, options, other
}
