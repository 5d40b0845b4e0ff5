/// How a connection goes on after an answer, and what the answer has to say of it (RFC 9112 section 9.3).
public enum Persistence {
    /// It stays open, which goes without saying in HTTP/1.1.
    case open
    /// It stays open, and says so to an HTTP/1.0 client that asked for it.
    case openOnRequest
    /// It is closed.
    case closes
}
