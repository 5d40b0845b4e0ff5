/// What one turn, one write and the log hold: the same for every server that is shipped. The simulation makes
/// them small, so that each of their edges is met many times a day.
package struct WorkLimits: Sendable {
    /// Events that the log holds for those who are behind. A power of two, and at least twice
    /// ``executionsPerTurnMax``: the log must not pass, in one turn, who has heard all.
    package var eventsMax = PlatformSettings.eventsMax
    /// Due orders that are executed in one turn.
    package var executionsPerTurnMax = Platform.executionsPerTurnMax
    /// Orders of a list that are written in one part.
    package var rowsPerPartMax = Platform.rowsPerPartMax
    /// Orders that are looked at in one turn for one answer.
    package var rowsExaminedMax = Platform.rowsExaminedMax
    /// Idempotency keys that are remembered.
    package var idempotencyKeysMax = IdempotencyKeys.countMax
    /// Events that are sent in one write.
    package var eventsPerWriteMax = Feed.eventsPerWriteMax
    /// Subscribers visited in one turn.
    package var visitsPerTurnMax = Feed.visitsPerTurnMax
    /// Bytes sent in one turn, about.
    package var bytesPerTurnMax = Feed.bytesPerTurnMax

    /// The limits of what is shipped.
    package init() {}
}
