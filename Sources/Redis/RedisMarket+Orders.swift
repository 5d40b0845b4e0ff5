import Bytes
import Orders

/// What a market is asked.
extension RedisMarket {
    /// An argument of a script.
    enum Argument {
        case text(String)
        case bytes([UInt8])
        case number(Int64)
    }

    /// Runs a script, and teaches it to Redis where that has forgotten it. Errors of Redis are failures.
    func run(
        _ script: RedisScript, _ arguments: [Argument], key: [UInt8]? = nil,
        then: @escaping (MarketResult<RedisValue>) -> Void
    ) {
        let asked = era
        commands.send(call(script, bySource: false, arguments, key)) { [unowned self] answer in
            guard case .success(.error(let words)) = answer, words.hasPrefix("NOSCRIPT") else {
                then(checked(answer, ofEra: asked))
                return
            }
            // It was not done, so it may be asked again; whoever asks by the program's text leaves it there.
            commands.send(call(script, bySource: true, arguments, key)) { [unowned self] answer in
                then(checked(answer, ofEra: asked))
            }
        }
    }

    private func call(
        _ script: RedisScript, bySource: Bool, _ arguments: [Argument], _ key: [UInt8]?
    ) -> RedisCommand {
        var command = RedisCommand(bySource ? "EVAL" : "EVALSHA")
        command.append(bySource ? script.source : script.digest)
        command.append(key == nil ? 4 : 5)
        command.append(RedisKeys.market)
        command.append(RedisKeys.due)
        command.append(RedisKeys.feed)
        command.append(RedisKeys.orders)
        if let key { command.append(Array(RedisKeys.idempotency.utf8) + key) }
        for argument in arguments {
            switch argument {
            case .text(let text): command.append(text)
            case .bytes(let bytes): command.append(bytes)
            case .number(let number): command.append(number)
            }
        }
        return command
    }

    /// An answer, where it is none that tells of an error or of another market.
    private func checked(
        _ answer: MarketResult<RedisValue>, ofEra asked: [UInt8]? = nil
    ) -> MarketResult<RedisValue> {
        guard case .success(let value) = answer else { return answer }
        switch value {
        case .error(let words):
            // A replica takes no changes: whoever made it one has made another instance the master.
            if words.hasPrefix("READONLY") { commands.lose(words) }
            return .failure(.refused(words))
        case .text(RedisScript.otherMarket):
            // Unless that has been found already: whoever has come since is not to be told of it again.
            if era == asked { reopen() }
            return .failure(.away)
        default:
            return answer
        }
    }

    /// Runs a script in the market that is known.
    private func change(
        _ script: RedisScript, _ arguments: [Argument], key: [UInt8]? = nil,
        then: @escaping (MarketResult<RedisValue>) -> Void
    ) {
        guard let era, presence == .here else {
            then(.failure(.away))
            return
        }
        run(script, [.bytes(era)] + arguments, key: key, then: then)
    }

    /// Asks for what is kept.
    private func read(_ command: RedisCommand, then: @escaping (MarketResult<RedisValue>) -> Void) {
        guard presence == .here else {
            then(.failure(.away))
            return
        }
        commands.send(command) { [unowned self] answer in then(checked(answer)) }
    }

    /// What is kept is not what was put there.
    private static func unreadable<Value>() -> MarketResult<Value> {
        .failure(.refused("an answer that this server does not understand"))
    }

    // MARK: Changes

    /// Places an order: with all others of the turn, or by itself where it has a key.
    public func place(
        _ placement: MarketPlacement, then: @escaping (MarketResult<MarketPlacement.Outcome>) -> Void
    ) {
        guard let key = placement.key else {
            placements.append((placement, then))
            if placements.count >= Self.placementsPerCallMax { placeCollected() }
            return
        }
        place([placement], key: RedisKeys.digest(of: key)) { answer in then(answer.map { $0[0] }) }
    }

    /// Places the orders of the turn.
    func placeCollected() {
        guard !placements.isEmpty else { return }
        let collected = placements
        placements.removeAll(keepingCapacity: true)
        place(collected.map(\.0), key: nil) { answer in
            for (index, (_, then)) in collected.enumerated() { then(answer.map { $0[index] }) }
        }
    }

    private func place(
        _ placements: [MarketPlacement], key: [UInt8]?,
        then: @escaping (MarketResult<[MarketPlacement.Outcome]>) -> Void
    ) {
        var arguments: [Argument] = [.number(Self.keySeconds)]
        for placement in placements {
            arguments.append(.number(Int64(placement.delayMilliseconds)))
            arguments.append(.number(Int64(placement.ordersMax)))
            arguments.append(
                .bytes(Array(String(placement.quantity).utf8) + [ASCII.space] + placement.stocks))
        }
        change(.place, arguments, key: key) { [unowned self] answer in
            then(answer.flatMap { outcomes($0, count: placements.count) })
        }
    }

