import Orders
import Platform
import Redis

/// Some instances that share a market in one Redis, with their clients, on a simulated network and clock.
final class Exchange {
    let conditions: SharedConditions
    let trace: Trace
    var generator: SeededGenerator
    let agenda = Agenda()
    let ledger = Ledger()
    let redis: FakeRedis
    var instances: [SharedInstance] = []
    var traders: [SharedTrader] = []
    var followers: [SharedFollower] = []
    var instanceCount = 0
    var clientCount = 0
    var textCount = 0
    /// The last numbers that followers heard who are gone.
    var lastHeard: [Int] = []
    /// Tags of rows as they have been seen.
    var tags: [(id: Int64, row: String, tag: String)] = []
    /// Texts of orders that were said not to be placed.
    var neverPlaced: Set<String> = []
    /// What was asked for and may be done at any time, as nobody has said what became of it.
    var lostQuestions: [SharedQuestion] = []
    /// Orders as others have left them.
    var pastCount: Int64 = 0
    var backups: [FakeRedis.Backup] = []
    /// Until when Redis refuses placing, or ending orders too.
    var shortUntilNanoseconds: UInt64 = 0
    var refusedUntilNanoseconds: UInt64 = 0
    /// Whether events may be missed.
    var isTrimmed: Bool
    /// How far the clock of Redis has been set forward: who waits by the time that it told before is so late.
    var leapedMicroseconds: Int64 = 0
    /// Until when there is trouble with each instance that begins meanwhile.
    var troubleUntilNanoseconds: UInt64 = 0
    /// Whether all is well from here on.
    var isHealed = false
    /// The tick at which the market was last set back or emptied.
    var replacementTick = -1
    /// Platforms that should be gone.
    private(set) var remains: [Remains] = []
    private(set) var fault: String?

    /// What may be left of an instance.
    struct Remains {
        weak var platform: Platform?
    }

    init(conditions: SharedConditions, generator: SeededGenerator, trace: Trace) {
        self.conditions = conditions
        self.generator = generator
        self.trace = trace
        redis = FakeRedis(
            agenda: agenda, trace: trace, ledger: ledger, conditions: conditions,
            seed: self.generator.next())
        isTrimmed = conditions.feedMax < 131_072
    }

    var now: UInt64 { agenda.nanoseconds }
    var longestTransit: UInt64 { UInt64(conditions.transitNanoseconds.upperBound) }
    /// How long an instance takes at most to come back when nothing more goes wrong: the longest pause, some
    /// ways there and back, each of them cut in pieces, and late timers.
    var recoveryNanoseconds: UInt64 {
        2_100_000_000 + 24 * longestTransit + 10 * UInt64(conditions.lateNanosecondsMax)
    }

    func fail(_ reason: @autoclosure () -> String) {
        guard fault == nil else { return }
        fault = reason()
        for instance in instances { instance.network.isHalted = true }
    }

    func note(_ what: StaticString, _ who: Int = 0, _ amount: Int = 0) {
        trace.nanoseconds = now
        trace.note(what, who, amount)
    }

    // MARK: The day

    func run() {
        if let past = conditions.pastOrders { redis.prepare(past) }
        pastCount = ledger.positions.last?.orders ?? 0
        ledger.whenNoted = { [unowned self] in check($0, before: $1) }
        ledger.whenReplaced = { [unowned self] in noteReplacement() }
        redis.whenTroubled = { [unowned self] in noteTrouble(of: $0, isOwn: $1) }
        backups.append(redis.backup)
        for _ in 0...generator.below(conditions.instancesMax) { arrive() }
        for _ in 0..<conditions.steps where fault == nil {
            act(conditions.deed(&generator))
            settle()
        }
        if fault == nil { finish() }
    }

    // MARK: Time

    /// Lets time pass.
    func pass(_ nanoseconds: UInt64) {
        let target = now + nanoseconds
        settle()
        while fault == nil {
            let deadlines = instances.compactMap(\.deadlineNanoseconds)
            let next = min(agenda.nextNanoseconds ?? .max, deadlines.min() ?? .max)
            guard next <= target else { break }
            move(to: next)
            while fault == nil, agenda.runNext() {
                if generator.once(in: 2) { settle() }
            }
            for instance in instances where instance.deadlineNanoseconds.map({ $0 <= now }) ?? false {
                instance.isTouched = true
            }
            settle()
        }
        move(to: target)
        checkPunctuality()
    }

