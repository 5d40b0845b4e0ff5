import Orders
import Testing
@testable import Simulation

/// The oracle does not agree with everything, and is right by itself.
@Suite struct OrderModelTests {
    private func model(min: UInt32, max: UInt32) -> OrderModel {
        OrderModel(delays: DelayPolicy(minMilliseconds: min, maxMilliseconds: max, seed: 1))
    }

    @Test func anOrderIsNotDueANanosecondEarly() {
        var model = model(min: 5, max: 5)
        let id = model.place(stocksJSON: "\"A\"", quantity: 1, atNanoseconds: 1_000_001)
        #expect(id == 4 && model.firstDueNanoseconds == 7_000_000)
        model.execute(atNanoseconds: 6_999_999, countMax: 10)
        #expect(model.order(4)?.status == .pending)
        model.execute(atNanoseconds: 7_000_000, countMax: 10)
        #expect(model.order(4)?.status == .executed && model.firstDueNanoseconds == nil)
    }

    @Test func dueOrdersComeInTheOrderOfTheirTimeAndThenOfTheirIds() {
        var model = model(min: 0, max: 20)
        for _ in 0..<50 { _ = model.place(stocksJSON: "\"A\"", quantity: 1, atNanoseconds: 0) }
        model.cancel(10)
        model.execute(atNanoseconds: 1_000_000_000, countMax: 3)
        #expect(model.events.count { $0.status == .executed } == 3)
        model.execute(atNanoseconds: 1_000_000_000, countMax: .max)
        let delays = DelayPolicy(minMilliseconds: 0, maxMilliseconds: 20, seed: 1)
        let executed = model.events.filter { $0.status == .executed }.map(\.orderID)
        let expected = (4...53 as ClosedRange<Int64>).filter { $0 != 10 }.sorted {
            let (first, second) = (delays.delayMilliseconds(for: $0), delays.delayMilliseconds(for: $1))
            return (first, $0) < (second, $1)
        }
        #expect(executed == expected)
        #expect(model.doubled == nil)
    }

    @Test func anOrderThatEndsTwiceIsNoted() {
        var model = model(min: 1, max: 1)
        model.cancel(1)
        #expect(model.doubled == nil)
        model.cancel(1)
        #expect(model.doubled == 1)
    }
}