    private func outcomes(_ value: RedisValue, count: Int) -> MarketResult<[MarketPlacement.Outcome]> {
        guard let parts = value.elements, parts.count == 3 else { return Self.unreadable() }
        if parts[0].bytes == Array("KNOWN".utf8) {
            guard let id = parts[1].number, let stored = parts[2].bytes,
                let order = SharedOrder(id: id, stored: stored)
            else { return Self.unreadable() }
            return .success([.known(order)])
        }
        guard var next = parts[0].number, let moments = parts[2].elements, moments.count == count else {
            return Self.unreadable()
        }
        var outcomes: [MarketPlacement.Outcome] = []
        for moment in moments {
            guard let due = moment.number else { return Self.unreadable() }
            guard due >= 0 else {
                outcomes.append(.full)
                continue
            }
            outcomes.append(.placed(next))
            next += 1
            execution.placed(due: due)
        }
        return .success(outcomes)
    }

    /// Cancels an order.
    public func cancel(_ id: Int64, then: @escaping (MarketResult<OrderStore.Cancellation>) -> Void) {
        guard 1...Int64(OrderStore.ordersMaxLimit) ~= id else {
            then(.success(.unknown))
            return
        }
        change(.cancel, [.number(id)]) { answer in
            then(
                answer.flatMap { value in
                    switch value.bytes?.first {
                    case UInt8(ascii: "C"): .success(.cancelled)
                    case UInt8(ascii: "c"): .success(.alreadyCancelled)
                    case UInt8(ascii: "E"): .success(.executed)
                    case UInt8(ascii: "?"): .success(.unknown)
                    default: Self.unreadable()
                    }
                })
        }
    }

    // MARK: Reading

    /// Finds one order.
    public func order(_ id: Int64, then: @escaping (MarketResult<SharedOrder?>) -> Void) {
        guard 1...Int64(OrderStore.ordersMaxLimit) ~= id else {
            then(.success(nil))
            return
        }
        read(RedisCommand("HGET", Self.block(of: id), String(id))) { answer in
            then(
                answer.flatMap { value in
                    if case .null = value { return .success(nil) }
                    guard let order = value.bytes.flatMap({ SharedOrder(id: id, stored: $0) }) else {
                        return Self.unreadable()
                    }
                    return .success(order)
                })
        }
    }

    private static func block(of id: Int64) -> String {
        RedisKeys.orders + String(MarketBlock.number(of: id))
    }

    /// Finds the orders of a part of a block.
    public func orders(_ ids: ClosedRange<Int64>, then: @escaping (MarketResult<[SharedOrder]>) -> Void) {
        precondition(MarketBlock.number(of: ids.lowerBound) == MarketBlock.number(of: ids.upperBound))
        read(RedisCommand("HGETALL", Self.block(of: ids.lowerBound))) { answer in
            then(
                answer.flatMap { value in
                    guard let fields = value.elements else { return Self.unreadable() }
                    var orders: [SharedOrder] = []
                    for index in stride(from: 0, to: fields.count - 1, by: 2) {
                        guard let id = fields[index].number, let stored = fields[index + 1].bytes,
                            let order = SharedOrder(id: id, stored: stored)
                        else { return Self.unreadable() }
                        if ids.contains(id) { orders.append(order) }
                    }
                    // A hash is in no order once it is long.
                    return .success(orders.sorted { $0.id < $1.id })
                })
        }
    }

    /// How far the market has come.
    public func position(then: @escaping (MarketResult<MarketPosition>) -> Void) {
        read(RedisCommand("HMGET", RedisKeys.market, "orders", "sequence")) { answer in
            then(
                answer.flatMap { value in
                    guard let parts = value.elements, parts.count == 2 else { return Self.unreadable() }
                    guard let count = parts[0].number, let sequence = parts[1].number else {
                        return .failure(.away)
                    }
                    return .success(MarketPosition(lastOrderID: count, lastSequence: UInt64(sequence)))
                })
        }
    }

    // MARK: Executing

    var canExecute: Bool { commands.isReady && era != nil }

    /// Has orders executed that are due.
    func executeDue() {
        guard let era else { return }
        execution.began(at: now)
        run(.execute, [.bytes(era), .number(Self.executionsPerCallMax)]) { [unowned self] answer in
            guard case .success(let value) = answer, let parts = value.elements, parts.count == 3,
                let late = parts[2].elements
            else {
                execution.failed(at: now)
                return
            }
            for milliseconds in late {
                lateness.record(nanoseconds: UInt64(max(0, milliseconds.number ?? 0)) * 1_000_000)
            }
            execution.ended(count: late.count, next: parts[0].number, time: parts[1].number)
        }
    }
}
