import Orders
import Testing

/// When orders are executed, and in what order.
@Suite struct ExecutionTests {
    /// Spans are 64 ms and 65,536 ms: delays within one, at its edges, across several, and the longest.
    static let delays: [UInt32] = [
        0, 1, 2, 63, 64, 65, 999, 5_000, 65_534, 65_535, 65_536, 65_537, 131_072, 200_000, 3_600_000,
        DelayPolicy.delayMillisecondsMax,
    ]

    /// Times of day: the beginning, an odd one, days after start, and just before the far wheel comes round
    /// (49 days).
    static let starts: [UInt64] = [
        0, 1, 65_535_999_999, 123_456_789_012_345, (65_536 * 65_536 - 70_000) * millisecond + 17,
    ]

    @Test(arguments: delays, starts)
    func neverEarlyNorLate(delay: UInt32, start: UInt64) throws {
        var store = makeStore()
        let id = try store.placed(delay: delay, at: start)
        let passed = start + UInt64(delay) * millisecond
        let due = (passed + millisecond - 1) / millisecond * millisecond

        if due > start {
            #expect(store.executeDue(at: due - 1, max: 8) == false)
            #expect(store.order(id)?.status == .pending)
        }
        let next = try #require(store.nextDueNanoseconds as UInt64?)
        #expect(next <= due)
        store.executeAll(at: due)
        #expect(store.order(id)?.status == .executed)
        #expect(store.nextDueNanoseconds == nil)
    }

    /// A driver that sleeps until `nextDueNanoseconds` executes each order in its millisecond, and wakes
    /// rarely.
    @Test(arguments: delays, starts)
    func deadlinesLeadThere(delay: UInt32, start: UInt64) throws {
        var store = makeStore()
        _ = store.place(delay: delay, at: start)
        var now = start
        var wakes = 0
        while let next = store.nextDueNanoseconds {
            #expect(next >= now || wakes == 0)
            now = max(now, next)
            let more = store.executeDue(at: now, max: 8)
            #expect(!more)
            wakes += 1
        }
        let passed = start + UInt64(delay) * millisecond
        #expect(now == max(start, (passed + millisecond - 1) / millisecond * millisecond))
        #expect(wakes <= 3, "for each of the two spans, and for the order")
    }

    /// The next execution is told to the millisecond, from within the span, from far off, and in between.
    @Test(arguments: delays, starts)
    func theNextExecutionIsKnown(delay: UInt32, start: UInt64) throws {
        var store = makeStore()
        #expect(store.nextExecutionNanoseconds(looksMax: 8) == nil)
        // Who is cancelled first, and who comes later, makes no difference.
        let gone = try store.placed(delay: delay / 2, at: start)
        let alsoGone = try store.placed(delay: delay, at: start)
        let id = try store.placed(delay: delay, at: start)
        _ = store.place(delay: DelayPolicy.delayMillisecondsMax, at: start)
        #expect(store.cancel(gone) == .cancelled && store.cancel(alsoGone) == .cancelled)
        let passed = start + UInt64(delay) * millisecond
        let due = (passed + millisecond - 1) / millisecond * millisecond
        #expect(store.nextExecutionNanoseconds(looksMax: 8) == due)
        // Once the wheels have turned, too.
        if delay > 0 {
            #expect(store.executeDue(at: due - 1, max: 16) == false)
            #expect(store.nextExecutionNanoseconds(looksMax: 8) == due)
        }
        store.executeAll(at: due)
        #expect(store.order(id)?.status == .executed)
    }

    /// With fewer looks than it takes it is early, never late.
    @Test(arguments: [5_000, 200_000] as [UInt32])
    func theNextExecutionIsNeverToldTooLate(delay: UInt32) throws {
        var store = makeStore()
        let ids = try (0..<40).map { _ in try store.placed(delay: delay, at: 0) }
        for id in ids.dropLast() { _ = store.cancel(id) }
        for looks in 1...50 {
            let next = try #require(store.nextExecutionNanoseconds(looksMax: looks) as UInt64?)
            #expect(looks > 40 ? next == UInt64(delay) * millisecond : next <= UInt64(delay) * millisecond)
        }
    }

