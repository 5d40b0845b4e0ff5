import Bytes
import Orders

/// A market that is kept in Redis, so that many instances share it.
///
/// All truth is in Redis: an instance keeps no order, only how far it has heard the feed. Two connections: on
/// one go commands and their answers, on the other Redis is asked for what is new, and answers when there is
/// some.
public final class RedisMarket: SharedMarket {
    /// Orders that one call executes at most: 3 ms of Redis' time.
    static let executionsPerCallMax: Int64 = 256
    /// Orders that one call places at most: half a millisecond of Redis' time.
    static let placementsPerCallMax = 64
    /// Events that are asked for at a time.
    static let eventsPerReadMax: Int64 = 1_024
    /// How long an idempotency key is kept, in seconds.
    static let keySeconds: Int64 = 600
    /// For how long Redis waits for something new, in milliseconds, before it says that there is nothing.
    static let readMilliseconds: Int64 = 1_000

    /// Who is told what happens in the market.
    public weak var follower: (any MarketFollower)?
    /// Called with what an operator may want to hear.
    public var notice: (RedisNotice) -> Void = { _ in }
    /// Whether the market can be asked.
    public internal(set) var presence = MarketPresence.opening
    /// How many orders there are.
    public internal(set) var census = MarketCensus()
    /// How late the orders were that this instance has executed.
    public internal(set) var lateness = DurationHistogram()

    let commands: RedisLink
    let events: RedisLink
    /// By what the markets that this instance makes differ from those of others, and from each other.
    private let seed: UInt64
    private var openings = 0
    /// By what the market is known; nil until it is open.
    var era: [UInt8]?
    /// The last event that the market had when it was opened.
    var openedSequence: UInt64 = 0
    /// The last event that the census was told of by Redis: it counts those behind itself.
    var countedSequence: UInt64 = 0
    /// How far the feed has been heard, and when that event happened; nil until it is known where it begins.
    var heard: (sequence: UInt64, microseconds: Int64?)?
    /// Why the feed is told from its beginning, when that is found.
    var beginning = MarketBeginning.opened
    var execution = RedisExecution()
    /// Orders of this turn that are to be placed together.
    var placements: [(MarketPlacement, (MarketResult<MarketPlacement.Outcome>) -> Void)] = []
    /// Questions for the feed are on their way, one behind the other.
    var isReadingFeed = false
    /// The time, as far as it has been told.
    var now: UInt64 { max(commands.now, events.now) }
    private var hasBegun = false
    private var lastReason: String?

    /// A market whose connections a connector makes. `seed` lets instances differ: none may have another's.
    public init(
        at address: RedisAddress, by connector: any RedisConnector, limits: RedisLimits = RedisLimits(),
        seed: UInt64, codec: @escaping () -> any RedisCodec
    ) {
        commands = RedisLink(to: address, by: connector, limits: limits, seed: seed, codec: codec)
        events = RedisLink(to: address, by: connector, limits: limits, seed: ~seed, codec: codec)
        self.seed = seed
        commands.whenReady = { [unowned self] in open() }
        commands.whenLost = { [unowned self] reason in lost(reason) }
        events.whenReady = { [unowned self] in resumeFeed() }
        events.whenLost = { [unowned self] reason in lost(reason) }
    }

    /// What has passed between this instance and Redis.
    public var traffic: MarketTraffic {
        var sum = commands.traffic
        sum.commands += events.traffic.commands
        sum.writes += events.traffic.writes
        sum.sentBytes += events.traffic.sentBytes
        sum.receivedBytes += events.traffic.receivedBytes
        sum.losses += events.traffic.losses
        return sum
    }

    // MARK: Presence

    /// The market is here when it is open and the feed has been heard up to what it was then.
    func updatePresence() {
        let isHere = commands.isReady && era != nil && (heard.map { $0.sequence >= openedSequence } ?? false)
        let isKnown = presence != .opening
        let next: MarketPresence = isHere ? .here : isKnown ? .away : .opening
        guard next != presence else { return }
        presence = next
        if isHere {
            lastReason = nil
            notice(.here)
        }
        follower?.marketPresenceChanged()
    }

    private func lost(_ reason: String) {
        updatePresence()
        // Once for each reason: attempts follow each other quickly.
        guard reason != lastReason else { return }
        lastReason = reason
        notice(.away(reason))
    }

    // MARK: Opening

    /// Opens the market, and makes it where there is none.
    func open() {
        openings += 1
        let asked = now
        run(.open, [.text("\(String(seed, radix: 16))-\(openings)")]) { [unowned self] answer in
            guard case .success(let value) = answer else {
                if case .failure(.refused(let words)) = answer { commands.lose(words) }
                return
            }
            guard let parts = value.elements, parts.count == 4, let name = parts[0].bytes,
                let sequence = parts[1].number
            else {
                commands.lose("what it holds under \(RedisKeys.market) is not a market of this server's")
                return
            }
            let isAnother = era.map { $0 != name } ?? false
            era = name
            if isAnother { forget() }
            openedSequence = UInt64(sequence)
            execution.opened(next: parts[2].number, time: parts[3].number, askedAt: asked)
            resumeFeed()
            updatePresence()
        }
    }

    /// Has the feed begin anew, as it is that of another market.
    private func forget() {
        heard = nil
        beginning = .replaced
        notice(.replaced)
    }

    /// The market is not the one that is known.
    func reopen() {
        guard era != nil, commands.isReady else { return }
        era = nil
        forget()
        updatePresence()
        open()
    }

    // MARK: Time

    /// When ``finishTurn(atNanoseconds:)`` has to be called next.
    public var nextDeadlineNanoseconds: UInt64? {
        guard hasBegun else { return 0 }
        let due = canExecute ? execution.nextNanoseconds : nil
        return [commands.nextDeadlineNanoseconds, events.nextDeadlineNanoseconds, due].compactMap { $0 }.min()
    }

    /// Does what is due, and sends all that this turn has asked.
    public func finishTurn(atNanoseconds now: UInt64) {
        if !hasBegun {
            hasBegun = true
            commands.start(atNanoseconds: now)
            events.start(atNanoseconds: now)
        }
        commands.look(atNanoseconds: now)
        events.look(atNanoseconds: now)
        if canExecute, execution.nextNanoseconds.map({ $0 <= now }) ?? false { executeDue() }
        placeCollected()
        commands.flush()
        events.flush()
    }

    /// Ends both connections.
    public func close() {
        for (_, then) in placements { then(.failure(.away)) }
        placements = []
        commands.close()
        events.close()
    }
}
