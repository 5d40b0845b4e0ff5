import Orders
import Testing

/// Every state against every operation: what is answered, where the order stands then, and which event there
/// was.
@Suite struct OrderStoreTransitionTests {
    enum Start: CaseIterable, Sendable { case open, waiting, executed, cancelled }
    enum Operation: CaseIterable, Sendable { case cancel, executeBeforeDue, executeWhenDue }

    struct Row: Sendable {
        let start: Start
        let operation: Operation
        /// What a cancellation answers.
        let answer: OrderStore.Cancellation?
        let status: OrderStatus
        let event: OrderStatus?
    }

    static let rows: [Row] = [
        row(.open, .cancel, .cancelled, .cancelled, .cancelled),
        row(.open, .executeBeforeDue, nil, .pending, nil),
        row(.open, .executeWhenDue, nil, .pending, nil),
        row(.waiting, .cancel, .cancelled, .cancelled, .cancelled),
        row(.waiting, .executeBeforeDue, nil, .pending, nil),
        row(.waiting, .executeWhenDue, nil, .executed, .executed),
        row(.executed, .cancel, .executed, .executed, nil),
        row(.executed, .executeBeforeDue, nil, .executed, nil),
        row(.executed, .executeWhenDue, nil, .executed, nil),
        row(.cancelled, .cancel, .alreadyCancelled, .cancelled, nil),
        row(.cancelled, .executeBeforeDue, nil, .cancelled, nil),
        row(.cancelled, .executeWhenDue, nil, .cancelled, nil),
    ]

    private static func row(
        _ start: Start, _ operation: Operation, _ answer: OrderStore.Cancellation?, _ status: OrderStatus,
        _ event: OrderStatus?
    ) -> Row {
        Row(start: start, operation: operation, answer: answer, status: status, event: event)
    }

    @Test func tableIsComplete() {
        #expect(Self.rows.count == Start.allCases.count * Operation.allCases.count)
    }

    @Test(arguments: rows)
    func everyStateMeetsEveryOperation(row: Row) throws {
        var store = makeStore()
        let id = try store.placed(delay: row.start == .open ? nil : 1_000)
        if row.start == .executed { store.executeAll(at: 1_000 * millisecond) }
        if row.start == .cancelled { #expect(store.cancel(id) == .cancelled) }
        let seen = store.log.lastSequence

        switch row.operation {
        case .cancel: #expect(store.cancel(id) == row.answer)
        case .executeBeforeDue: #expect(store.executeDue(at: 1_000 * millisecond - 1, max: 64) == false)
        case .executeWhenDue: #expect(store.executeDue(at: 1_000 * millisecond, max: 64) == false)
        }

        #expect(store.order(id)?.status == row.status)
        let expected = row.event.map { [OrderEvent(orderID: id, status: $0)] } ?? []
        #expect(store.events(from: seen + 1) == expected)
        #expect(store.pendingCount == (row.status == .pending ? 1 : 0))
        #expect(store.executedCount == (row.status == .executed ? 1 : 0))
        #expect(store.cancelledCount == (row.status == .cancelled ? 1 : 0))
        #expect(store.scheduledCount == (row.status == .pending && row.start == .waiting ? 1 : 0))
        #expect((store.nextDueNanoseconds == nil) == (store.scheduledCount == 0))
    }

    @Test func placingAppendsOnePendingEvent() throws {
        var store = makeStore()
        let id = try store.placed(delay: 5)
        #expect(store.order(id)?.status == .pending)
        #expect(store.events() == [OrderEvent(orderID: id, status: .pending)])
    }

    @Test(arguments: [0, -1, 2, Int64.max, Int64.min, 1 << 32, 4_294_967_297] as [Int64])
    func unknownIdsAreValues(id: Int64) {
        var store = makeStore()
        _ = store.place()
        #expect(store.order(id) == nil)
        #expect(store.cancel(id) == .unknown)
        #expect(store.log.lastSequence == 1)
    }

    @Test func examplesStandAsDescribed() throws {
        var store = makeStore(ordersMax: OrderStore.exampleCount)
        store.seedExamples()
        #expect(store.count == OrderStore.exampleCount)
        #expect(store.order(1)?.status == .pending)
        #expect(store.order(1).map { Array($0.stocks) } == Array("AAPL".utf8))
        #expect(store.order(1)?.quantity == 10)
        #expect(store.order(2)?.status == .executed)
        #expect(store.order(3)?.status == .cancelled)
        #expect(store.log.lastSequence == 0)
        #expect((store.pendingCount, store.executedCount, store.cancelledCount) == (1, 1, 1))
        #expect(store.scheduledCount == 0)
        #expect(store.nextDueNanoseconds == nil)

        store.executeAll(at: 100_000_000 * millisecond)
        #expect(store.order(1)?.status == .pending)
        #expect(store.cancel(1) == .cancelled)
        #expect(store.cancel(2) == .executed)
        #expect(store.cancel(3) == .alreadyCancelled)
        #expect(store.events() == [OrderEvent(orderID: 1, status: .cancelled)])
    }

    @Test func namesAreThoseOfTheContract() {
        let names = [OrderStatus.pending, .executed, .cancelled].map { $0.name.description }
        #expect(names == ["PENDING", "EXECUTED", "CANCELLED"])
    }

    /// Whatever is done in whatever order, an order has one PENDING, then at most one final event.
    @Test(arguments: UInt64(1)...8)
    func anyOrderReachesAtMostOneFinalState(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let delays = DelayPolicy(minMilliseconds: 0, maxMilliseconds: 500, seed: seed)
        var store = makeStore(ordersMax: 2_000, delays: delays, eventsMax: 8_192)
        var now: UInt64 = 0
        for _ in 0..<4_000 {
            switch UInt.random(in: 0..<4, using: &random) {
            case 0, 1: _ = store.place(at: now)
            case 2: _ = store.cancel(Int64.random(in: -1...Int64(store.count + 1), using: &random))
            default:
                now += UInt64.random(in: 0...20 * millisecond, using: &random)
                _ = store.executeDue(at: now, max: Int.random(in: 1...16, using: &random))
            }
        }
        store.executeAll(at: now + 500 * millisecond + millisecond)

        var reached: [Int64: [OrderStatus]] = [:]
        for event in store.events() { reached[event.orderID, default: []].append(event.status) }
        #expect(reached.count == store.count)
        for (id, states) in reached {
            #expect(states == [.pending, .executed] || states == [.pending, .cancelled])
            #expect(store.order(id)?.status == states.last)
        }
        #expect(store.pendingCount == 0)
        #expect(store.executedCount + store.cancelledCount == store.count)
        #expect(store.executedCount > 1_000 && store.cancelledCount > 50)
    }
}
