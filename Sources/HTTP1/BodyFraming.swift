/// How the end of a request's body is known (RFC 9112 section 6.3).
public enum BodyFraming: Equatable, Sendable {
    /// There is no body.
    case none
    /// `Content-Length`, in bytes; more than 0.
    case length(Int)
    /// `Transfer-Encoding: chunked`.
    case chunked
}
