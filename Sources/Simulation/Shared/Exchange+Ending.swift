/// The end of a day: all is well again, and everything is added up.
extension Exchange {
    func finish() {
        heal()
        let serving = instances.filter { $0.stopNanoseconds == nil }
        if serving.isEmpty { arrive() }
        // Until all have come back, all that waits has ended, and all has been told.
        pass(14_000_000_000 + recoveryNanoseconds)
        // Whoever has asked much at once may be placing still.
        for _ in 0..<10 {
            let due = redis.market.due.last.map { redis.nanoseconds(ofMilliseconds: $0.milliseconds) } ?? 0
            pass(max(due, now) - now + 1_000_000_000 + recoveryNanoseconds)
            if redis.market.due.isEmpty, traders.allSatisfy(\.questions.isEmpty) { break }
        }
        guard fault == nil else { return }
        if let left = redis.market.due.first { return fail("order \(left.id) was never executed") }
        checkClients()
        checkInstances()
        leaveAll()
    }

    private func checkClients() {
        for trader in traders where !trader.questions.isEmpty {
            fail("client \(trader.number) was never answered")
        }
        let last = ledger.sequence
        let current = ledger.histories.count - 1
        for follower in followers {
            if !follower.isOpen { fail("client \(follower.number) was never let in") }
            if !follower.histories.contains(current) {
                fail("client \(follower.number) has heard what is lost, and was not told")
            }
            let heard = follower.heard ?? (last <= follower.openSequence ? last : -1)
            if heard != last { fail("client \(follower.number) has heard \(heard) of \(last) events") }
        }
    }

    /// All instances tell the same.
    private func checkInstances() {
        for instance in instances where fault == nil {
            let trader = connectTrader(instance)
            ask(trader, .list(status: nil, text: nil, limit: nil, after: 0))
            ask(trader, .list(status: "PENDING", text: nil, limit: 1_000, after: 0))
            ask(trader, .health)
            settle()
            pass(2_000_000_000 + recoveryNanoseconds)
            if !trader.questions.isEmpty { fail("client \(trader.number) was not answered in the end") }
            if Int(instance.platform.lastSequence) != ledger.sequence {
                fail("instance \(instance.number) has heard \(instance.platform.lastSequence) events")
            }
            if instance.platform.subscriberCount != followers.count(where: { $0.instance === instance }) {
                fail("instance \(instance.number) has \(instance.platform.subscriberCount) subscribers")
            }
        }
    }

    private func leaveAll() {
        guard fault == nil else { return }
        for trader in traders { trader.client.abandon() }
        for follower in followers { follower.client.abandon() }
        traders = []
        followers = []
        for instance in instances { instance.isTouched = true }
        settle()
        for instance in instances {
            if instance.network.host.sessionCount > 0 { fail("sessions are left") }
            depart(instance, isKilled: generator.once(in: 2))
        }
        // What is on its way arrives, and nobody is there.
        pass(10_000_000_000)
        if !redis.connections.isEmpty { fail("\(redis.connections.count) connections are left") }
    }
}
