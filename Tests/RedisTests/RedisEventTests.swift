import Orders
import Testing

@testable import Redis

/// What is kept, as it is read.
@Suite struct RedisEventTests {
    private func text(_ text: String) -> RedisValue { .text(Array(text.utf8)) }

    private func entry(_ name: String, _ fields: String...) -> RedisValue {
        .list([text(name), .list(fields.map(text))])
    }

    @Test func anEntryIsAnEvent() throws {
        let placed = try #require(RedisEvent(entry("17-0", "o", "4", "s", "P", "t", "99", "d", "1")))
        #expect(placed.sequence == 17 && placed.event == OrderEvent(orderID: 4, status: .pending))
        #expect(placed.microseconds == 99 && placed.dueMilliseconds == 1)
        let ended = try #require(RedisEvent(entry("18-0", "o", "4", "s", "E", "t", "100")))
        #expect(ended.event.status == .executed && ended.dueMilliseconds == nil)
    }

    @Test func whatIsNoneOfOursIsPassedOver() {
        for value in [
            entry("x-0", "o", "4", "s", "P", "t", "9"), entry("0-0", "o", "4", "s", "P", "t", "9"),
            entry("17", "o", "4", "s", "P", "t", "9"), entry("17-0", "o", "0", "s", "P", "t", "9"),
            entry("17-0", "o", "4294967296", "s", "P", "t", "9"), entry("17-0", "o", "4", "s", "X", "t", "9"),
            entry("17-0", "o", "4", "s", "P"), entry("17-0"), .null, .integer(1), .list([]),
        ] {
            #expect(RedisEvent(value) == nil)
        }
    }

    @Test func anAnswerHasTheEntriesOfItsStream() {
        let answer = RedisValue.list([
            .list([
                text("{tradeloop}:feed"),
                .list([
                    entry("1-0", "o", "4", "s", "P", "t", "1"), entry("2-0", "o", "4", "s", "C", "t", "2"),
                ]),
            ])
        ])
        #expect(RedisEvent.entries(answer).map(\.sequence) == [1, 2])
        #expect(RedisEvent.entries(.null).isEmpty)
    }

    @Test func anOrderIsReadToTheByte() throws {
        let stocks = "a b\u{E9}\" 1"
        let order = try #require(SharedOrder(id: 7, stored: Array("C9007199254740991 \(stocks)".utf8)))
        #expect(order.quantity == 9_007_199_254_740_991 && order.status == .cancelled)
        #expect(order.stocks == Array(stocks.utf8))
        for text in ["", "P", "P10", "P AAPL", "X1 A", "Px A"] {
            #expect(SharedOrder(id: 7, stored: Array(text.utf8)) == nil)
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("-1", -1), ("007", 7), ("999999999999999999", 999_999_999_999_999_999), ("", nil),
            ("-", nil), ("1a", nil), ("1000000000000000000", nil), ("+1", nil), (" 1", nil),
        ] as [(String, Int64?)])
    func numbersAreDigits(text: String, number: Int64?) {
        #expect(Int64(decimal: Array(text.utf8)[...]) == number)
    }

    @Test func scriptsAreKnownByTheirDigest() {
        // sha1sum of the empty text and of "return 1".
        #expect(RedisScript("empty", "").digest == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        #expect(RedisScript("one", "return 1").digest == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
        #expect(Set(RedisScript.all.map(\.digest)).count == 4)
    }
}
