import Testing

@testable import Server

@Suite
struct TurnPaceTests {
    @Test func isNotBriskBeforeTurnsHaveFollowedEachOther() {
        var pace = TurnPace()
        #expect(!pace.isBrisk)
        pace.note(turnAtNanoseconds: 5_000_000_000)
        #expect(!pace.isBrisk)
        // Two quick turns after a pause are not a sign that more will follow.
        pace.note(turnAtNanoseconds: 5_000_010_000)
        pace.note(turnAtNanoseconds: 5_000_020_000)
        #expect(!pace.isBrisk)
    }

    @Test(arguments: [(20_000, true), (120_000, true), (130_000, false), (1_000_000, false)])
    func tellsByTheTimeBetweenTurns(nanoseconds: UInt64, isBrisk: Bool) {
        var pace = TurnPace()
        for turn in 0..<100 { pace.note(turnAtNanoseconds: 7_000_000_000 + UInt64(turn) * nanoseconds) }
        #expect(pace.isBrisk == isBrisk)
    }

    @Test func oneLongPauseEndsIt() {
        var pace = TurnPace()
        for turn in 0..<100 { pace.note(turnAtNanoseconds: UInt64(turn) * 10_000) }
        #expect(pace.isBrisk)
        pace.note(turnAtNanoseconds: 3_600_000_000_000)
        #expect(!pace.isBrisk)
        // However long it was, a few turns are enough to forget it.
        for turn in 1...20 { pace.note(turnAtNanoseconds: 3_600_000_000_000 + UInt64(turn) * 10_000) }
        #expect(pace.isBrisk)
    }
}
