import Bytes
import Reactor
import Redis

#if Redis
    import Hiredis
#endif

/// Makes the connections to Redis, on the loop.
@LoopActor
final class RedisConnections: @LoopActor RedisConnector {
    /// Whether this program was built with what reads and writes the language of Redis.
    nonisolated static var isBuilt: Bool {
        #if Redis
            true
        #else
            false
        #endif
    }

    private let loop: Loop
    private let address: RedisAddress
    private var attempts: [ObjectIdentifier: Attempt] = [:]

    init(to address: RedisAddress, on loop: Loop) {
        self.address = address
        self.loop = loop
    }

    /// The market that is reached by them.
    func makeMarket(seed: UInt64) -> RedisMarket {
        #if Redis
            RedisMarket(at: address, by: self, seed: seed) { HiredisCodec() }
        #else
            preconditionFailure("the settings refuse it")
        #endif
    }

    /// Connects: the name is looked up each time, as it may have moved.
    func connect(_ link: RedisLink) {
        let attempt = Attempt()
        attempts[ObjectIdentifier(link)] = attempt
        SocketAddress.find(host: address.host, port: address.port, on: loop) { [self] found in
            guard !attempt.isGivenUp else { return }
            switch found {
            case .failure(let error): link.ended("its host '\(address.host)' cannot be found: \(error)")
            case .success(let place): connect(link, to: place, attempt)
            }
        }
    }

    private func connect(_ link: RedisLink, to place: SocketAddress, _ attempt: Attempt) {
        attempt.connecting = TCPConnecting.connect(to: place, on: loop) { result in
            switch result {
            case .failure where attempt.isGivenUp:
                break
            case .failure(let error):
                link.ended("\(error)")
            case .success(let connection) where attempt.isGivenUp:
                connection.close()
            case .success(let connection):
                attempt.connecting = nil
                let transport = RedisConnection(connection, link)
                link.connected(transport)
                connection.start(with: transport)
            }
        }
    }

    func giveUp(_ link: RedisLink) {
        guard let attempt = attempts.removeValue(forKey: ObjectIdentifier(link)) else { return }
        attempt.isGivenUp = true
        attempt.connecting?.cancel()
    }

    /// A connection that is on its way, or was.
    @LoopActor
    private final class Attempt {
        var connecting: TCPConnecting?
        var isGivenUp = false
    }
}
