import Orders

/// A list that is being sent in parts: where it goes on.
final class ListReply {
    var nextID: Int64
    /// Orders that came after the request are not in its answer.
    let lastID: Int64
    /// HTTP/1.0 has no chunks: there the end of the connection is the end of the list.
    let isChunked: Bool

    init(nextID: Int64, lastID: Int64, isChunked: Bool) {
        self.nextID = nextID
        self.lastID = lastID
        self.isChunked = isChunked
    }
}