    @Test func equalDueTimesComeOutInIdOrder() {
        var store = makeStore()
        // Due in the same millisecond, placed from far off, from the long and the short span before and from
        // within each.
        let due: UInt64 = 10 * 65_536 + 30_000
        let short = due & ~63
        var ids: [Int64] = []
        let times: [UInt64] = [0, 9 * 65_536 + 5, 10 * 65_536, short - 65, short - 1, short, due - 1, due]
        for now in times {
            for _ in 0..<20 {
                ids.append(store.place(delay: UInt32(due - now), at: now * millisecond) ?? 0)
            }
            store.executeAll(at: now * millisecond)
        }
        let executed = store.events().filter { $0.status == .executed }.map(\.orderID)
        #expect(executed == ids)
    }

    /// The whole span is spread before anything of it is taken, and what is placed meanwhile comes after.
    @Test(arguments: [1_000, 70_000] as [UInt64])
    func ordersPlacedWhileASpanIsSpreadKeepTheirPlace(due: UInt64) {
        var store = makeStore()
        for _ in 0..<50 { _ = store.place(delay: UInt32(due), at: 0) }
        let now = due - 10
        #expect(store.executeDue(at: now * millisecond, max: 20) == true, "30 are still to be spread")
        for _ in 0..<50 { _ = store.place(delay: 10, at: now * millisecond) }
        store.executeAll(at: due * millisecond)
        let executed = store.events().filter { $0.status == .executed }.map(\.orderID)
        #expect(executed == Array(1...100))
    }

    @Test func oneJumpOverManySpansKeepsTheOrder() {
        var random = SeededGenerator(seed: 11)
        var store = makeStore(ordersMax: 3_000, eventsMax: 8_192)
        var model = ExecutionModel()
        for id in Int64(1)...3_000 {
            let delay = UInt32.random(in: 0...DelayPolicy.delayMillisecondsMax, using: &random)
            _ = store.place(delay: delay, at: 0)
            model.place(id, delayMilliseconds: delay)
        }
        model.advance(to: 100_000_000 * millisecond)
        store.executeAll(at: 100_000_000 * millisecond)
        let executed = store.events().filter { $0.status == .executed }.map(\.orderID)
        #expect(executed == model.execute(3_000))
        #expect(executed.count == 3_000)
    }

    /// 10,000 orders due in one millisecond of a later span, looked at 100 at a time: first spread
    /// twice, then executed.
    @Test func workOfOneCallIsBounded() {
        var store = makeStore(ordersMax: 10_000, eventsMax: 32_768)
        for _ in 0..<10_000 { _ = store.place(delay: 100_000) }
        let due = 100_000 * millisecond
        for call in 1...300 {
            let before = store.executedCount
            let more = store.executeDue(at: due, max: 100)
            #expect(store.executedCount - before == (call <= 200 ? 0 : 100))
            #expect(more == (call < 300))
        }
        #expect(store.executedCount == 10_000)
    }

