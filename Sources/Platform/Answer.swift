import HTTP1
import Sessions

/// What is known of a request before its route is: how its answer has to be given.
struct Answer {
    let request: Request
    let origin: OriginPolicy.Verdict

    /// The same for an answer that is the connection's last.
    var asLast: Answer {
        Answer(request: Request(head: request.head, persistence: .closes), origin: origin)
    }

    /// Whether the answer may come in chunks, which HTTP/1.0 does not have (RFC 9112 section 7.1).
    var isChunkable: Bool { request.head.minorVersion >= 1 }

    /// Whether the answer is the plainest there is, for which a head is prepared.
    var isPlain: Bool {
        origin == .absent && request.persistence == .open && request.head.method != .head
    }
}
