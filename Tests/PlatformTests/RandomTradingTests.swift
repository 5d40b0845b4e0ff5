import TestKit
import Testing

/// The whole platform under clients that place, cancel, ask, list, listen, vanish, fragment and stall at
/// random, held against a plain book of what may be. Each seed is a different day.
@Suite struct RandomTradingTests {
    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func everyDayAddsUp(seed: UInt64) {
        var day = Day(seed: seed)
        for _ in 0..<60 { day.step() }
        day.close()
        #expect(day.faults == [], "seed \(seed)")
    }

    /// The book is not one that agrees with everything.
    @Test(arguments: [
        ["4 EXECUTED"], ["4 PENDING", "4 PENDING"], ["5 PENDING"], ["1 EXECUTED"], ["3 CANCELLED"],
        ["2 EXECUTED"],
        ["4 PENDING", "4 CANCELLED", "4 EXECUTED"], ["4 PENDING", "4 EXECUTED"], ["4 OPEN"],
    ])
    func theBookObjects(messages: [String]) {
        var book = Book(minDelayMilliseconds: 1, maxDelayMilliseconds: 5)
        for message in messages {
            let parts = message.split(separator: " ")
            book.hear(#"{"orderId": \#(parts[0]), "orderStatus": "\#(parts[1])"}"#, atMilliseconds: 10)
        }
        #expect(book.faults.count == 1)
    }
}
