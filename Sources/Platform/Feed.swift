import Bytes
import Orders
import Sessions

/// Sends the events of the log to those who listen.
///
/// A subscriber is a place in the log and has no queue of its own. Once a turn the new events are encoded,
/// and then subscribers are visited in turn, a bounded number of them, each with all that it has not heard,
/// in one write: so a request never waits for a thousand sends, and whoever's turn comes later gets more at
/// once.
final class Feed {
    /// One who listens.
    final class Subscriber {
        let session: Session
        /// The number of the event to be heard next.
        fileprivate(set) var nextSequence: UInt64
        fileprivate var index = 0

        fileprivate init(session: Session, nextSequence: UInt64) {
            self.session = session
            self.nextSequence = nextSequence
        }
    }

    /// Events that can be sent in one write: about a quarter of a megabyte, as much as a kernel takes at
    /// once.
    static let eventsPerWriteMax: UInt64 = 4_096
    /// Subscribers visited in one turn, at about 3 us each: what a request may have to wait for.
    static let visitsPerTurnMax = 16
    /// Bytes sent in one turn, at about 5 GB/s: the same, where there is much to be sent to each.
    static let bytesPerTurnMax = 524_288

    private var ring: FeedRing
    private let work: WorkLimits
    private var subscribers: [Subscriber] = []
    /// Whose turn it is.
    private var nextIndex = 0
    /// How many visits it takes until everybody has been visited since the last event.
    private var visitsLeft = 0
    /// The number of the next event when this round of visits began, and the one before: all who have room
    /// have heard what was before the latter.
    private var roundSequence: UInt64 = 1
    private var lastRoundSequence: UInt64 = 1
    /// The number of the event that is to be heard next by whoever is furthest behind of those who had room
    /// in this round and could not be sent all.
    private var roundFloor = UInt64.max

    /// A feed that keeps as many events for those who are behind as the log does.
    init(work: WorkLimits) {
        self.work = work
        ring = FeedRing(eventsMax: work.eventsMax, nextSequence: 1)
    }

    /// How many listen.
    var subscriberCount: Int { subscribers.count }

    /// Has a session hear all events from now on.
    func subscribe(_ session: Session, log: borrowing EventLog) {
        if subscribers.isEmpty {
            // Nobody has listened: what happened meanwhile was not encoded, and is not asked for.
            ring.restart(at: log.lastSequence + 1)
            roundSequence = ring.nextSequence
            lastRoundSequence = ring.nextSequence
        }
        let subscriber = Subscriber(session: session, nextSequence: log.lastSequence + 1)
        subscriber.index = subscribers.count
        subscribers.append(subscriber)
        // Whoever is still to be visited is one place further from the end of the round.
        if visitsLeft > 0 { visitsLeft += 1 }
        session.attachment = subscriber
    }

    /// Forgets a session, if it listened.
    func unsubscribe(_ session: Session) {
        guard let subscriber = session.attachment as? Subscriber else { return }
        session.attachment = nil
        let last = subscribers.removeLast()
        if last !== subscriber {
            subscribers[subscriber.index] = last
            last.index = subscriber.index
            if !last.session.isWaitingForRoom { roundFloor = min(roundFloor, last.nextSequence) }
        }
        // The one that was moved may have been passed over.
        visitsLeft = subscribers.count
    }

    /// Whether so much has happened that the log may pass subscribers who are behind through no fault of
    /// theirs.
    func isPressed(by log: borrowing EventLog) -> Bool {
        !subscribers.isEmpty && log.lastSequence + 1 - lastRoundSequence >= UInt64(work.eventsMax / 2)
    }

    /// Encodes what is new and visits subscribers, as many as a turn may. Answers whether visits are left.
    func distribute(_ log: borrowing EventLog) -> Bool {
        guard !subscribers.isEmpty else { return false }
        if isPressed(by: log) { relieve(log) }
        encode(log)
        var visits = work.visitsPerTurnMax
        var bytes = 0
        while visits > 0, visitsLeft > 0, bytes < work.bytesPerTurnMax {
            visits -= 1
            visitsLeft -= 1
            if nextIndex >= subscribers.count { beginRound() }
            let subscriber = subscribers[nextIndex]
            nextIndex += 1
            bytes += visit(subscriber)
        }
        return visitsLeft > 0
    }

    private func beginRound() {
        nextIndex = 0
        lastRoundSequence = min(roundSequence, roundFloor)
        roundSequence = ring.nextSequence
        roundFloor = .max
    }

    /// Sends everybody all that there is, however long it takes: whoever causes so many events has to wait.
    ///
    /// May be called while a request is being answered. Those whom the log has passed are left for the turn's
    /// end: to close a session takes the output buffer, which is in use.
    func relieve(_ log: borrowing EventLog) {
        // Without subscribers the ring may be so far behind that the log has passed it.
        guard !subscribers.isEmpty else { return }
        encode(log)
        for subscriber in subscribers where subscriber.nextSequence >= ring.firstSequence {
            while visit(subscriber) > 0 {}
        }
        roundSequence = ring.nextSequence
        lastRoundSequence = ring.nextSequence
        roundFloor = .max
    }

    private func encode(_ log: borrowing EventLog) {
        guard ring.nextSequence <= log.lastSequence else { return }
        visitsLeft = subscribers.count
        while ring.nextSequence <= log.lastSequence {
            ring.append(log[ring.nextSequence])
        }
    }

    /// Sends a subscriber what it has not heard, as far as there is room for it. Answers how many bytes.
    @discardableResult
    func visit(_ subscriber: Subscriber) -> Int {
        let session = subscriber.session
        guard session.isWebSocket, !session.isWaitingForRoom, subscriber.nextSequence < ring.nextSequence
        else { return 0 }
        guard subscriber.nextSequence >= ring.firstSequence else {
            session.closeWebSocket(.tryAgainLater, reason: "Too slow: events were missed. Connect again.")
            return 0
        }
        let upper = min(ring.nextSequence, subscriber.nextSequence + work.eventsPerWriteMax)
        let range = subscriber.nextSequence..<upper
        let (first, second) = ring.frames(range)
        let taken = session.send(first, second)
        if taken == first.count + second.count {
            subscriber.nextSequence = upper
            if upper < ring.nextSequence {
                visitsLeft = subscribers.count
                roundFloor = min(roundFloor, upper)
            }
            return taken
        }
        let (sequence, restFirst, restSecond) = ring.rest(of: range, after: taken)
        subscriber.nextSequence = sequence + 1
        session.sendRest(restFirst, restSecond)
        return taken
    }
}
