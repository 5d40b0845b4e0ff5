import Orders

/// What a request has come to.
enum Outcome: Equatable {
    /// Chance had it refused.
    case refused
    case placed(id: Int, isReplayed: Bool)
    /// The store was full.
    case full
    /// The key had been used for another order.
    case otherOrder
    /// There was no such order.
    case unknown
    /// It had been executed, and so could not be cancelled.
    case executed
    /// It was cancelled, by this request or before.
    case cancelled
    /// It was in that state, after so many events.
    case shown(OrderStatus, sequence: Int)
    /// The list was begun after so many events.
    case listed(sequence: Int)
}
