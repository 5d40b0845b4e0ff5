import Redis
import Testing
@testable import Simulation

/// The scripts of a simulated Redis, which are to do what the real ones do.
@Suite struct FakeMarketTests {
    private static let start: Int64 = 1_000_000

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func run(
        _ market: inout FakeMarket, _ script: RedisScript, _ words: String..., key: String? = nil,
        at microseconds: Int64 = start, refused: RefusedWrites? = nil
    ) -> RedisValue {
        market.run(
            script, words.map { bytes($0) }, key: key.map { bytes($0) }, microseconds: microseconds,
            refused: refused)
    }

    private func opened() -> FakeMarket {
        var market = FakeMarket()
        _ = run(&market, .open, "a")
        return market
    }

    private func text(_ text: String) -> RedisValue { .text(bytes(text)) }

    @Test func aMarketIsMadeOnce() {
        var market = FakeMarket()
        let first = run(&market, .open, "a")
        #expect(first == .list([text("a"), text("0"), text("-1"), text("1000000")]))
        #expect(run(&market, .open, "b") == first)
        #expect(market.orders[1] == bytes("P10 AAPL") && market.orders.count == 3)
        #expect(run(&market, .place, "b", "600", "5", "10", "7 A") == text("OTHER"))
    }

    @Test func anOrderIsDueAtTheNextWholeMillisecond() {
        var market = opened()
        let value = run(&market, .place, "a", "600", "5", "10", "7 A", at: 1_000_001)
        #expect(value == .list([.integer(4), text("1000001"), .list([.integer(1_006)])]))
        #expect(market.orders[4] == bytes("P7 A") && market.feed.last?.dueMilliseconds == 1_006)
        let early = run(&market, .execute, "a", "256", at: 1_005_999)
        #expect(early == .list([text("1006"), text("1005999"), .list([])]))
        let late = run(&market, .execute, "a", "256", at: 1_008_000)
        #expect(late == .list([text("-1"), text("1008000"), .list([.integer(2)])]))
        #expect(market.orders[4] == bytes("E7 A") && market.feed.map(\.letter) == bytes("PE"))
        #expect(run(&market, .cancel, "a", "4") == text("E"))
    }

    @Test func ordersOfATurnArePlacedTogetherAsFarAsThereIsRoom() {
        var market = opened()
        let value = run(
            &market, .place, "a", "600", "5", "5", "7 A", "3", "5", "8 B", "1", "5", "9 C", at: 1_000_000)
        #expect(
            value
                == .list([
                    .integer(4), text("1000000"), .list([.integer(1_005), .integer(1_003), .integer(-1)]),
                ]))
        #expect(market.due.map(\.id) == [5, 4] && market.state?.sequence == 2)
        #expect(market.feed.map(\.orderID) == [4, 5] && market.orders[6] == nil)
    }

    @Test func dueOrdersComeInTheirOrder() {
        var market = opened()
        for delay in ["9", "3", "9", "0"] {
            _ = run(&market, .place, "a", "600", delay, "10", "7 A")
        }
        _ = run(&market, .execute, "a", "3", at: 2_000_000)
        #expect(market.feed.suffix(3).map(\.orderID) == [7, 5, 4] && market.due.map(\.id) == [6])
    }

    @Test func anOrderIsCancelledOnce() {
        var market = opened()
        _ = run(&market, .place, "a", "600", "5", "10", "7 A")
        #expect(run(&market, .cancel, "a", "4") == text("C"))
        #expect(run(&market, .cancel, "a", "4") == text("c"))
        #expect(run(&market, .cancel, "a", "5") == text("?"))
        #expect(market.due.isEmpty && market.state?.cancelled == 2 && market.state?.sequence == 2)
    }

    @Test func aKeyIsKnownForItsTime() {
        var market = opened()
        _ = run(&market, .place, "a", "600", "5", "10", "7 A", key: "k")
        let known = run(&market, .place, "a", "600", "5", "10", "7 B", key: "k", at: 600_999_999)
        #expect(known == .list([text("KNOWN"), text("4"), text("P7 A")]))
        _ = run(&market, .place, "a", "600", "5", "10", "7 B", key: "k", at: 601_000_000)
        #expect(market.keys[bytes("k")]?.id == 5)
        let full = run(&market, .place, "a", "600", "5", "5", "7 B")
        #expect(full == .list([.integer(6), text("1000000"), .list([.integer(-1)])]))
    }

    @Test func whereMemoryIsShortOrdersEndAllTheSame() {
        var market = opened()
        _ = run(&market, .place, "a", "600", "0", "10", "7 A")
        let refused = run(&market, .place, "a", "600", "0", "10", "7 B", refused: .takingMemory)
        #expect(refused == .error(RefusedWrites.takingMemory.words) && market.state?.orders == 4)
        #expect(run(&market, .cancel, "a", "4", refused: .all) == .error(RefusedWrites.all.words))
        _ = run(&market, .execute, "a", "256", refused: .all)
        #expect(market.due.count == 1)
        _ = run(&market, .execute, "a", "256", refused: .takingMemory)
        #expect(market.due.isEmpty && market.violation == nil)
    }
}
