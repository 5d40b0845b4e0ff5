import Bytes
import Orders

/// One connection to Redis, made anew whenever it is lost: commands go out in the order in which they came,
/// all of a turn in one write, and answers come back in that order.
public final class RedisLink {
    /// What became of a command.
    public typealias Answer = MarketResult<RedisValue>

    private enum Phase {
        /// Not begun, or ended for good.
        case idle
        /// A connection is being made.
        case connecting
        /// It is made, and Redis is being told who we are.
        case greeting
        /// Commands are taken.
        case ready
        /// Lost; the next attempt comes at that time.
        case pausing(untilNanoseconds: UInt64)
    }

    private struct Waiting {
        let then: (Answer) -> Void
        /// Where the command ends, counted in bytes since the connection was made: all commands of a turn are
        /// handed over at once, so none is cut in two.
        let endOffset: UInt64
    }

    private let address: RedisAddress
    private let limits: RedisLimits
    private let makeCodec: () -> any RedisCodec
    private let connector: any RedisConnector
    private var codec: (any RedisCodec)?
    private var transport: (any RedisTransport)?
    private var phase = Phase.idle
    private var output = ByteWriter()
    /// Commands that are not answered, the oldest at `firstWaiting`.
    private var waiting: [Waiting] = []
    private var firstWaiting = 0
    /// Bytes handed to the transport since the connection was made.
    private var sentOffset: UInt64 = 0
    /// The time, as far as it has been told.
    private(set) var now: UInt64 = 0
    /// When the answer that is owed has to come, at least in part.
    private var silenceDeadlineNanoseconds: UInt64?
    private var attempts: UInt64 = 0
    private var readyNanoseconds: UInt64 = 0
    private var seed: UInt64

    /// What has passed, over all connections.
    public private(set) var traffic = MarketTraffic()
    /// Called when commands are taken.
    var whenReady: () -> Void = {}
    /// Called when commands are no longer taken, or a connection could not be made, with the reason.
    var whenLost: (String) -> Void = { _ in }

    /// A link that ``start(atNanoseconds:)`` begins. `seed` decides how attempts of many instances to come
    /// back lie apart.
    public init(
        to address: RedisAddress, by connector: any RedisConnector, limits: RedisLimits, seed: UInt64,
        codec: @escaping () -> any RedisCodec
    ) {
        self.address = address
        self.connector = connector
        self.limits = limits
        self.seed = seed
        makeCodec = codec
    }

    /// Whether commands are taken.
    var isReady: Bool { if case .ready = phase { true } else { false } }

    // MARK: Commands

    /// Sends a command at the turn's end. `then` is told what became of it: at once, where it cannot be sent.
    func send(_ command: RedisCommand, then: @escaping (Answer) -> Void) {
        guard case .ready = phase, waiting.count - firstWaiting < limits.commandsMax else {
            then(.failure(.away))
            return
        }
        append(command, then: then)
    }

    private func append(_ command: RedisCommand, then: @escaping (Answer) -> Void) {
        guard let codec else { return }
        codec.append(command, to: &output)
        traffic.commands += 1
        waiting.append(Waiting(then: then, endOffset: sentOffset + UInt64(output.count)))
    }

    /// Sends all commands of the turn.
    func flush() {
        guard !output.isEmpty, let transport else { return }
        traffic.writes += 1
        traffic.sentBytes += UInt64(output.count)
        sentOffset += UInt64(output.count)
        if silenceDeadlineNanoseconds == nil {
            silenceDeadlineNanoseconds = deadline(limits.silenceMilliseconds)
        }
        transport.send(output.unsafeBytes)
        output.reset(keeping: 1_048_576)
    }

    private func deadline(_ milliseconds: UInt64) -> UInt64 { now + milliseconds * 1_000_000 }

    // MARK: What the connector tells

    /// The connection is made.
    public func connected(_ transport: any RedisTransport) {
        guard case .connecting = phase else {
            transport.close()
            return
        }
        self.transport = transport
        phase = .greeting
        codec = makeCodec()
        sentOffset = 0
        greet()
    }

