import Orders
import Testing

/// Our own bugs stop the program, one past every limit; the limits themselves are in the other tests.
@Suite struct PreconditionTests {
    @Test func stocksAreOneToSixtyFourBytes() async {
        await #expect(processExitsWith: .failure) {
            var store = makeStore()
            _ = store.place("")
        }
        await #expect(processExitsWith: .failure) {
            var store = makeStore()
            _ = store.place(String(repeating: "A", count: OrderStore.stocksBytesMax + 1))
        }
    }

    @Test func quantitiesAreOneToTheMaximum() async {
        await #expect(processExitsWith: .failure) {
            var store = makeStore()
            _ = store.place(quantity: 0)
        }
        await #expect(processExitsWith: .failure) {
            var store = makeStore()
            _ = store.place(quantity: OrderStore.quantityMax + 1)
        }
    }

    @Test func delaysAreAtMostADay() async {
        await #expect(processExitsWith: .failure) {
            var store = makeStore()
            _ = store.place(delay: DelayPolicy.delayMillisecondsMax + 1)
        }
        await #expect(processExitsWith: .failure) {
            _ = DelayPolicy(
                minMilliseconds: 0, maxMilliseconds: DelayPolicy.delayMillisecondsMax + 1, seed: 0)
        }
        await #expect(processExitsWith: .failure) {
            _ = DelayPolicy(minMilliseconds: 2, maxMilliseconds: 1, seed: 0)
        }
    }

    @Test func storesHaveOneToTheMostOrders() async {
        await #expect(processExitsWith: .failure) { _ = makeStore(ordersMax: 0) }
        await #expect(processExitsWith: .failure) { _ = makeStore(ordersMax: OrderStore.ordersMaxLimit + 1) }
    }

    @Test func examplesNeedAnEmptyStoreWithRoom() async {
        await #expect(processExitsWith: .failure) {
            var store = makeStore(ordersMax: OrderStore.exampleCount - 1)
            store.seedExamples()
        }
        await #expect(processExitsWith: .failure) {
            var store = makeStore()
            _ = store.place()
            store.seedExamples()
        }
    }

    @Test func callsHaveRoomForWork() async {
        await #expect(processExitsWith: .failure) {
            var store = makeStore()
            _ = store.executeDue(at: 0, max: 0)
        }
    }

    @Test func logsAreAPowerOfTwoWithinTheLimit() async {
        await #expect(processExitsWith: .failure) { _ = EventLog(eventsMax: 0) }
        await #expect(processExitsWith: .failure) { _ = EventLog(eventsMax: 3) }
        await #expect(processExitsWith: .failure) { _ = EventLog(eventsMax: EventLog.eventsMaxLimit * 2) }
        #expect(EventLog(eventsMax: EventLog.eventsMaxLimit).lastSequence == 0)
    }

    @Test func onlyHeldEventsAreRead() async {
        await #expect(processExitsWith: .failure) { _ = EventLog(eventsMax: 4)[1] }
        await #expect(processExitsWith: .failure) {
            var store = makeStore(eventsMax: 4)
            for _ in 0..<5 { _ = store.place() }
            _ = store.log[1]
        }
        await #expect(processExitsWith: .failure) {
            var store = makeStore(eventsMax: 4)
            for _ in 0..<5 { _ = store.place() }
            _ = store.log[6]
        }
    }
}