    private func move(to moment: UInt64) {
        agenda.move(to: moment)
        for instance in instances {
            instance.network.skip(nanoseconds: now - instance.network.nanoseconds)
        }
    }

    /// Ends the turns of all instances that have something to do, and hears what they say.
    func settle() {
        guard instances.contains(where: \.isTouched) else { return }
        for instance in instances where instance.isTouched && fault == nil {
            instance.isTouched = false
            agenda.count()
            instance.network.settle()
            instance.lateNanoseconds = UInt64(generator.below(conditions.lateNanosecondsMax))
            for violation in instance.network.violations + redis.violations { fail(violation) }
            let deadline = instance.network.host.nextDeadlineNanoseconds
            if let deadline, deadline <= instance.network.host.nowNanoseconds {
                fail("instance \(instance.number) asks to be called at a moment that has passed")
            }
        }
        hear()
    }

    // MARK: Instances

    /// Another instance begins.
    func arrive() {
        instanceCount += 1
        let number = instanceCount
        let platform = Platform(
            settings: conditions.settings, sessions: conditions.settings.sessionLimits, work: conditions.work)
        let network = Network(host: platform.host)
        network.skip(nanoseconds: now)
        weak var instance: SharedInstance?
        let connector = FakeRedisConnector(to: redis, instance: number) { instance?.isTouched = true }
        var address = RedisAddress.simulated
        address.password = conditions.password
        let market = RedisMarket(at: address, by: connector, seed: generator.next()) { WireCodec() }
        platform.share(market)
        let begun = SharedInstance(
            number: number, platform: platform, network: network, market: market, connector: connector,
            startTick: agenda.tick,
            troubleUntilNanoseconds: max(troubleUntilNanoseconds, now + recoveryNanoseconds))
        instance = begun
        instances.append(begun)
        remains.append(Remains(platform: platform))
        note("an instance begins", number)
    }

    /// An instance dies: its connections just end. `isKilled`: it has no time to close them.
    func depart(_ instance: SharedInstance, isKilled: Bool) {
        note("an instance is gone", instance.number)
        for trader in traders where trader.instance === instance { lose(trader.questions) }
        traders.removeAll { $0.instance === instance }
        for follower in followers where follower.instance === instance { leave(follower) }
        followers.removeAll { $0.instance === instance }
        instances.removeAll { $0 === instance }
        instance.troubleUntilNanoseconds = .max
        instance.connector.leave()
        if !isKilled { instance.market.close() }
        // A session and its line hold each other, and so do a session and its host.
        for client in instance.network.clients {
            client.line.session?.closed()
            client.line.session = nil
        }
    }

    /// What became of these, nobody will ever say.
    func lose(_ questions: [SharedQuestion]) { lostQuestions += questions }

    func leave(_ follower: SharedFollower) {
        if let heard = follower.heard { lastHeard.append(heard) }
    }

    // MARK: Trouble

    /// There is trouble for all, for so long.
    func trouble(_ nanoseconds: UInt64) {
        let until = now + nanoseconds + recoveryNanoseconds
        troubleUntilNanoseconds = max(troubleUntilNanoseconds, until)
        for instance in instances {
            instance.troubleUntilNanoseconds = max(instance.troubleUntilNanoseconds, until)
        }
    }

    private func noteTrouble(of number: Int, isOwn: Bool) {
        guard let instance = instances.first(where: { $0.number == number }) else { return }
        if isOwn, !instance.wasTroubled(since: now) {
            fail("instance \(number) has given up a connection that was well")
        }
        instance.troubleUntilNanoseconds = max(instance.troubleUntilNanoseconds, now + recoveryNanoseconds)
    }

    private func noteReplacement() {
        note("the market is another one")
        replacementTick = agenda.tick
        for instance in instances { instance.replacementCount += 1 }
        let number = ledger.histories.count - 1
        for follower in followers {
            let heard = follower.heard ?? 0
            let isOne = follower.histories.contains { ledger.isCommon(heard, to: $0, number) }
            if isOne { follower.histories.insert(number) }
        }
    }
}

extension RedisAddress {
    /// Where the Redis of a simulated day is.
    fileprivate static var simulated: RedisAddress {
        guard let address = try? RedisAddress("redis://redis.example/2") else {
            preconditionFailure("an address")
        }
        return address
    }
}
