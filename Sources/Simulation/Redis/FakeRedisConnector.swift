import Redis

/// Makes an instance's connections to a simulated Redis.
final class FakeRedisConnector: RedisConnector {
    private let redis: FakeRedis
    private let instance: Int
    /// Called when a link has been told something.
    private let whenTold: () -> Void
    /// Attempts that are on their way, by their links.
    private var attempts: [ObjectIdentifier: Int] = [:]
    private var attemptCount = 0
    /// The connections that were made.
    private(set) var connections: [FakeRedisConnection] = []
    /// The instance is no more.
    private var isGone = false

    init(to redis: FakeRedis, instance: Int, whenTold: @escaping () -> Void) {
        self.redis = redis
        self.instance = instance
        self.whenTold = whenTold
    }

    func connect(_ link: RedisLink) {
        attemptCount += 1
        let attempt = attemptCount
        let key = ObjectIdentifier(link)
        attempts[key] = attempt
        redis.agenda.at(redis.agenda.nanoseconds + redis.transit()) { [weak self, weak link] in
            guard let self, let link, attempts[key] == attempt else { return }
            arrive(link, attempt)
        }
    }

    /// An attempt has come to Redis' door.
    private func arrive(_ link: RedisLink, _ attempt: Int) {
        let key = ObjectIdentifier(link)
        let reception = redis.reception
        if reception == .deaf { return }
        var connection: FakeRedisConnection?
        if reception != .refusing {
            let made = FakeRedisConnection(link, to: redis, instance: instance, whenTold: whenTold)
            redis.accept(made)
            connection = made
        }
        redis.agenda.at(redis.agenda.nanoseconds + redis.transit()) { [weak self, weak link] in
            guard let self, !isGone, let link, attempts[key] == attempt else {
                connection?.leave()
                return
            }
            guard let connection else {
                redis.note("is refused", instance)
                redis.whenTroubled(instance, false)
                link.ended("connection refused")
                return whenTold()
            }
            redis.note("is connected", instance)
            connections.removeAll { $0.isOver }
            connections.append(connection)
            link.connected(connection)
            if reception == .full { connection.turnAway() }
            whenTold()
        }
    }

    func giveUp(_ link: RedisLink) {
        attempts[ObjectIdentifier(link)] = nil
        if !isGone { redis.whenTroubled(instance, false) }
    }

    /// The instance is no more: its connections end.
    func leave() {
        isGone = true
        for connection in connections where !connection.isOver { connection.leave() }
        connections = []
    }
}
