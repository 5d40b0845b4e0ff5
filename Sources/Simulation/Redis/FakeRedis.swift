import Redis

/// A Redis of a simulated day: it keeps a market, does what it is asked one by one, and has troubles of its
/// own. What it does is told to a ledger, which forgets nothing.
final class FakeRedis {
    /// What becomes of those who connect.
    enum Reception {
        /// They are let in.
        case open
        /// Nobody listens.
        case refusing
        /// Nobody answers.
        case deaf
        /// They are told that there are too many.
        case full
    }

    /// Tue, 14 Nov 2023 22:13:20 GMT.
    private static let startMicroseconds: Int64 = 1_700_000_000_000_000

    let agenda: Agenda
    let trace: Trace
    let ledger: Ledger
    var generator: SeededGenerator
    /// How long bytes are on their way at least and at most, in nanoseconds.
    let transitNanoseconds: ClosedRange<Int>
    /// The password that is asked for.
    let password: String?
    /// How many events the stream holds.
    let feedMax: Int

    private(set) var market = FakeMarket()
    var reception = Reception.open
    /// It is reading its data.
    var isLoading = false
    var refused: RefusedWrites?
    /// The process has been stopped, and goes on then.
    private(set) var stalledUntilNanoseconds: UInt64 = 0
    /// How far its clock is off.
    var offsetMicroseconds: Int64 = 0
    /// What nobody should have asked or done.
    private(set) var violations: [String] = []
    /// Called when an instance cannot go on as it did: with its number, and whether its own link gave up.
    var whenTroubled: (Int, Bool) -> Void = { _, _ in }
    private var taught: Set<String> = []
    /// Those that it has let in and not ended.
    private(set) var connections: [FakeRedisConnection] = []

    init(agenda: Agenda, trace: Trace, ledger: Ledger, conditions: SharedConditions, seed: UInt64) {
        self.agenda = agenda
        self.trace = trace
        self.ledger = ledger
        generator = SeededGenerator(seed: seed)
        transitNanoseconds = conditions.transitNanoseconds
        password = conditions.password
        feedMax = conditions.feedMax
        offsetMicroseconds = conditions.offsetMicroseconds
    }

    /// The time by its own clock.
    var microseconds: Int64 {
        Self.startMicroseconds + Int64(agenda.nanoseconds / 1_000) + offsetMicroseconds
    }

    /// A moment by its clock as one of the day.
    func nanoseconds(ofMilliseconds milliseconds: Int64) -> UInt64 {
        UInt64(max(0, milliseconds * 1_000 - offsetMicroseconds - Self.startMicroseconds)) * 1_000
    }

    var isStalled: Bool { stalledUntilNanoseconds > agenda.nanoseconds }

    func transit() -> UInt64 {
        let range = transitNanoseconds
        return UInt64(range.lowerBound + generator.below(range.upperBound - range.lowerBound + 1))
    }

    func note(_ what: StaticString, _ who: Int = 0, _ amount: Int = 0) {
        trace.nanoseconds = agenda.nanoseconds
        trace.note(what, who, amount)
    }

    func violate(_ words: String) { violations.append(words) }

    // MARK: Connections

    /// Lets a connection in.
    func accept(_ connection: FakeRedisConnection) { connections.append(connection) }

    /// A connection is no more.
    func forget(_ connection: FakeRedisConnection) { connections.removeAll { $0 === connection } }

    // MARK: Commands

    /// Does a command of a connection that is let in. Nil where it waits.
    func answer(_ words: [[UInt8]], of connection: FakeRedisConnection) -> RedisValue? {
        if isLoading { return .error("LOADING Redis is loading the dataset in memory") }
        let name = String(decoding: words.first ?? [], as: UTF8.self)
        let arguments = Array(words.dropFirst())
        switch name {
        case "EVALSHA", "EVAL": return evaluate(arguments, isSource: name == "EVAL", connection)
        case "EXISTS": return .integer(market.state == nil ? 0 : 1)
        case "HGET": return values(of: arguments).first ?? .null
        case "HMGET": return .list(values(of: arguments))
        case "HGETALL": return all(of: arguments[0])
        case "XRANGE": return range(arguments, connection)
        case "XREAD": return read(arguments, connection)
        default:
            violate("the command \(name)")
            return .error("ERR unknown command '\(name)'")
        }
    }

