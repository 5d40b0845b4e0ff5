import Orders

/// Events that no answer tells of one by one: what an answer that takes many turns changed in one of them.
struct ForeignRun {
    /// How many events there were before.
    let start: Int
    let events: [OrderEvent]
    /// Whose request it is.
    let participant: Participant
}
