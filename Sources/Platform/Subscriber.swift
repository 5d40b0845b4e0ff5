import Sessions

/// One who listens to the feed: a place in the log, without a queue of its own.
final class Subscriber {
    // Ordered so that nothing is lost between the fields: there may be 10,000 subscribers.
    let session: Session
    /// What it wants to hear; nil for everything.
    let filter: FeedFilter?
    /// The number of the event to be heard next.
    var nextSequence: UInt64
    /// The number of the first event that came after the subscriber. What was before it, it fetches from the
    /// past, and others do not wait for that.
    let liveSequence: UInt64
    /// Where it stands among all subscribers.
    var index: UInt32 = 0
    let form: FeedForm
    /// Whether the market that it follows is no more.
    var isOutdated = false

    init(_ subscription: Subscription, session: Session, liveSequence: UInt64) {
        self.session = session
        form = subscription.form
        filter = subscription.filter.isEmpty ? nil : subscription.filter
        nextSequence = subscription.since.map { $0 + 1 } ?? liveSequence
        self.liveSequence = liveSequence
    }

    /// Whether it has not yet heard all that was before it came.
    var isCatchingUp: Bool { nextSequence < liveSequence }
}
