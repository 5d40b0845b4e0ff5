/// One request as it was sent, and what is to be said to it.
struct Question {
    /// What is asked.
    enum Kind {
        case place(Placement)
        case show(id: Int)
        case cancel(id: Int)
        case list(Listing)
        case cancelAll(Listing)
        case health
        case follow(Following)
        case control(ControlRequest)
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
    /// The names of states for which the client needs no answer; `*` for any.
    var knownTags: [String] = []
    /// Whether it is about orders, and so may be faulted.
    var isAboutOrders = false
    /// Where the request stands among all that its client sends: its first byte, the one behind its head and
    /// the one behind it.
    var start = 0
    var headEnd = 0
    var end = 0
    /// When its first byte arrived.
    var begunNanoseconds: UInt64?

    // What is known of it before it is answered.
    /// How many events and orders there were when it was asked.
    var askedSequence = 0
    var askedOrderCount = 0
    /// Whether chance has decided on it, or it was under way before chance began to.
    var isDecided = false
    /// What it has come to, where that is known before the answer is.
    var outcome: Outcome?
    /// Before when it must not be answered, and by when it has to be.
    var heldUntilNanoseconds: UInt64?
    /// Whether the connection is to be reset in place of an answer.
    var isResetDue = false
    /// How many orders it has cancelled so far.
    var cancelledCount = 0
    /// The last order that it has cancelled.
    var cancelledID = 0

    init(_ kind: Kind) { self.kind = kind }

    /// The first moment at which it may be answered, as how much of what the client sends has arrived.
    var earliest: Int {
        if case .unreadable = kind { start + 1 } else { end }
    }

    /// Whether it may change an order, and its answer tells how.
    var changesOrders: Bool {
        switch kind {
        case .place, .cancel: true
        default: false
        }
    }

    /// Whether it may change orders in many turns.
    var isLong: Bool {
        switch kind {
        case .cancelAll, .control: true
        default: false
        }
    }

    /// Whether it is about one order at most, and can be answered when it arrives.
    var isBrief: Bool {
        switch kind {
        case .place, .show, .cancel, .fixed, .unreadable: true
        case .list, .cancelAll, .health, .follow, .control: false
        }
    }

    /// Whether the answer may be a stream, which has no end.
    var asksForStream: Bool {
        if case .follow(let following) = kind { following.isStream } else { false }
    }
}