    /// Cancelled orders count as work too, so that a crowd of them cannot stall a turn.
    @Test func cancelledOrdersAreLookedAtInBoundedNumbers() {
        var store = makeStore(ordersMax: 1_001)
        for _ in 0..<1_001 { _ = store.place(delay: 1_000) }
        for id in Int64(1)...1_000 { _ = store.cancel(id) }
        for _ in 0..<20 { #expect(store.executeDue(at: 1_000 * millisecond, max: 100) == true) }
        #expect(store.executedCount == 0)
        #expect(store.executeDue(at: 1_000 * millisecond, max: 100) == false)
        #expect(store.order(1_001)?.status == .executed)
    }

    @Test func noDeadlineWhenEverythingIsCancelled() throws {
        var store = makeStore()
        let first = try store.placed(delay: 1_000)
        let second = try store.placed(delay: 2_000)
        _ = store.cancel(first)
        #expect(try #require(store.nextDueNanoseconds as UInt64?) <= 2_000 * millisecond)
        _ = store.cancel(second)
        #expect(store.nextDueNanoseconds == nil)
        #expect(store.executeDue(at: 3_000 * millisecond, max: 1) == false)
        #expect(store.executedCount == 0)
    }

    @Test func timeNeverGoesBack() {
        var store = makeStore()
        _ = store.place(delay: 1_000, at: 0)
        store.executeAll(at: 500 * millisecond)
        store.executeAll(at: 100 * millisecond)
        // From 500 ms, the latest time known, not from 200.
        let late = store.place(delay: 1_000, at: 200 * millisecond)
        store.executeAll(at: 1_499 * millisecond)
        #expect(late == 2)
        #expect(store.order(1)?.status == .executed)
        #expect(store.order(2)?.status == .pending)
        store.executeAll(at: 1_500 * millisecond)
        #expect(store.order(2)?.status == .executed)
    }

    /// Nobody asks for more than 49 days what is due: what waits is executed before the new order is placed.
    @Test(arguments: [48, 49, 50, 51, 365])
    func longSilenceLosesNothing(days: UInt64) throws {
        var store = makeStore()
        for delay in [1_000, 80_000, DelayPolicy.delayMillisecondsMax] { _ = store.place(delay: delay) }
        _ = store.cancel(2)
        let now = days * 86_400_000 * millisecond
        let id = try store.placed(delay: 1_000, at: now)
        store.executeAll(at: now)
        #expect(
            [1, 2, 3, id].map { store.order($0)?.status } == [.executed, .cancelled, .executed, .pending])
        store.executeAll(at: now + 1_000 * millisecond)
        #expect(store.order(id)?.status == .executed)
        let executed = store.events().filter { $0.status == .executed }.map(\.orderID)
        #expect(executed == [1, 3, id])
    }

    /// The far wheel has 65,536 slots: its last one, the first one that would come round to the cursor's, and
    /// one past.
    @Test(arguments: [UInt64(65_535), 65_536, 65_537])
    func reachOfTheFarWheel(spans: UInt64) throws {
        var store = makeStore()
        _ = store.place(delay: 1_000)
        let now = spans * 65_536 * millisecond
        let id = try store.placed(delay: 500, at: now)
        #expect(store.order(1)?.status == (spans < 65_536 ? .pending : .executed))
        store.executeAll(at: now + 499 * millisecond)
        #expect(store.order(1)?.status == .executed)
        #expect(store.order(id)?.status == .pending)
        store.executeAll(at: now + 500 * millisecond)
        #expect(store.order(id)?.status == .executed)
    }

    @Test func hundredOrdersAtOneInstantAreSpread() throws {
        var store = makeStore()
        let start: UInt64 = 1_234_567
        for _ in 0..<100 { _ = store.place(at: start) }
        var executedAt: [Int64: UInt64] = [:]
        var seen = store.log.lastSequence
        while let next = store.nextDueNanoseconds {
            _ = store.executeDue(at: next, max: 4)
            for event in store.events(from: seen + 1) { executedAt[event.orderID] = next }
            seen = store.log.lastSequence
        }
        var states: [Int64: [OrderStatus]] = [:]
        for event in store.events() { states[event.orderID, default: []].append(event.status) }
        #expect(states.count == 100)
        #expect(states.values.allSatisfy { $0 == [.pending, .executed] })

        var quarters = [0, 0, 0, 0]
        for (id, time) in executedAt {
            let waited = time - start
            let delay = UInt64(usualDelays.delayMilliseconds(for: id)) * millisecond
            #expect(waited >= delay && waited < delay + millisecond)
            #expect(waited >= 1_000 * millisecond && waited < 5_001 * millisecond)
            quarters[Int(min((waited - 1_000 * millisecond) / (1_000 * millisecond), 3))] += 1
        }
        // Four quarters of 25 expected each, standard deviation 4.3.
        #expect(quarters.reduce(0, +) == 100)
        #expect(quarters.allSatisfy { $0 >= 12 && $0 <= 38 })
    }
}
