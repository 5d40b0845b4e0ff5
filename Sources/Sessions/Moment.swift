import HTTP1

/// The time as sessions know it: it stands still while one of them is served.
public struct Moment: Sendable {
    /// By a clock that only goes forward, from an arbitrary start.
    public internal(set) var nanoseconds: UInt64 = 0
    /// By the calendar, in whole seconds since 1970-01-01T00:00:00Z.
    public private(set) var unixSeconds: Int64 = 0
    /// ``unixSeconds`` as responses carry it.
    public private(set) var date = HTTPDate(unixSeconds: 0)

    mutating func setCalendar(unixSeconds: Int64) {
        guard unixSeconds != self.unixSeconds else { return }
        self.unixSeconds = unixSeconds
        date = HTTPDate(unixSeconds: unixSeconds)
    }
}
