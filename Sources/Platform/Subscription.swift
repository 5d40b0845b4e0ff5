/// What a subscriber asks for.
struct Subscription {
    var form = FeedForm.plain
    /// The number of the last event that the subscriber knows; nil where it wants only what is to come.
    var since: UInt64?
    var filter = FeedFilter()
}
