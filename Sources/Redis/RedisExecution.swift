/// When this instance next has orders executed that are due.
///
/// Every instance may, none leads, and Redis sees to it that no order is executed twice. So that not all of
/// them ask at every moment, one that has found nothing to do, as another was quicker, stands by: it asks a
/// little later than the orders are due, and only when it finds some does it become the quick one.
struct RedisExecution {
    /// How much later one asks that stands by, in nanoseconds.
    static let standByNanoseconds: UInt64 = 20_000_000
    /// How long what Redis said of the time is relied on, in microseconds: its clock may be set.
    static let relianceMicroseconds: Int64 = 5_000_000
    /// The pause after a call that has failed, in nanoseconds.
    static let failurePauseNanoseconds: UInt64 = 50_000_000

    /// When the next order is due, by the clock of Redis, in milliseconds; nil where none is, or not before.
    private var dueMilliseconds: Int64?
    /// What Redis said of the time, in microseconds, and when it was asked, by this instance's clock in
    /// nanoseconds. It was that time a little later than that, and a call takes as long to arrive as the
    /// question did: so a call that leaves when these say that it is time arrives when it is, however long
    /// answers take.
    private var anchor: (microseconds: Int64, nanoseconds: UInt64)?
    private var standsBy = false
    /// When the order was due for which the call was made that is on its way.
    private var askedMilliseconds: Int64?
    /// When it was made.
    private var askedNanoseconds: UInt64 = 0
    /// Redis has refused a call; the next one comes not before.
    private var notBeforeNanoseconds: UInt64 = 0
    /// A call is on its way.
    private(set) var isRunning = false

    /// The market is open; it was asked for at that moment.
    mutating func opened(next: Int64?, time: Int64?, askedAt asked: UInt64) {
        isRunning = false
        dueMilliseconds = nil
        take(next: next, time: time, askedAt: asked)
    }

    /// Redis has told when the next order is due, and what time it is.
    private mutating func take(next: Int64?, time: Int64?, askedAt asked: UInt64) {
        if let time { anchor = (time, asked) }
        if let next, next >= 0 { placed(due: next) }
    }

    /// An order is there that will be due.
    mutating func placed(due: Int64) { dueMilliseconds = min(due, dueMilliseconds ?? .max) }

    /// Events were not heard that may have told of orders: a call will tell when the next one is due.
    mutating func missed() { dueMilliseconds = 0 }

    /// A call begins: what it does not find due, it tells of.
    mutating func began(at now: UInt64) {
        isRunning = true
        askedNanoseconds = now
        askedMilliseconds = dueMilliseconds
        dueMilliseconds = nil
    }

    /// A call has ended, and has executed so many orders.
    mutating func ended(count: Int, next: Int64?, time: Int64?) {
        isRunning = false
        if count > 0 {
            standsBy = false
        } else if next != askedMilliseconds, askedMilliseconds != 0 {
            // What is still to come has not been done by another: then the call was only early. And whoever
            // did not know what was due learns nothing of others.
            standsBy = true
        }
        take(next: next, time: time, askedAt: askedNanoseconds)
    }

    /// A call was refused or not answered.
    mutating func failed(at now: UInt64) {
        isRunning = false
        dueMilliseconds = 0
        notBeforeNanoseconds = now + Self.failurePauseNanoseconds
    }

    /// When to ask next, by this instance's clock.
    var nextNanoseconds: UInt64? {
        guard !isRunning, let dueMilliseconds, let anchor else { return nil }
        let wait = min(dueMilliseconds * 1_000 - anchor.microseconds, Self.relianceMicroseconds)
        let lag = standsBy ? Self.standByNanoseconds : 0
        return max(anchor.nanoseconds + UInt64(max(0, wait)) * 1_000 + lag, notBeforeNanoseconds)
    }
}
