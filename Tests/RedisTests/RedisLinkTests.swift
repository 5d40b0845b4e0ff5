import Orders
import Testing

@testable import Redis

/// A connection that is made anew whenever it is lost.
@Suite struct RedisLinkTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func itSaysWhoItIsBeforeAnythingElse() throws {
        let wire = Wire()
        let link = try wire.link("redis://trader:secret@desk/3")
        var isReady = false
        link.whenReady = { isReady = true }
        link.start(atNanoseconds: 0)
        link.connected(wire)
        link.flush()
        #expect(wire.names == ["AUTH", "SELECT", "EXISTS"])
        #expect(wire.sent[0].arguments.count == 3)
        wire.answer(link, .text(Array("OK".utf8)), .text(Array("OK".utf8)))
        #expect(!isReady && !link.isReady)
        wire.answer(link, .integer(0))
        #expect(isReady && link.isReady)
    }

    @Test func whoIsNotLetInComesBackLater() throws {
        let wire = Wire()
        let link = try wire.link("redis://:wrong@desk")
        var reasons: [String] = []
        link.whenLost = { reasons.append($0) }
        link.start(atNanoseconds: 0)
        link.connected(wire)
        link.flush()
        wire.answer(link, .error("WRONGPASS no"), .error("NOAUTH no"))
        #expect(reasons == ["WRONGPASS no"] && wire.closed == 1)
        let due = try #require(link.nextDeadlineNanoseconds)
        #expect((25_000_000...50_000_000).contains(due))
        link.look(atNanoseconds: due)
        #expect(wire.attempts.count == 2)
    }

    @Test func commandsOfATurnLeaveTogetherAndAnswersComeInOrder() throws {
        let wire = Wire()
        let link = try wire.link()
        link.start(atNanoseconds: 0)
        wire.letIn(link)
        let writes = link.traffic.writes
        var heard: [RedisLink.Answer] = []
        for number in 1...3 as ClosedRange<Int64> {
            var command = RedisCommand("GET")
            command.append(number)
            link.send(command) { heard.append($0) }
        }
        #expect(wire.sent.isEmpty)
        link.flush()
        #expect(wire.sent.count == 3 && link.traffic.writes == writes + 1)
        wire.answer(link, .integer(1), .integer(2))
        wire.answer(link, .error("ERR no"))
        #expect(heard == [.success(.integer(1)), .success(.integer(2)), .success(.error("ERR no"))])
    }

    @Test func whatWasSentIsUnknownAndWhatWasNotIsNotDone() throws {
        let wire = Wire()
        let link = try wire.link()
        link.start(atNanoseconds: 0)
        wire.letIn(link)
        var heard: [RedisLink.Answer] = []
        link.send(RedisCommand("ONE")) { heard.append($0) }
        link.flush()
        link.send(RedisCommand("TWO")) { heard.append($0) }
        link.ended("gone")
        #expect(heard == [.failure(.unknown), .failure(.away)])
        link.send(RedisCommand("THREE")) { heard.append($0) }
        #expect(heard.last == .failure(.away) && wire.closed == 1)
        #expect(link.traffic.losses == 1)
    }

    @Test func whoSaysNothingIsLeftAndWhoSaysSomethingIsNot() throws {
        let wire = Wire()
        let link = try wire.link()
        var reasons: [String] = []
        link.whenLost = { reasons.append($0) }
        link.start(atNanoseconds: 0)
        wire.letIn(link)
        #expect(link.nextDeadlineNanoseconds == nil)
        for _ in 0..<2 { link.send(RedisCommand("GET")) { _ in } }
        link.flush()
        #expect(link.nextDeadlineNanoseconds == 3 * Self.second)
        wire.answer(link, .null, at: 2 * Self.second)
        link.look(atNanoseconds: 4 * Self.second)
        #expect(reasons.isEmpty && link.nextDeadlineNanoseconds == 5 * Self.second)
        link.look(atNanoseconds: 5 * Self.second)
        #expect(reasons == ["it has not answered for 3000 ms"])
    }

    @Test func anAttemptThatTakesTooLongIsGivenUp() throws {
        let wire = Wire()
        let link = try wire.link()
        link.start(atNanoseconds: 0)
        link.look(atNanoseconds: 3 * Self.second)
        #expect(wire.givenUp == 1 && wire.attempts.count == 1)
        // It may have been on its way all the same.
        link.connected(wire)
        #expect(wire.closed == 1 && !link.isReady)
    }

    @Test func pausesGrowUpToALimitAndBeginAnewWithSuccess() throws {
        let wire = Wire()
        let link = try wire.link()
        link.start(atNanoseconds: 0)
        var now: UInt64 = 0
        var pauses: [UInt64] = []
        for _ in 0..<8 {
            link.ended("refused")
            let due = try #require(link.nextDeadlineNanoseconds)
            pauses.append((due - now) / 1_000_000)
            now = due
            link.look(atNanoseconds: now)
        }
        for (index, pause) in pauses.enumerated() {
            let most = min(2_000, UInt64(50) << UInt64(index))
            #expect((most / 2...most).contains(pause), "pause \(index)")
        }
        // Whoever is let in and sent away at once has to be patient, and whoever has stayed has not.
        wire.letIn(link, at: now)
        link.ended("sent away")
        #expect(try #require(link.nextDeadlineNanoseconds) - now >= 1_000_000_000)
        now += 2 * Self.second
        link.look(atNanoseconds: now)
        wire.letIn(link, at: now)
        now += 2 * Self.second
        link.look(atNanoseconds: now)
        link.ended("gone")
        #expect(try #require(link.nextDeadlineNanoseconds) - now <= 50_000_000)
    }

    @Test func nothingMoreThanTheLimitWaits() throws {
        let wire = Wire()
        var limits = RedisLimits()
        limits.commandsMax = 2
        let link = try wire.link(limits: limits)
        link.start(atNanoseconds: 0)
        wire.letIn(link)
        var heard: [RedisLink.Answer] = []
        for _ in 0..<3 { link.send(RedisCommand("GET")) { heard.append($0) } }
        #expect(heard == [.failure(.away)])
        link.flush()
        wire.answer(link, .null, .null)
        #expect(heard.count == 3)
    }

    @Test func whatIsNotTheProtocolEndsTheConnection() throws {
        let wire = Wire()
        let link = try wire.link()
        var reasons: [String] = []
        link.whenLost = { reasons.append($0) }
        link.start(atNanoseconds: 0)
        wire.letIn(link)
        wire.answer(link, .integer(7))
        #expect(reasons == ["it answered what was not asked"])
        link.look(atNanoseconds: Self.second)
        wire.letIn(link, at: Self.second)
        wire.fault = "a letter"
        wire.answer(link)
        #expect(reasons.last == "it does not speak the Redis protocol: a letter")
    }

    @Test func whatIsClosedStaysClosed() throws {
        let wire = Wire()
        let link = try wire.link()
        link.start(atNanoseconds: 0)
        wire.letIn(link)
        var heard: [RedisLink.Answer] = []
        link.send(RedisCommand("GET")) { heard.append($0) }
        link.close()
        #expect(heard == [.failure(.away)] && wire.closed == 1)
        link.look(atNanoseconds: 100 * Self.second)
        #expect(wire.attempts.count == 1 && link.nextDeadlineNanoseconds == nil)
    }
}
