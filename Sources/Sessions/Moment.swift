import HTTP1

/// The time as sessions know it: it stands still while one of them is served.
struct Moment: Sendable {
    /// By a clock that only goes forward, from an arbitrary start.
    private(set) var nanoseconds: UInt64 = 0
    /// By the calendar, in whole seconds since 1970-01-01T00:00:00Z.
    private(set) var unixSeconds: Int64 = 0
    /// ``unixSeconds`` as responses carry it.
    private(set) var date = HTTPDate(unixSeconds: 0)
    /// When the calendar's next second begins, by the clock.
    private var nextSecondNanoseconds: UInt64 = 1_000_000_000

    /// Goes forward by the clock, and takes the calendar along. Answers whether its second is another now.
    mutating func advance(toNanoseconds now: UInt64) -> Bool {
        nanoseconds = max(nanoseconds, now)
        guard nanoseconds >= nextSecondNanoseconds else { return false }
        let seconds = (nanoseconds - nextSecondNanoseconds) / 1_000_000_000 + 1
        nextSecondNanoseconds += seconds * 1_000_000_000
        set(unixSeconds: unixSeconds + Int64(seconds))
        return true
    }

    /// Sets the calendar by the system's, which may jump. Answers whether its second is another now.
    mutating func set(unixMicroseconds: Int64) -> Bool {
        let seconds = unixMicroseconds / 1_000_000
        nextSecondNanoseconds = nanoseconds + UInt64(1_000_000 - unixMicroseconds % 1_000_000) * 1_000
        guard seconds != unixSeconds else { return false }
        set(unixSeconds: seconds)
        return true
    }

    private mutating func set(unixSeconds: Int64) {
        self.unixSeconds = unixSeconds
        date = HTTPDate(unixSeconds: unixSeconds)
    }
}
