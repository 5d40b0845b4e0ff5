import Orders

/// The books, open to whoever checks them.
extension Platform {
    /// The number of the last event; 0 before the first.
    package var lastSequence: UInt64 { store.log.lastSequence }
    /// The number of the oldest event that the log holds.
    package var firstSequence: UInt64 { store.log.firstSequence }
    /// An event that the log holds.
    package func event(_ sequence: UInt64) -> OrderEvent { store.log[sequence] }
    /// How many listen to the feed.
    package var subscriberCount: Int { feed.subscriberCount }
}
