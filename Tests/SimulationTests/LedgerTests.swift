import Redis
import Testing
@testable import Simulation

/// What was so at some moment, and what is no more.
@Suite struct LedgerTests {
    private func market(_ words: [[String]]) -> FakeMarket {
        var market = FakeMarket()
        for word in words {
            let script = RedisScript.all.first { $0.name == word[0] }
            guard let script else { continue }
            _ = market.run(
                script, word.dropFirst().map { Array($0.utf8) }, key: nil, microseconds: 5_000_000,
                refused: nil)
        }
        return market
    }

    @Test func anOrderIsAllThatItWasMeanwhile() {
        let agenda = Agenda()
        let ledger = Ledger()
        let placed = market([["open", "a"], ["place", "a", "600", "1", "9", "7 A"]])
        let ended = market([["open", "a"], ["place", "a", "600", "1", "9", "7 A"], ["cancel", "a", "4"]])
        ledger.opened(market([["open", "a"]]), agenda)
        agenda.count()
        ledger.note(placed.feed[0], placed, agenda)
        agenda.count()
        ledger.note(ended.feed[1], ended, agenda)
        #expect(ledger.stored(4, from: 0, to: 0) == [nil])
        #expect(ledger.stored(4, from: 1, to: 2) == [Array("P7 A".utf8), Array("C7 A".utf8)])
        #expect(ledger.stored(4, from: 2, to: 9) == [Array("C7 A".utf8)])
        #expect(ledger.positions(from: 1, to: 1).map(\.sequence) == [1])
        #expect(ledger.counts(at: 2) == Ledger.Counts(orders: 4, executed: 1, cancelled: 2))
    }

    @Test func whatIsLostWasSoOnce() {
        let agenda = Agenda()
        let ledger = Ledger()
        let placed = market([["open", "a"], ["place", "a", "600", "1", "9", "7 A"]])
        ledger.opened(market([["open", "a"]]), agenda)
        let past = ledger.current
        ledger.note(placed.feed[0], placed, agenda)
        agenda.count()
        ledger.replaced(by: market([["open", "a"]]), of: past, agenda)
        #expect(ledger.sequence == 0 && ledger.stored(4) == nil && ledger.histories.count == 2)
        #expect(ledger.stored(4, from: 0, to: 1) == [Array("P7 A".utf8), nil])
        #expect(ledger.isCommon(0, to: 0, 1) && !ledger.isCommon(1, to: 0, 1))
    }
}
