import Orders
@testable import Platform
import Sessions
import TestKit
import Testing

/// Whoever listens hears all of it, in its order and once; whoever cannot keep up costs nobody else anything.
@Suite struct FeedTests {
    /// Subscribes so many lines that only count.
    private static func crowd(_ count: Int, _ venue: Venue) -> [Line] {
        (0..<count).map { _ in
            let line = Line()
            let client = venue.connect(line)
            client.push(Client.handshake())
            line.keepsBytes = false
            return line
        }
    }

    @Test func aThousandSubscribersAreSentToInBoundedTurns() {
        let venue = Venue()
        let lines = Self.crowd(1_000, venue)
        venue.network.settle()
        let handshakeBytes = lines[0].arrivedCount
        venue.place(10)
        let frameBytes = venue.frames(of: 1...10).count
        var turns = 0
        var reached = 0
        var isMoreLeft = true
        while isMoreLeft {
            isMoreLeft = venue.network.turn()
            turns += 1
            let now = lines.count { $0.arrivedCount == handshakeBytes + frameBytes }
            #expect(now - reached <= Feed.visitsPerTurnMax)
            reached = now
        }
        #expect(reached == 1_000)
        #expect(turns <= 1_000 / Feed.visitsPerTurnMax + 3)
        #expect(lines.allSatisfy { $0.writes.count == 2 })
    }

    /// Events that come while a round is under way reach everybody, and those who come later get more at
    /// once.
    @Test func eventsDuringARoundReachEverybody() {
        let venue = Venue()
        let lines = Self.crowd(300, venue)
        venue.network.settle()
        let handshakeBytes = lines[0].arrivedCount
        for _ in 0..<40 {
            venue.place(3)
            venue.network.turn()
        }
        venue.network.settle()
        let bytes = venue.frames(of: 1...venue.lastSequence).count
        #expect(lines.allSatisfy { $0.arrivedCount == handshakeBytes + bytes })
        #expect(lines.allSatisfy { $0.writes.count < 10 })
    }

    /// Who takes the place of one that left is not passed over, though that place had its turn.
    @Test func whoIsMovedDuringARoundIsNotPassedOver() {
        let venue = Venue()
        let clients = (0..<100).map { _ in venue.subscribe() }
        // The second round begins where the first was cut off.
        for _ in 0..<2 {
            venue.place(1)
            venue.network.turn()
        }
        clients[40].vanish()
        for (index, client) in clients.enumerated() where index != 40 {
            #expect(client.messages().count == 2, "\(index)")
        }
    }

    @Test(arguments: [0, 1, 2, 45, 100, 1_000])
    func aSlowSubscriberGetsEveryFrameUnbroken(perWrite: Int) {
        let venue = Venue()
        let slow = venue.subscribe()
        let start = slow.line.arrivedCount
        slow.line.bytesPerWrite = perWrite
        for round in 0..<50 {
            venue.place(3)
            venue.network.settle()
            if round % 3 == 0 { slow.take(perWrite + 7) }
        }
        slow.takeAll()
        #expect(slow.line.arrived[start...] == venue.frames(of: 1...150)[...])
        #expect(slow.line.violations + venue.network.violations == [])
    }

    @Test func aCutAtEveryByteOfABatchIsMended() {
        for cut in 0...venueBatchBytes {
            let venue = Venue()
            let client = venue.subscribe()
            let start = client.line.arrivedCount
            venue.place(3)
            client.line.bytesPerWrite = cut
            venue.network.turn()
            client.line.bytesPerWrite = .max
            client.takeAll()
            venue.network.settle()
            #expect(client.line.arrived[start...] == venue.frames(of: 1...3)[...], "cut at \(cut)")
        }
    }

    private var venueBatchBytes: Int {
        let venue = Venue()
        venue.place(3)
        return venue.frames(of: 1...3).count
    }

