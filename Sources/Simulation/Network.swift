import Sessions

/// The driver of a host in tests: lines instead of sockets, a clock that is set by hand, turns that are ended
/// when the test says so.
package final class Network {
    /// What the driver serves.
    package let host: SessionHost
    /// Time since the network was made.
    package private(set) var nanoseconds: UInt64 = 0
    /// Whole milliseconds since the network was made.
    package var milliseconds: UInt64 { nanoseconds / 1_000_000 }
    /// How far the calendar's clock is off, in microseconds: it may be set back.
    package var calendarOffsetMicroseconds: Int64 = 0
    /// Whether nothing more is to happen, as something has gone wrong.
    var isHalted = false
    /// Called after each delivery, before anything else happens.
    var whenDelivered: () -> Void = {}
    /// Called when the host has finished a turn, with whether it has work left.
    var whenTurnFinished: (Bool) -> Void = { _ in }
    /// Clients whose connection has not been let go.
    package private(set) var clients: [Client] = []
    /// The turns ended so far.
    package private(set) var turns = 0
    /// Promises that the host broke towards its driver.
    package private(set) var violations: [String] = []

    /// What one delivery holds at most, in bytes.
    package static let deliveryBytesMax = 65_536
    /// More turns than that for one thing are taken for an endless loop.
    private static let turnsMax = 200_000
    /// An hour after the loop's clock began, so that 0 is no moment like any other.
    static let startNanoseconds: UInt64 = 3_600_000_000_000
    /// Sun, 06 Nov 1994 08:49:37 GMT, the moment that RFC 9110 section 5.6.7 writes in all its forms.
    private static let startUnixSeconds: Int64 = 784_111_777

    /// Clients that have sent what is not delivered.
    private var waiting: [Client] = []
    /// Whether several clients are delivered to before any is answered.
    private var isGathering = false
    /// Whether a connection was ended in this turn.
    private var hasClosings = false
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private let headroomBytes: Int

    /// A network for a host without sessions.
    package init(host: SessionHost) {
        self.host = host
        headroomBytes = host.limits.headroomBytes
        buffer = .allocate(capacity: headroomBytes + Network.deliveryBytesMax)
        buffer.initialize(repeating: 0xDD)
        tellTime()
        _ = host.finishTurn()
    }

    deinit { buffer.deallocate() }

    /// Connects a client. `line` may be one that takes little.
    package func connect(_ line: Line = Line()) -> Client {
        line.whenClosing = { [unowned self] in hasClosings = true }
        line.session = host.open(line)
        let client = Client(line: line, network: self)
        clients.append(client)
        return client
    }

    // MARK: Delivering

    /// Delivers to a session through the driver's one receive buffer, which is overwritten afterwards:
    /// whoever kept a pointer into it is found out.
    func deliver(_ bytes: ArraySlice<UInt8>, to session: Session) {
        let end = headroomBytes + bytes.count
        let target = UnsafeMutableBufferPointer(rebasing: buffer[headroomBytes..<end])
        _ = target.update(fromContentsOf: bytes)
        session.received(target, headroomBytes: headroomBytes)
        buffer[max(0, headroomBytes - 256)..<end].update(repeating: 0xDD)
        finishDelivery()
    }

    /// Tells a session that its client sends no more.
    func deliverEnd(to session: Session) {
        // What came before it comes first.
        host.sendAnswers()
        session.receivedEnd()
        finishDelivery()
    }

    /// Delivers to several sessions, as a loop does that is told of them in one turn: none of them need be
    /// answered before all have been delivered to.
    package func gather(_ deliver: () -> Void) {
        isGathering = true
        deliver()
        isGathering = false
        finishDelivery()
    }

    private func finishDelivery() {
        guard !isGathering else { return }
        host.sendAnswers()
        whenDelivered()
    }

    /// Ends one turn: answers whether work is left.
    @discardableResult
    package func turn() -> Bool {
        turns += 1
        let isMoreLeft = host.finishTurn()
        whenTurnFinished(isMoreLeft)
        let isDelivered = !isHalted && deliverWaiting()
        if hasClosings {
            hasClosings = false
            for client in clients where client.line.isClosing { client.line.finishClosing() }
            clients.removeAll { $0.line.isClosed }
        }
        return isMoreLeft || isDelivered
    }

    private func deliverWaiting() -> Bool {
        guard !waiting.isEmpty else { return false }
        let due = waiting
        waiting = []
        var isDelivered = false
        for client in due {
            client.isWaiting = false
            isDelivered = isDelivered || client.hasDeliverable
            client.deliver()
        }
        return isDelivered
    }

    /// Has a client's bytes wait until its session reads again.
    func wait(_ client: Client) {
        guard !client.isWaiting else { return }
        client.isWaiting = true
        waiting.append(client)
    }

    /// Ends turns until no work is left.
    package func settle() {
        for _ in 0..<Network.turnsMax where isHalted || !turn() { return }
        violations.append("work is left after \(Network.turnsMax) turns")
    }

    // MARK: Time

    /// Lets time pass, stopping at each moment for which the host has asked; `moment` is called after each
    /// stop.
    package func advance(milliseconds count: UInt64, moment: () -> Void = {}) {
        advance(nanoseconds: count * 1_000_000, moment: moment)
    }

    /// Lets time pass, stopping at each moment for which the host has asked, rounded up to a millisecond as
    /// timers do, and so much later as `lateness` says; `moment` is called after each stop.
    package func advance(
        nanoseconds count: UInt64, lateness: () -> UInt64 = { 0 }, moment: () -> Void = {}
    ) {
        let target = nanoseconds + count
        while !isHalted, let next = host.nextDeadlineNanoseconds {
            let wait = max(next, Network.startNanoseconds) - Network.startNanoseconds
            let due = (wait + 999_999) / 1_000_000 * 1_000_000
            guard due <= target else { break }
            if due <= nanoseconds, next <= host.nowNanoseconds {
                violations.append("a deadline that has passed already at \(nanoseconds) ns")
                break
            }
            nanoseconds = min(target, max(nanoseconds, due) + lateness())
            tellTime()
            settle()
            moment()
        }
        nanoseconds = target
        tellTime()
        settle()
        moment()
    }

    /// Sets the clock forward without ending a turn.
    package func skip(milliseconds count: UInt64) { skip(nanoseconds: count * 1_000_000) }

    /// Sets the clock forward without ending a turn.
    package func skip(nanoseconds count: UInt64) {
        nanoseconds += count
        tellTime()
    }

    /// Seconds since 1970-01-01T00:00:00Z by the calendar.
    package var unixSeconds: Int64 { unixMicroseconds / 1_000_000 }

    private var unixMicroseconds: Int64 {
        Network.startUnixSeconds * 1_000_000 + Int64(nanoseconds / 1_000) + calendarOffsetMicroseconds
    }

    private func tellTime() {
        host.advance(
            toNanoseconds: Network.startNanoseconds + nanoseconds, unixMicroseconds: unixMicroseconds)
    }
}
