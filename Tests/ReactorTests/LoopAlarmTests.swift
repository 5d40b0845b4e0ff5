import Testing

@testable import Reactor

#if os(Linux)
    @Suite
    struct LoopAlarmTests {
        @LoopActor private static func alarm(_ name: String, in log: FiringLog) throws -> LoopAlarm {
            try #require(LoopAlarm(loop: log.loop) { log.note(name) })
        }

        @Test func goesOffInTheOrderOfTheirMomentsAndNeverBefore() async throws {
            try await FiringLog.test { log in
                let now = log.loop.nowNanoseconds
                // Set in this order, so that it holds as well where the machine stands still meanwhile.
                let moments = [
                    ("first", now + 300_000), ("second", now + 600_000), ("last", now + 1_900_000),
                ]
                let alarms = try moments.map { name, moment in
                    let alarm = try Self.alarm(name, in: log)
                    alarm.set(toNanoseconds: moment)
                    return alarm
                }
                await log.wait()
                #expect(log.names == moments.map(\.0))
                for (fired, set) in zip(log.fired, moments) { #expect(fired.atNanoseconds >= set.1) }
                for alarm in alarms { alarm.close() }
            }
        }

        @Test func aMomentThatHasPassedIsDueAtOnce() async throws {
            try await FiringLog.test { log in
                let alarm = try Self.alarm("last", in: log)
                alarm.set(toNanoseconds: 0)
                await log.wait()
                #expect(log.names == ["last"])
                alarm.close()
            }
        }

        @Test func goesOffOnceForEachTimeThatItIsSet() async throws {
            try await FiringLog.test { log in
                let last = try Self.alarm("last", in: log)
                var again: LoopAlarm?
                again = LoopAlarm(loop: log.loop) {
                    log.note("again")
                    let next = log.fired.count == 1 ? again : last
                    next?.set(toNanoseconds: log.loop.nowNanoseconds + 1_000_000)
                }
                again?.set(toNanoseconds: log.loop.nowNanoseconds + 1_000_000)
                await log.wait()
                #expect(log.names == ["again", "again", "last"])
                again?.close()
                again = nil
                last.close()
            }
        }

        @Test func anEarlierMomentComesFirst() async throws {
            try await FiringLog.test { log in
                let alarm = try Self.alarm("last", in: log)
                let moment = log.loop.nowNanoseconds + 1_000_000
                alarm.set(toNanoseconds: moment + 3_600_000_000_000)
                alarm.set(toNanoseconds: moment)
                await log.wait()
                #expect(log.fired[0].atNanoseconds >= moment)
                alarm.close()
            }
        }

        /// Set to a moment that is far, it is not moved on: whoever set it says the new moment again when it
        /// has gone off.
        @Test func aFarMomentIsKept() async throws {
            try await FiringLog.test { log in
                let alarm = try Self.alarm("last", in: log)
                let moment = log.loop.turnEndNanoseconds + 30_000_000
                alarm.set(toNanoseconds: moment)
                alarm.set(toNanoseconds: moment + 3_600_000_000_000)
                await log.wait()
                #expect(log.fired[0].atNanoseconds >= moment)
                alarm.close()
            }
        }

        /// What would go off soon is moved on, and then it does not go off at the moment before: not even where
        /// that has come by then.
        @Test func aNearMomentIsMovedOn() async throws {
            try await FiringLog.test { log in
                let alarm = try Self.alarm("last", in: log)
                alarm.set(toNanoseconds: log.loop.turnEndNanoseconds)
                let moment = log.loop.nowNanoseconds + 2_000_000
                alarm.set(toNanoseconds: moment)
                await log.wait()
                #expect(log.names == ["last"])
                #expect(log.fired[0].atNanoseconds >= moment)
                alarm.close()
            }
        }

        @Test func aClosedAlarmDoesNotGoOff() async throws {
            try await FiringLog.test { log in
                let now = log.loop.nowNanoseconds
                let closed = try Self.alarm("closed", in: log)
                closed.set(toNanoseconds: now)
                closed.close()
                closed.set(toNanoseconds: now)
                let last = try Self.alarm("last", in: log)
                last.set(toNanoseconds: now + 1_000_000)
                await log.wait()
                #expect(log.names == ["last"])
                last.close()
            }
        }
    }
#endif