    /// Says who we are, and which database is meant.
    private func greet() {
        var commands: [RedisCommand] = []
        if let password = address.password {
            var command = RedisCommand("AUTH")
            if let user = address.user { command.append(user) }
            command.append(password)
            commands.append(command)
        }
        if address.database != 0 { commands.append(RedisCommand("SELECT", "\(address.database)")) }
        // Answered with an error as long as Redis reads its data, or wants a password.
        commands.append(RedisCommand("EXISTS", RedisKeys.market))
        var unanswered = commands.count
        for command in commands {
            append(command) { [unowned self] answer in
                unanswered -= 1
                switch answer {
                case .success(.error(let words)): lose(words)
                case .success where unanswered == 0: becomeReady()
                case .success, .failure: break
                }
            }
        }
    }

    private func becomeReady() {
        guard case .greeting = phase else { return }
        phase = .ready
        readyNanoseconds = now
        whenReady()
    }

    /// Bytes arrived.
    public func received(_ bytes: UnsafeRawBufferPointer, atNanoseconds now: UInt64) {
        guard let codec else { return }
        self.now = max(self.now, now)
        traffic.receivedBytes += UInt64(bytes.count)
        codec.take(bytes)
        silenceDeadlineNanoseconds = nil
        // A connection that is lost by an answer has another codec, or none.
        while let current = self.codec, current === codec {
            do throws(RedisProtocolError) {
                guard let value = try codec.next() else { break }
                answer(value)
            } catch {
                lose("it does not speak the Redis protocol: \(error.reason)")
            }
        }
        if transport != nil, firstWaiting < waiting.count {
            silenceDeadlineNanoseconds = deadline(limits.silenceMilliseconds)
        }
    }

    private func answer(_ value: RedisValue) {
        guard firstWaiting < waiting.count else {
            lose("it answered what was not asked")
            return
        }
        let then = waiting[firstWaiting].then
        firstWaiting += 1
        if firstWaiting == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            firstWaiting = 0
        } else if firstWaiting >= 4_096 {
            waiting.removeFirst(firstWaiting)
            firstWaiting = 0
        }
        then(.success(value))
    }

    /// The connection is gone, or could not be made.
    public func ended(_ reason: String) { lose(reason) }

    // MARK: Loss and return

    /// Begins.
    func start(atNanoseconds now: UInt64) {
        self.now = now
        guard case .idle = phase else { return }
        connect()
    }

    private func connect() {
        phase = .connecting
        silenceDeadlineNanoseconds = deadline(limits.connectMilliseconds)
        connector.connect(self)
    }

    /// Gives the connection up, and comes back after a pause.
    func lose(_ reason: String) {
        switch phase {
        case .idle, .pausing: return
        case .connecting, .greeting, .ready: break
        }
        if transport != nil { traffic.losses += 1 }
        // Who was let in and shown the door at once has not come far.
        if case .ready = phase, now >= readyNanoseconds + limits.pauseMaxMilliseconds * 1_000_000 {
            attempts = 0
        }
        if case .connecting = phase { connector.giveUp(self) }
        phase = .pausing(untilNanoseconds: now + nextPauseNanoseconds())
        letGo()
        whenLost(reason)
    }

    /// Tells everybody who waits.
    private func letGo() {
        transport?.close()
        transport = nil
        codec = nil
        silenceDeadlineNanoseconds = nil
        output.reset(keeping: 0)
        let unanswered = waiting[firstWaiting...]
        waiting = []
        firstWaiting = 0
        // What was never handed to the transport has not been done.
        let sent = sentOffset
        for command in unanswered {
            command.then(.failure(command.endOffset <= sent ? .unknown : .away))
        }
    }

    private func nextPauseNanoseconds() -> UInt64 {
        let exponent = min(attempts, 16)
        attempts += 1
        let pause = min(limits.pauseMaxMilliseconds, limits.pauseMinMilliseconds << exponent)
        // From half of it to all, so that many instances do not come back at the same moment.
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return pause * 500_000 + (seed >> 33) % (pause * 500_000 + 1)
    }

    /// Ends for good.
    func close() {
        connector.giveUp(self)
        phase = .idle
        letGo()
    }

    // MARK: Time

    /// When ``look(atNanoseconds:)`` has to be called next.
    var nextDeadlineNanoseconds: UInt64? {
        if case .pausing(let until) = phase { until } else { silenceDeadlineNanoseconds }
    }

    /// Acts on what has lasted too long.
    func look(atNanoseconds now: UInt64) {
        self.now = max(self.now, now)
        if case .pausing(let until) = phase {
            if until <= now { connect() }
        } else if let deadline = silenceDeadlineNanoseconds, deadline <= now {
            lose("it has not answered for \(limits.silenceMilliseconds) ms")
        }
    }
}