    private func evaluate(
        _ arguments: [[UInt8]], isSource: Bool, _ connection: FakeRedisConnection
    ) -> RedisValue {
        let text = String(decoding: arguments[0], as: UTF8.self)
        guard let script = RedisScript.all.first(where: { text == (isSource ? $0.source : $0.digest) }) else {
            violate("an unknown script")
            return .error("NOSCRIPT No matching script. Please use EVAL.")
        }
        guard isSource || taught.contains(script.digest) else {
            note("has forgotten the script", connection.instance)
            return .error("NOSCRIPT No matching script. Please use EVAL.")
        }
        taught.insert(script.digest)
        if script.digest == RedisScript.open.digest { note("opens the market", connection.instance) }
        let keysCount = Int(FakeMarket.number(arguments[1]))
        let names = arguments[2..<2 + keysCount].map { String(decoding: $0, as: UTF8.self) }
        let key = names.count == 5 ? names[4] : nil
        let isRight =
            names.prefix(4).elementsEqual([RedisKeys.market, RedisKeys.due, RedisKeys.feed, RedisKeys.orders])
            && key.map { $0.hasPrefix(RedisKeys.idempotency) } ?? true
        if !isRight { violate("the keys \(names)") }
        let last = market.feedTop
        let before = market.state
        let value = market.run(
            script, Array(arguments[(2 + keysCount)...]), key: key.map { Array($0.utf8) },
            microseconds: microseconds, refused: refused)
        if let words = market.violation { violate(words) }
        if before == nil, market.state != nil { ledger.opened(market, agenda) }
        changed(after: before == nil ? 0 : last, connection.instance)
        return value
    }

    /// Tells what a script has done.
    private func changed(after last: Int64, _ instance: Int) {
        guard market.feedTop > last else { return }
        for event in market.feed.suffix(Int(market.feedTop - last)) {
            note("has done", instance, Int(event.orderID) * 256 + Int(event.letter))
            ledger.note(event, market, agenda, by: instance)
        }
        market.trim(to: feedMax)
        for connection in connections { connection.wake() }
    }

    private static func blockNumber(_ key: [UInt8]) -> Int64? {
        guard key.starts(with: RedisKeys.orders.utf8) else { return nil }
        return FakeMarket.number(Array(key.dropFirst(RedisKeys.orders.utf8.count)))
    }

    private func values(of arguments: [[UInt8]]) -> [RedisValue] {
        arguments.dropFirst().map { field in
            if arguments[0].elementsEqual(RedisKeys.market.utf8) {
                guard let state = market.state else { return .null }
                switch String(decoding: field, as: UTF8.self) {
                case "era": return .text(state.era)
                case "orders": return FakeMarket.text(state.orders)
                case "executed": return FakeMarket.text(state.executed)
                case "cancelled": return FakeMarket.text(state.cancelled)
                case "sequence": return FakeMarket.text(state.sequence)
                default: return .null
                }
            }
            let id = FakeMarket.number(field)
            guard Self.blockNumber(arguments[0]) == (id - 1) / 128 else {
                violate("order \(id) in the wrong block")
                return .null
            }
            return market.orders[id].map { .text($0) } ?? .null
        }
    }

    /// A block, the last of its orders first: a hash is in no order.
    private func all(of key: [UInt8]) -> RedisValue {
        guard let number = Self.blockNumber(key) else {
            violate("HGETALL of what is no block")
            return .list([])
        }
        var values: [RedisValue] = []
        for id in (number * 128 + 1...number * 128 + 128).reversed() {
            guard let order = market.orders[id] else { continue }
            values += [FakeMarket.text(id), .text(order)]
        }
        return .list(values)
    }

    // MARK: The stream

    private static func entry(_ event: FakeEvent) -> RedisValue {
        let fields = event.fields.map { RedisValue.text(Array($0.utf8)) }
        return .list([.text(Array("\(event.sequence)-0".utf8)), .list(fields)])
    }

    private static func sequence(_ name: [UInt8]) -> Int64 {
        FakeMarket.number(Array(name.prefix { $0 != UInt8(ascii: "-") }))
    }

