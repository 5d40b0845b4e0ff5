/// The log of a market whose orders are kept elsewhere.
extension OrderStore {
    /// Begins the log anew, behind an event of that number.
    public mutating func beginLog(after sequence: UInt64) {
        log = EventLog(eventsMax: log.eventsMax, after: sequence)
    }

    /// Notes a change of an order that is kept elsewhere. It has to be the next one.
    public mutating func note(_ event: OrderEvent, sequence: UInt64) {
        precondition(sequence == log.lastSequence + 1, "events without a gap")
        log.append(event)
    }
}
