import Reactor
import Testing

@Suite
struct LoopTimerTests {
    @LoopActor private static func timer(_ name: String, in log: FiringLog) -> LoopTimer {
        LoopTimer(loop: log.loop) { log.note(name) }
    }

    @Test func firesInTheOrderOfTheirMomentsAndNeverBefore() async throws {
        try await FiringLog.test { log in
            let now = log.loop.nowNanoseconds
            // Not whole milliseconds. Armed in this order, so that it holds where the machine stands still as well.
            let moments = [
                ("first", now + 2_600_000), ("second", now + 5_200_000), ("last", now + 7_900_000),
            ]
            let timers = moments.map { name, moment in
                let timer = Self.timer(name, in: log)
                timer.arm(atNanoseconds: moment)
                return timer
            }
            await log.wait()
            #expect(log.names == moments.map(\.0))
            for (fired, armed) in zip(log.fired, moments) { #expect(fired.atNanoseconds >= armed.1) }
            for timer in timers { timer.close() }
        }
    }

    @Test func aMomentThatHasPassedIsDueAtOnce() async throws {
        try await FiringLog.test { log in
            let timer = Self.timer("last", in: log)
            timer.arm(atNanoseconds: 0)
            await log.wait()
            #expect(log.names == ["last"])
            timer.close()
        }
    }

    @Test func firesOnceForEachTimeThatItIsArmed() async throws {
        try await FiringLog.test { log in
            let last = Self.timer("last", in: log)
            var again: LoopTimer?
            again = LoopTimer(loop: log.loop) {
                log.note("again")
                let next = log.fired.count == 1 ? again : last
                next?.arm(atNanoseconds: log.loop.nowNanoseconds + 1_000_000)
            }
            again?.arm(atNanoseconds: log.loop.nowNanoseconds + 1_000_000)
            await log.wait()
            #expect(log.names == ["again", "again", "last"])
            again?.close()
            again = nil
            last.close()
        }
    }

    @Test func theEarlierMomentCounts() async throws {
        try await FiringLog.test { log in
            let timer = Self.timer("last", in: log)
            let moment = log.loop.nowNanoseconds + 3_000_000
            timer.arm(atNanoseconds: moment + 3_600_000_000_000)
            timer.arm(atNanoseconds: moment)
            timer.arm(atNanoseconds: moment + 3_600_000_000_000)
            await log.wait()
            #expect(log.fired[0].atNanoseconds >= moment)
            timer.close()
        }
    }

    @Test func aClosedTimerDoesNotFire() async throws {
        try await FiringLog.test { log in
            let now = log.loop.nowNanoseconds
            let closed = Self.timer("closed", in: log)
            closed.arm(atNanoseconds: now + 1_000_000)
            closed.close()
            closed.arm(atNanoseconds: now + 1_000_000)
            let last = Self.timer("last", in: log)
            last.arm(atNanoseconds: now + 4_000_000)
            await log.wait()
            #expect(log.names == ["last"])
            last.close()
        }
    }
}