    private func range(_ arguments: [[UInt8]], _ connection: FakeRedisConnection) -> RedisValue {
        let lower = Self.sequence(arguments[1])
        let upper = arguments[2] == [UInt8(ascii: "+")] ? .max : Self.sequence(arguments[2])
        let count = arguments.count == 5 ? Int(FakeMarket.number(arguments[4])) : .max
        note("looks at an event", connection.instance, Int(lower))
        let found = market.feed.filter { lower <= $0.sequence && $0.sequence <= upper }
        return .list(found.prefix(count).map(Self.entry))
    }

    private func read(_ arguments: [[UInt8]], _ connection: FakeRedisConnection) -> RedisValue? {
        var words = arguments.map { String(decoding: $0, as: UTF8.self) }
        guard words.count >= 5, words[0] == "COUNT", let count = Int(words[1]) else {
            violate("XREAD \(words)")
            return .error("ERR syntax error")
        }
        words.removeFirst(2)
        var waits: UInt64?
        if words[0] == "BLOCK" {
            waits = UInt64(words[1])
            words.removeFirst(2)
        }
        let last = words[2] == "$" ? market.feedTop : Self.sequence(Array(words[2].utf8))
        note("asks for events", connection.instance, Int(last))
        if let value = entries(after: last, max: count) { return value }
        guard let waits else { return .null }
        connection.block(after: last, max: count, milliseconds: waits)
        return nil
    }

    /// The answer to XREAD, or nil where there is nothing.
    func entries(after sequence: Int64, max count: Int) -> RedisValue? {
        var start = market.feed.endIndex
        while start > 0, market.feed[start - 1].sequence > sequence { start -= 1 }
        let found = market.feed[start...].prefix(count)
        guard !found.isEmpty else { return nil }
        let stream: [RedisValue] = [.text(Array(RedisKeys.feed.utf8)), .list(found.map(Self.entry))]
        return .list([.list(stream)])
    }

    // MARK: Troubles

    /// Stops the process for a while.
    func stall(nanoseconds: UInt64) {
        stalledUntilNanoseconds = max(stalledUntilNanoseconds, agenda.nanoseconds + nanoseconds)
        agenda.at(stalledUntilNanoseconds) { [unowned self] in
            guard !isStalled else { return }
            note("goes on")
            for connection in connections { connection.serve() }
        }
    }

    /// Forgets all scripts.
    func forgetScripts() { taught = [] }

    /// Has the stream hold only its last events.
    func trim(to count: Int) { market.trim(to: count) }

    /// What it could be started anew with.
    struct Backup {
        fileprivate let market: FakeMarket
        fileprivate let history: Ledger.History
    }

    /// What it has now.
    var backup: Backup { Backup(market: market, history: ledger.current) }

    /// Keeps nothing any more.
    func empty() {
        market = FakeMarket()
        ledger.replaced(by: market, of: nil, agenda)
    }

    /// Is started anew, with the data of now or of an earlier moment.
    func restart(from backup: Backup?) {
        taught = []
        if let backup {
            market = backup.market
            ledger.replaced(by: market, of: market.state == nil ? nil : backup.history, agenda)
        }
        endAll()
    }

    /// Ends all connections; some are not told.
    func endAll() {
        for connection in connections {
            connection.end(cuts: generator.once(in: 2), isTold: !generator.once(in: 5))
        }
    }

    /// Has somebody from before the day place orders, cancel some and have some executed.
    func prepare(_ orders: Int) {
        func run(_ script: RedisScript, _ words: [String], at moment: Int64) {
            _ = market.run(
                script, (["past"] + words).map { Array($0.utf8) }, key: nil, microseconds: moment,
                refused: nil)
        }
        run(.open, [], at: microseconds)
        ledger.opened(market, agenda)
        for index in 0..<orders {
            let moment = microseconds - Int64(orders - index) * 3_000
            let last = market.feedTop
            run(.place, ["600", "\(generator.below(4_000))", "1000000", "1 PAST\(index % 3)"], at: moment)
            if generator.once(in: 3) { run(.cancel, ["\(4 + generator.below(index + 1))"], at: moment) }
            if generator.once(in: 3) { run(.execute, ["256"], at: moment) }
            tellPast(after: last)
        }
        market.trim(to: feedMax)
    }

    private func tellPast(after last: Int64) {
        for event in market.feed.suffix(Int(market.feedTop - last)) { ledger.note(event, market, agenda) }
    }
}
