import Bytes
import Orders
import Sessions
import WebSocket

/// Sends the events of the log to those who listen.
///
/// Once a turn the new events are encoded, once for each form in use, and then subscribers are visited in
/// turn, a bounded number of them, each with all that it has not heard, in one write: so a request never
/// waits for a thousand sends, and whoever's turn comes later gets more at once. Whoever wants only some of
/// the events, or comes back for old ones, has them encoded for itself.
final class Feed {
    /// Events that can be sent in one write: about a quarter of a megabyte, as much as a kernel takes at
    /// once.
    static let eventsPerWriteMax: UInt64 = 4_096
    /// Bytes that are encoded for one subscriber alone in one visit.
    static let ownBytesPerWriteMax = 65_536
    /// Subscribers visited in one turn, at about 3 us each: what a request may have to wait for.
    static let visitsPerTurnMax = 16
    /// Bytes sent in one turn, at about 5 GB/s: the same, where there is much to be sent to each.
    static let bytesPerTurnMax = 524_288

    private let rings: [FeedRing]
    private let work: WorkLimits
    // Unchecked, as each change of an order asks for them (SE-0176): one thread, and no call while they
    // change.
    @exclusivity(unchecked) private(set) var subscribers: [Subscriber] = []
    /// The number of the next event to be encoded.
    private var nextSequence: UInt64 = 1
    /// Whose turn it is.
    private var nextIndex = 0
    /// How many visits it takes until everybody has been visited since the last event.
    private var visitsLeft = 0
    /// The number of the next event when this round of visits began, and the one before: all who have room,
    /// but for those who are catching up, have heard what was before the latter.
    private var roundSequence: UInt64 = 1
    @exclusivity(unchecked) private var lastRoundSequence: UInt64 = 1
    /// The number of the event that is to be heard next by whoever is furthest behind of those who had room
    /// in this round and could not be sent all.
    private var roundFloor = UInt64.max
    /// Decides, where faults are asked for, whether a subscriber is dropped instead of being sent something.
    var dropsSubscriber: (() -> Bool)?
    /// Those who followed a market that is no more, and are to be told.
    private var outdated: [Subscriber] = []
    private var farewell: (code: CloseCode, reason: StaticString) = (.serviceRestart, "")
    /// Where events are encoded for one subscriber alone.
    private var own = ByteWriter()
    /// Events handed to subscribers since the start, each counted for each of them.
    private(set) var framesSent: UInt64 = 0
    /// Subscribers that were closed because the log had passed them.
    private(set) var droppedSubscribers: UInt64 = 0

    /// A feed that keeps as many events for those who are behind as the log does.
    init(work: WorkLimits) {
        self.work = work
        rings = FeedForm.allCases.map { FeedRing(form: $0, eventsMax: work.eventsMax, nextSequence: 1) }
    }

    /// How many listen.
    var subscriberCount: Int { subscribers.count }

    // MARK: Who listens

    /// Has a session hear what it asks for, from what `since` names on, which the log has to hold.
    func subscribe(_ session: Session, _ subscription: Subscription, log: borrowing EventLog) {
        if subscribers.isEmpty {
            // Nobody has listened: what happened meanwhile was not encoded, and is not asked for.
            nextSequence = log.lastSequence + 1
            roundSequence = nextSequence
            lastRoundSequence = nextSequence
        }
        let subscriber = Subscriber(subscription, session: session, liveSequence: log.lastSequence + 1)
        precondition(subscriber.nextSequence >= log.firstSequence)
        precondition(subscriber.nextSequence <= subscriber.liveSequence)
        if subscriber.filter == nil { ring(of: subscriber).join(nextSequence: nextSequence) }
        subscriber.index = UInt32(subscribers.count)
        subscribers.append(subscriber)
        if subscriber.isCatchingUp {
            visitsLeft = subscribers.count
        } else if visitsLeft > 0 {
            // Whoever is still to be visited is one place further from the end of the round.
            visitsLeft += 1
        }
        session.attachment = subscriber
    }

    /// Begins anew with an empty log. Who listened is told so at the turn's end.
    func reset(_ code: CloseCode, reason: StaticString) {
        farewell = (code, reason)
        outdated += subscribers
        for subscriber in subscribers where subscriber.filter == nil { ring(of: subscriber).leave() }
        for subscriber in subscribers { subscriber.isOutdated = true }
        subscribers = []
        visitsLeft = 0
        nextIndex = 0
        roundFloor = .max
    }

    /// Tells those who followed what is no more that they have to come back.
    private func dismissOutdated() {
        for subscriber in outdated {
            subscriber.session.closeWebSocket(farewell.code, reason: farewell.reason)
            subscriber.session.endStream()
        }
        outdated = []
    }

    /// Forgets a session, if it listened.
    func unsubscribe(_ session: Session) {
        guard let subscriber = session.attachment as? Subscriber else { return }
        session.attachment = nil
        guard !subscriber.isOutdated else {
            outdated.removeAll { $0 === subscriber }
            return
        }
        if subscriber.filter == nil { ring(of: subscriber).leave() }
        let last = subscribers.removeLast()
        if last !== subscriber {
            subscribers[Int(subscriber.index)] = last
            last.index = subscriber.index
            if !last.session.isWaitingForRoom, !last.isCatchingUp {
                roundFloor = min(roundFloor, last.nextSequence)
            }
        }
        // The one that was moved may have been passed over.
        visitsLeft = subscribers.count
    }

    private func ring(of subscriber: Subscriber) -> FeedRing { rings[subscriber.form.rawValue] }

    // MARK: What they hear

