import Redis

/// A market as Redis keeps it, and the scripts that change it, as they are meant.
struct FakeMarket {
    /// The hash of the market.
    struct State: Equatable {
        let era: [UInt8]
        var orders: Int64 = 3
        var executed: Int64 = 1
        var cancelled: Int64 = 1
        var sequence: Int64 = 0
    }

    /// A member of the sorted set.
    struct Due: Equatable {
        let milliseconds: Int64
        let id: Int64
    }

    /// The order of a key.
    struct Key: Equatable {
        let id: Int64
        /// The millisecond at which it is no more.
        let endMilliseconds: Int64
    }

    private(set) var state: State?
    /// In order of (time, id).
    private(set) var due: [Due] = []
    private(set) var feed: [FakeEvent] = []
    /// The number of the last entry that the stream ever had.
    private(set) var feedTop: Int64 = 0
    /// The orders of all blocks, as they are stored.
    private(set) var orders: [Int64: [UInt8]] = [:]
    private(set) var keys: [[UInt8]: Key] = [:]
    /// What Redis would not have done, though a script asks for it.
    private(set) var violation: String?

    /// Nothing is kept.
    init() {}

    // MARK: Scripts

    /// Runs a script: `arguments` are ARGV, `key` is the name behind that of the idempotency keys.
    mutating func run(
        _ script: RedisScript, _ arguments: [[UInt8]], key: [UInt8]?, microseconds: Int64,
        refused: RefusedWrites?
    ) -> RedisValue {
        if script.digest == RedisScript.open.digest { return open(arguments, microseconds, refused) }
        guard let state, state.era == arguments.first else { return .text(Array("OTHER".utf8)) }
        switch script.digest {
        case RedisScript.place.digest: return place(arguments, key, microseconds, refused)
        case RedisScript.cancel.digest: return cancel(Self.number(arguments[1]), microseconds, refused)
        default: return execute(max: Self.number(arguments[1]), microseconds, refused)
        }
    }

    private mutating func open(
        _ arguments: [[UInt8]], _ microseconds: Int64, _ refused: RefusedWrites?
    ) -> RedisValue {
        if state == nil {
            // The first write takes no memory.
            if let refused, refused != .takingMemory { return .error(refused.words) }
            due = []
            feed = []
            feedTop = 0
            state = State(era: arguments[0])
            orders = orders.filter { $0.key > 128 }
            orders[1] = Array("P10 AAPL".utf8)
            orders[2] = Array("E5 MSFT".utf8)
            orders[3] = Array("C20 GOOG".utf8)
        }
        guard let state else { return .null }
        return .list([
            .text(state.era), Self.text(state.sequence), Self.text(due.first?.milliseconds ?? -1),
            Self.text(microseconds),
        ])
    }

    private mutating func place(
        _ arguments: [[UInt8]], _ key: [UInt8]?, _ microseconds: Int64, _ refused: RefusedWrites?
    ) -> RedisValue {
        let milliseconds = microseconds / 1_000
        if let key, let known = keys[key], known.endMilliseconds > milliseconds {
            return .list([
                .text(Array("KNOWN".utf8)), Self.text(known.id), orders[known.id].map { .text($0) } ?? .null,
            ])
        }
        let first = (state?.orders ?? 0) + 1
        var moments: [RedisValue] = []
        for index in stride(from: 2, to: arguments.count, by: 3) {
            guard let count = state?.orders, count < Self.number(arguments[index + 1]) else {
                moments.append(.integer(-1))
                continue
            }
            if let refused { return .error(refused.words) }
            let moment = milliseconds + Self.number(arguments[index]) + (microseconds % 1_000 > 0 ? 1 : 0)
            moments.append(.integer(moment))
            append(arguments[index + 2], due: moment, microseconds)
        }
        if let key, let count = state?.orders, count >= first {
            let end = milliseconds + Self.number(arguments[1]) * 1_000
            keys[key] = Key(id: first, endMilliseconds: end)
        }
        return .list([.integer(first), Self.text(microseconds), .list(moments)])
    }

    private mutating func append(_ order: [UInt8], due moment: Int64, _ microseconds: Int64) {
        state?.orders += 1
        guard let id = state?.orders else { return }
        orders[id] = [UInt8(ascii: "P")] + order
        let place = due.firstIndex { ($0.milliseconds, $0.id) > (moment, id) } ?? due.count
        due.insert(Due(milliseconds: moment, id: id), at: place)
        announce(id, "P", microseconds, due: moment)
    }

    private mutating func cancel(
        _ id: Int64, _ microseconds: Int64, _ refused: RefusedWrites?
    ) -> RedisValue {
        guard let order = orders[id] else { return .text([UInt8(ascii: "?")]) }
        if order[0] == UInt8(ascii: "C") { return .text([UInt8(ascii: "c")]) }
        if order[0] == UInt8(ascii: "E") { return .text([UInt8(ascii: "E")]) }
        if let refused, refused != .takingMemory { return .error(refused.words) }
        due.removeAll { $0.id == id }
        orders[id] = [UInt8(ascii: "C")] + order.dropFirst()
        state?.cancelled += 1
        announce(id, "C", microseconds)
        return .text([UInt8(ascii: "C")])
    }

    private mutating func execute(
        max count: Int64, _ microseconds: Int64, _ refused: RefusedWrites?
    ) -> RedisValue {
        let milliseconds = microseconds / 1_000
        let found = due.prefix { $0.milliseconds <= milliseconds }.prefix(Int(count))
        if !found.isEmpty, let refused, refused != .takingMemory { return .error(refused.words) }
        due.removeFirst(found.count)
        var lateness: [RedisValue] = []
        for entry in found {
            guard let order = orders[entry.id], order[0] == UInt8(ascii: "P") else { continue }
            orders[entry.id] = [UInt8(ascii: "E")] + order.dropFirst()
            announce(entry.id, "E", microseconds)
            lateness.append(.integer(milliseconds - entry.milliseconds))
        }
        state?.executed += Int64(lateness.count)
        return .list([
            Self.text(due.first?.milliseconds ?? -1), Self.text(microseconds), .list(lateness),
        ])
    }

    private mutating func announce(
        _ id: Int64, _ letter: Unicode.Scalar, _ microseconds: Int64, due: Int64? = nil
    ) {
        state?.sequence += 1
        let sequence = state?.sequence ?? 0
        if sequence <= feedTop { violation = "event \(sequence) behind event \(feedTop)" }
        feedTop = sequence
        feed.append(
            FakeEvent(
                sequence: sequence, orderID: id, letter: UInt8(ascii: letter), microseconds: microseconds,
                dueMilliseconds: due))
    }

    // MARK: What else may happen to it

    /// Has the stream hold only so many events.
    mutating func trim(to count: Int) {
        if feed.count > count { feed.removeFirst(feed.count - count) }
    }

    static func text(_ number: Int64) -> RedisValue { .text(Array(String(number).utf8)) }

    static func number(_ text: [UInt8]) -> Int64 { Int64(String(decoding: text, as: UTF8.self)) ?? -1 }
}
