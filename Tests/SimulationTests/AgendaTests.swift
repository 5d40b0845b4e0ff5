import Testing
@testable import Simulation

/// Things happen in the order of their moments, and then in that in which they were asked for.
@Suite struct AgendaTests {
    @Test func eachComesInItsTurn() {
        let agenda = Agenda()
        var done: [Int] = []
        for (number, moment) in [(1, 5), (2, 3), (3, 5), (4, 0)] as [(Int, UInt64)] {
            agenda.at(moment) { done.append(number) }
        }
        #expect(agenda.nextNanoseconds == 0)
        while agenda.runNext() {}
        #expect(done == [4])
        agenda.move(to: 5)
        agenda.at(1) { done.append(5) }
        while agenda.runNext() {}
        #expect(done == [4, 2, 1, 3, 5] && agenda.nextNanoseconds == nil)
    }
}