    /// Whether so much has happened that the log may pass subscribers who are behind through no fault of
    /// theirs.
    func isPressed(by log: borrowing EventLog) -> Bool {
        !subscribers.isEmpty && log.lastSequence + 1 - lastRoundSequence >= UInt64(work.eventsMax / 2)
    }

    /// Encodes what is new and visits subscribers, as many as a turn may. Answers whether visits are left.
    func distribute(_ log: borrowing EventLog) -> Bool {
        if !outdated.isEmpty { dismissOutdated() }
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
            bytes += visit(subscriber, log)
        }
        return visitsLeft > 0
    }

    private func beginRound() {
        nextIndex = 0
        lastRoundSequence = min(roundSequence, roundFloor)
        roundSequence = nextSequence
        roundFloor = .max
    }

    /// Sends everybody all that there is, however long it takes: whoever causes so many events has to wait.
    ///
    /// May be called while a request is being answered. Those whom the log has passed are left for the turn's
    /// end: to close a session takes the output buffer, which is in use. Those who are catching up are left
    /// as well: what they ask for was there before.
    func relieve(_ log: borrowing EventLog) {
        // Without subscribers the feed may be so far behind that the log has passed it.
        guard !subscribers.isEmpty else { return }
        encode(log)
        for subscriber in subscribers
        where !subscriber.isCatchingUp && subscriber.nextSequence >= log.firstSequence {
            var before: UInt64
            repeat {
                before = subscriber.nextSequence
                visit(subscriber, log)
            } while subscriber.nextSequence > before && subscriber.nextSequence < nextSequence
        }
        roundSequence = nextSequence
        lastRoundSequence = nextSequence
        roundFloor = .max
    }

    private func encode(_ log: borrowing EventLog) {
        guard nextSequence <= log.lastSequence else { return }
        visitsLeft = subscribers.count
        for ring in rings where ring.subscriberCount > 0 {
            for sequence in nextSequence...log.lastSequence { ring.append(log[sequence]) }
        }
        nextSequence = log.lastSequence + 1
    }

    /// Sends a subscriber what it has not heard, as far as there is room for it. Answers how many bytes.
    @discardableResult
    func visit(_ subscriber: Subscriber, _ log: borrowing EventLog) -> Int {
        let session = subscriber.session
        guard session.isOpenEnded, !session.isWaitingForRoom, !subscriber.isOutdated,
            subscriber.nextSequence < nextSequence
        else { return 0 }
        guard subscriber.nextSequence >= log.firstSequence else {
            droppedSubscribers += 1
            session.closeWebSocket(.tryAgainLater, reason: "Too slow: events were missed. Connect again.")
            session.endStream()
            return 0
        }
        if let dropsSubscriber, dropsSubscriber() {
            session.drop()
            return 0
        }
        let upper = min(nextSequence, subscriber.nextSequence + work.eventsPerWriteMax)
        let range = subscriber.nextSequence..<upper
        let ring = ring(of: subscriber)
        return subscriber.filter == nil && range.lowerBound >= ring.firstSequence
            ? send(range, of: ring, to: subscriber) : send(range, of: log, to: subscriber)
    }

    /// Sends events that are encoded for all.
    private func send(_ range: Range<UInt64>, of ring: FeedRing, to subscriber: Subscriber) -> Int {
        let session = subscriber.session
        let (first, second) = ring.events(range)
        let taken = session.send(first, second)
        if taken == first.count + second.count {
            heard(range.upperBound, subscriber)
            framesSent += range.upperBound - range.lowerBound
            return taken
        }
        let (sequence, restFirst, restSecond) = ring.rest(of: range, after: taken)
        subscriber.nextSequence = sequence + 1
        framesSent += sequence + 1 - range.lowerBound
        session.sendRest(restFirst, restSecond)
        return taken
    }

    /// Sends events, as many as the bytes of one visit allow, that are encoded for one subscriber alone.
    private func send(
        _ range: Range<UInt64>, of log: borrowing EventLog, to subscriber: Subscriber
    ) -> Int {
        own.reset()
        var sequence = range.lowerBound
        var count: UInt64 = 0
        while sequence < range.upperBound, own.count < Feed.ownBytesPerWriteMax {
            count += append(sequence, of: log, for: subscriber)
            sequence += 1
        }
        guard !own.isEmpty else {
            heard(sequence, subscriber)
            return 0
        }
        let noBytes = UnsafeRawBufferPointer(start: nil, count: 0)
        let taken = subscriber.session.send(own.unsafeBytes, noBytes)
        guard taken < own.count else {
            framesSent += count
            heard(sequence, subscriber)
            return taken
        }
        // Encoded again up to the event that was cut, or to the next one where the cut is between two.
        own.reset()
        sequence = range.lowerBound
        while own.count <= taken {
            framesSent += append(sequence, of: log, for: subscriber)
            sequence += 1
        }
        subscriber.nextSequence = sequence
        subscriber.session.sendRest(UnsafeRawBufferPointer(rebasing: own.unsafeBytes[taken...]), noBytes)
        return taken
    }

    /// Encodes an event that a subscriber wants to hear. Answers how many there are, 0 or 1.
    private func append(
        _ sequence: UInt64, of log: borrowing EventLog, for subscriber: Subscriber
    ) -> UInt64 {
        let event = log[sequence]
        guard subscriber.filter?.accepts(event) ?? true else { return 0 }
        subscriber.form.append(event, sequence: sequence, to: &own)
        return 1
    }

    /// A subscriber has been sent all events before this one.
    private func heard(_ sequence: UInt64, _ subscriber: Subscriber) {
        subscriber.nextSequence = sequence
        guard sequence < nextSequence else { return }
        visitsLeft = subscribers.count
        if !subscriber.isCatchingUp { roundFloor = min(roundFloor, sequence) }
    }
}
