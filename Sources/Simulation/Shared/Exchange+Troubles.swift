/// What goes wrong with Redis and the ways to it.
extension Exchange {
    func goWrong(_ deed: SharedConditions.Deed) {
        switch deed {
        case .reset: reset()
        case .stall:
            let nanoseconds = duration(6_000_000_000)
            note("Redis is stopped", 0, Int(nanoseconds))
            trouble(nanoseconds)
            redis.stall(nanoseconds: nanoseconds)
        case .holdUp:
            guard let connection = anyConnection() else { return }
            let nanoseconds = duration(6_000_000_000)
            note("is held up", connection.instance, Int(nanoseconds))
            trouble(nanoseconds)
            connection.holdUp(nanoseconds: nanoseconds)
        case .refuse: refuse()
        case .forget:
            note("Redis forgets its scripts")
            redis.forgetScripts()
        case .refuseWrites: refuseWrites()
        case .empty:
            note("Redis is emptied")
            trouble(3_500_000_000)
            redis.empty()
            rush()
        case .keep: backups.append(redis.backup)
        case .setBack: restart(from: generator.one(of: backups))
        case .load: restart(from: nil)
        case .trim:
            note("the stream is cut")
            isTrimmed = true
            redis.trim(to: 1 + generator.below(4))
        default:
            let microseconds = generator.below(4_000_000) - 2_000_000
            note("the clock of Redis leaps", 0, microseconds)
            leapedMicroseconds += Int64(max(0, microseconds))
            redis.offsetMicroseconds += Int64(microseconds)
        }
    }

    private func duration(_ longest: Int) -> UInt64 {
        UInt64(generator.once(in: 2) ? generator.below(longest) : generator.below(longest / 50))
    }

    private func anyConnection() -> FakeRedisConnection? {
        redis.connections.isEmpty ? nil : generator.one(of: redis.connections)
    }

    private func reset() {
        guard let connection = anyConnection() else { return }
        switch generator.below(4) {
        case 0: connection.ending = .before
        case 1: connection.ending = .after
        default: connection.end(cuts: generator.once(in: 2), isTold: !generator.once(in: 4))
        }
    }

    private func refuse() {
        let nanoseconds = duration(10_000_000_000)
        note("Redis lets nobody in", 0, Int(nanoseconds))
        let reception = generator.one(of: [FakeRedis.Reception.refusing, .refusing, .deaf, .full])
        // Who has knocked while nobody was there to hear it gives up after a while.
        trouble(nanoseconds + (reception == .deaf ? 3_100_000_000 : 0))
        redis.reception = reception
        agenda.at(now + nanoseconds) { [redis] in redis.reception = .open }
        if generator.once(in: 2) { redis.endAll() }
    }

    private func refuseWrites() {
        let nanoseconds = duration(5_000_000_000)
        let refused = generator.one(of: [RefusedWrites.takingMemory, .all, .asReplica])
        note("Redis refuses writes", 0, Int(nanoseconds))
        shortUntilNanoseconds = max(shortUntilNanoseconds, now + nanoseconds + recoveryNanoseconds)
        if refused != .takingMemory { trouble(nanoseconds) }
        redis.refused = refused
        agenda.at(now + nanoseconds) { [redis] in redis.refused = nil }
    }

    private func restart(from backup: FakeRedis.Backup?) {
        note("Redis is started anew", 0, backup == nil ? 0 : 1)
        let nanoseconds = duration(3_000_000_000)
        trouble(nanoseconds)
        redis.restart(from: backup)
        if generator.once(in: 2) {
            redis.isLoading = true
            agenda.at(now + nanoseconds) { [redis] in redis.isLoading = false }
        }
        rush()
    }

    /// All is well from now on.
    func heal() {
        note("all is well from here on")
        isHealed = true
        redis.reception = .open
        redis.isLoading = false
        for connection in redis.connections { connection.ending = nil }
    }
}
