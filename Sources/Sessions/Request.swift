import HTTP1

/// One request as the application sees it.
public struct Request {
    /// What the parser read.
    public let head: RequestHead
    /// How the connection goes on after the answer.
    public let persistence: Persistence

    /// A request whose answer leaves the connection so.
    public init(head: RequestHead, persistence: Persistence) {
        self.head = head
        self.persistence = persistence
    }

    /// Whether the answer has no body (RFC 9110 section 9.3.2).
    public var isHead: Bool { head.method == .head }
}
