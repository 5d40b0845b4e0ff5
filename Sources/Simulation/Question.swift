/// One request as it was sent, and what is to be said to it.
struct Question {
    /// What is asked.
    enum Kind {
        /// An order, with what it is for as the answer has to write it.
        case place(stocksJSON: String, quantity: Int64)
        case show(id: Int)
        case cancel(id: Int)
        case list
        case health
        case handshake
        /// Something that is answered the same whatever the orders are.
        case fixed(status: Int)
        /// Something that cannot be read, answered as soon as that is known.
        case unreadable(status: Int)
    }

    var kind: Kind
    /// Whether the connection ends with the answer.
    var closes = false
    var isHead = false
    /// Whether the client speaks HTTP/1.0 and asks to keep the connection.
    var keepsAlive = false
    /// Whether the client asks to be asked for the body.
    var awaitsContinue = false
    /// Whether the client has been asked for it.
    var isContinued = false
    /// Where the request stands among all that its client sends: its first byte, the one behind its head and
    /// the one behind it.
    var start = 0
    var headEnd = 0
    var end = 0
    /// When its first byte arrived.
    var begunNanoseconds: UInt64?

    init(_ kind: Kind) { self.kind = kind }

    /// The first moment at which it may be answered, as how much of what the client sends has arrived.
    var earliest: Int {
        if case .unreadable = kind { start + 1 } else { end }
    }
}