    @Test func aSlowSubscriberHoldsNobodyUp() {
        let venue = Venue()
        let stalled = venue.subscribe()
        stalled.line.bytesPerWrite = 0
        let lines = Self.crowd(100, venue)
        venue.network.settle()
        let start = lines[0].arrivedCount
        for _ in 0..<20 {
            venue.place(10)
            venue.network.settle()
        }
        let bytes = venue.frames(of: 1...200).count
        #expect(lines.allSatisfy { $0.arrivedCount == start + bytes })
        #expect(stalled.line.queuedBytes <= FeedForm.plain.eventBytesMax)
    }

    /// The log holds 131,072 events: so many may be missed, and not one more.
    @Test(arguments: [0, 1])
    func aSubscriberThatIsPassedByTheLogIsClosed(extra: Int) {
        let venue = Venue { $0.minDelayMilliseconds = 5_000 }
        let slow = venue.subscribe()
        let start = slow.line.arrivedCount
        slow.line.bytesPerWrite = 0
        venue.place(1)
        venue.network.settle()
        for _ in 0..<16 {
            venue.place(PlatformSettings.eventsMax / 16)
            venue.network.settle()
        }
        venue.place(extra)
        venue.network.settle()
        #expect(!slow.line.isClosing)
        slow.line.bytesPerWrite = .max
        slow.take()
        if extra == 0 {
            let last = UInt64(PlatformSettings.eventsMax) + 1
            #expect(
                slow.line.arrivedCount - start == venue.frames(of: 2...last).count
                    + venue.frames(of: 2...2).count)
        } else {
            let frames = slow.frames()
            #expect(frames.map(\.closeCode) == [nil, 1013])
            slow.send(.close(1013))
            #expect(slow.line.isShutDown)
        }
        #expect(slow.line.violations == [])
    }

    /// Closing one who was passed must not get into another session's answer.
    @Test func aSubscriberIsPassedInTheMiddleOfAnAnswer() {
        let venue = Venue { $0.minDelayMilliseconds = 5_000 }
        let slow = venue.subscribe()
        let trader = venue.connect()
        slow.line.bytesPerWrite = 0
        venue.place(100_000)
        venue.network.settle()
        slow.line.bytesPerWrite = .max
        // Room again, with much to catch up; before its next turn so much happens that the log passes it.
        slow.line.take()
        venue.place(70_000)
        trader.push(Client.order)
        #expect(trader.response().status == 201)
        venue.network.settle()
        #expect(trader.unread.isEmpty)
        #expect(slow.frames().last?.closeCode == 1013)
        #expect(trader.get("/orders/1").status == 200)
    }

    /// Whoever reads is never passed, however many they are and however much happens at once.
    @Test func aCrowdThatReadsIsNeverPassed() {
        let venue = Venue {
            $0.minDelayMilliseconds = 1_000
            $0.maxDelayMilliseconds = 1_000
        }
        let lines = Self.crowd(1_500, venue)
        venue.network.settle()
        let start = lines[0].arrivedCount
        for _ in 0..<10 {
            venue.place(10_000)
            venue.network.turn()
        }
        venue.advance(milliseconds: 1_000)
        #expect(venue.lastSequence == 200_000)
        let bytes = venue.frameBytes(orders: 100_000)
        #expect(lines.allSatisfy { $0.arrivedCount == start + bytes && !$0.isClosing })
    }

    /// Who comes in the middle of a round takes nobody's turn.
    @Test func whoJoinsDuringARoundTakesNobodysTurn() {
        let venue = Venue()
        var lines = Self.crowd(100, venue)
        venue.network.settle()
        let start = lines[0].arrivedCount
        // The second event begins a round in the middle of the first one's, and so does the third.
        for count in 1...2 {
            venue.place(1)
            venue.network.turn()
            if count == 2 { venue.network.settle() }
        }
        venue.place(1)
        venue.network.turn()
        lines += Self.crowd(1, venue)
        venue.network.settle()
        let bytes = venue.frames(of: 1...3).count
        #expect(lines.dropLast().allSatisfy { $0.arrivedCount == start + bytes })
    }

    /// More events than are sent to each in a round, turn after turn, are no reason to lose whoever reads.
    @Test func whoReadsIsNotPassedByManySmallRounds() {
        var settings = PlatformSettings()
        settings.minDelayMilliseconds = 5_000
        var work = WorkLimits()
        work.eventsMax = 64
        work.executionsPerTurnMax = 32
        work.eventsPerWriteMax = 2
        work.visitsPerTurnMax = 4
        let platform = Platform(settings: settings, sessions: settings.sessionLimits, work: work)
        let network = Network(host: platform.host)
        let readers = (0..<4).map { _ in network.connect() }
        for reader in readers { reader.openWebSocket() }
        let trader = network.connect()
        for _ in 0..<60 {
            for _ in 0..<5 { trader.push(Client.order) }
            network.turn()
        }
        network.settle()
        #expect(readers.allSatisfy { $0.messages().count == 300 && !$0.line.isClosing })
    }

    /// Without subscribers nothing is encoded, and nobody misses it, at the end either.
    @Test func withoutSubscribersTheLogMayPass() {
        let venue = Venue { $0.minDelayMilliseconds = 5_000 }
        venue.place(PlatformSettings.eventsMax + 10)
        venue.network.settle()
        let late = venue.subscribe()
        venue.place(1)
        venue.network.settle()
        #expect(late.messages().count == 1)
        late.vanish()
        venue.place(PlatformSettings.eventsMax + 10)
        _ = venue.connect()
        venue.platform.host.stop()
        venue.advance(milliseconds: 300)
        #expect(venue.platform.host.sessionCount == 0)
    }

    /// Subscribers that come and go at random: each hears exactly what happened while it was there.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func subscribersThatComeAndGoHearAll(seed: UInt64) {
        struct Listener {
            let client: Client
            let since: UInt64
            let start: Int
        }
        var generator = SeededGenerator(seed: seed)
        let venue = Venue(seed: seed) {
            $0.minDelayMilliseconds = 0
            $0.maxDelayMilliseconds = 50
        }
        var live: [Listener] = []
        for _ in 0..<150 {
            switch generator.below(8) {
            case 0, 1:
                let client = venue.subscribe()
                live.append(
                    Listener(client: client, since: venue.lastSequence + 1, start: client.line.arrivedCount))
            case 2 where live.count > 1:
                live.remove(at: generator.below(live.count)).client.vanish()
            case 3 where !live.isEmpty:
                let line = live[generator.below(live.count)].client.line
                line.bytesPerWrite = [0, 1, 30, 200, Int.max][generator.below(5)]
            case 4 where !live.isEmpty:
                live[generator.below(live.count)].client.take(1 + generator.below(200))
            case 5:
                venue.advance(milliseconds: UInt64(generator.below(20)))
            case 6 where live.count > 1:
                // In the middle of a round.
                venue.place(2)
                venue.network.turn()
                let leaving = live.remove(at: generator.below(live.count)).client
                leaving.line.close()
                venue.network.turn()
            default:
                venue.place(generator.below(20))
                venue.network.turn()
            }
        }
        for listener in live { listener.client.line.bytesPerWrite = .max }
        venue.advance(milliseconds: 100)
        for listener in live { listener.client.takeAll() }
        venue.network.settle()
        for (index, listener) in live.enumerated() {
            let heard = listener.client.line.arrived[listener.start...]
            let happened =
                listener.since <= venue.lastSequence
                ? venue.frames(of: listener.since...venue.lastSequence) : []
            #expect(heard == happened[...], "listener \(index) of \(live.count)")
            #expect(listener.client.line.violations == [])
        }
        #expect(!live.isEmpty)
    }
}

extension Venue {
    /// How long the frames of all events are, where so many orders were placed and executed.
    fileprivate func frameBytes(orders: Int) -> Int {
        (4..<4 + orders).reduce(0) { sum, id in
            let digits = String(id).utf8.count
            return sum + 2 * (2 + #"{"orderId": , "orderStatus": ""}"#.utf8.count + digits) + 7 + 8
        }
    }
}
