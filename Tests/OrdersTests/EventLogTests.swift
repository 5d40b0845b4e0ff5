@testable import Orders
import Testing

@Suite struct EventLogTests {
    private static func log(eventsMax: Int, appended: Int) -> EventLog {
        var log = EventLog(eventsMax: eventsMax)
        for number in 0..<appended { log.append(event(number + 1)) }
        return log
    }

    private static func event(_ sequence: Int) -> OrderEvent {
        let states: [OrderStatus] = [.pending, .executed, .cancelled]
        return OrderEvent(orderID: Int64(sequence) * 1_000, status: states[sequence % 3])
    }

    @Test func emptyLogHoldsNothing() {
        let log = EventLog(eventsMax: 8)
        #expect(log.lastSequence == 0)
        #expect(log.firstSequence == 1)
    }

    /// Rings of 1 and 8, filled to one short of their size, to it, one past it, and round several times.
    @Test(arguments: [
        (1, 1, 1), (1, 2, 2), (1, 9, 9), (8, 1, 1), (8, 7, 1), (8, 8, 1), (8, 9, 2), (8, 16, 9), (8, 17, 10),
        (8, 1_000, 993),
    ])
    func holdsTheLastEvents(eventsMax: Int, appended: Int, first: UInt64) {
        let log = Self.log(eventsMax: eventsMax, appended: appended)
        #expect(log.lastSequence == UInt64(appended))
        #expect(log.firstSequence == first)
        for sequence in log.firstSequence...log.lastSequence {
            #expect(log[sequence] == Self.event(Int(sequence)))
        }
    }

    @Test func holdsTheLargestId() {
        var log = EventLog(eventsMax: 2)
        log.append(OrderEvent(orderID: Int64(OrderStore.ordersMaxLimit), status: .executed))
        #expect(log[1].orderID == 4_294_967_295)
        #expect(log[1].status == .executed)
    }
}
