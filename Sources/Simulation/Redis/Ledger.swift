/// All that has ever happened in the market of a simulated day, also what Redis has lost since.
final class Ledger {
    /// An event, with what was so behind it.
    struct Entry {
        let event: FakeEvent
        let nanoseconds: UInt64
        let orders: Int64
        let executed: Int64
        let cancelled: Int64
    }

    /// A history: Redis may be set back to an earlier moment, from which another one goes on.
    struct History {
        /// All of them, from number 1 on.
        var entries: [Entry]
        /// How many orders there were before the first.
        var opening: Ledger.Counts
    }

    /// How many orders there are.
    struct Counts: Equatable {
        var orders: Int64 = 0
        var executed: Int64 = 0
        var cancelled: Int64 = 0
    }

    /// How far the market had come from a tick on.
    struct Position {
        let tick: Int
        let orders: Int64
        let sequence: Int64
    }

    /// A row of the market as it was from a tick on; nil where there was none.
    struct Row: Equatable {
        let tick: Int
        let stored: [UInt8]?
    }

    /// An order that was placed.
    struct Placement {
        let id: Int64
        let tick: Int
        let nanoseconds: UInt64
        let event: FakeEvent
    }

    /// An order that was cancelled.
    struct Cancellation {
        let tick: Int
        let text: [UInt8]
        /// Who had asked for it.
        let instance: Int
    }

    private(set) var histories = [History(entries: [], opening: Counts())]
    private(set) var positions = [Position(tick: 0, orders: 0, sequence: 0)]
    private var rows: [[Row]] = []
    /// By their texts.
    private(set) var placements: [[UInt8]: [Placement]] = [:]
    /// In their order.
    private(set) var cancellations: [Cancellation] = []
    /// Called with each event, and the order as it was before.
    var whenNoted: (FakeEvent, [UInt8]?) -> Void = { _, _ in }
    /// Called when the market was set back or emptied.
    var whenReplaced: () -> Void = {}

    /// The history that goes on.
    var current: History { histories[histories.count - 1] }
    /// The number of its last event.
    var sequence: Int { histories[histories.count - 1].entries.count }

    // MARK: Taking in

    /// A new market was made.
    func opened(_ market: FakeMarket, _ agenda: Agenda) {
        let state = market.state
        histories[histories.count - 1].opening = Counts(
            orders: state?.orders ?? 0, executed: state?.executed ?? 0, cancelled: state?.cancelled ?? 0)
        take(market, agenda)
    }

    /// An event has happened, as an instance had asked for it.
    func note(_ event: FakeEvent, _ market: FakeMarket, _ agenda: Agenda, by instance: Int = 0) {
        let before = stored(event.orderID)
        var counts = self.counts(at: sequence)
        switch event.letter {
        case UInt8(ascii: "P"): counts.orders += 1
        case UInt8(ascii: "E"): counts.executed += 1
        default: counts.cancelled += 1
        }
        histories[histories.count - 1].entries.append(
            Entry(
                event: event, nanoseconds: agenda.nanoseconds, orders: counts.orders,
                executed: counts.executed, cancelled: counts.cancelled))
        set(event.orderID, market.orders[event.orderID], agenda)
        positions.append(
            Position(tick: agenda.tick, orders: counts.orders, sequence: event.sequence))
        if event.letter == UInt8(ascii: "C"), let before {
            let text = Self.text(before)
            cancellations.append(Cancellation(tick: agenda.tick, text: text, instance: instance))
        }
        if event.letter == UInt8(ascii: "P"), let text = market.orders[event.orderID].map(Self.text) {
            placements[text, default: []].append(
                Placement(id: event.orderID, tick: agenda.tick, nanoseconds: agenda.nanoseconds, event: event)
            )
        }
        whenNoted(event, before)
    }

    /// Redis keeps something else from now on: what was so at the end of a history, or nothing.
    func replaced(by market: FakeMarket, of past: History?, _ agenda: Agenda) {
        let entries = past?.entries ?? []
        histories.append(
            History(
                entries: entries, opening: past?.opening ?? Counts()))
        take(market, agenda)
        whenReplaced()
    }

    private func take(_ market: FakeMarket, _ agenda: Agenda) {
        let count = max(Int(market.state?.orders ?? 0), rows.count)
        for id in 1..<Int64(count + 1) {
            let stored = market.orders[id]
            if stored != self.stored(id) { set(id, stored, agenda) }
        }
        positions.append(
            Position(
                tick: agenda.tick, orders: market.state?.orders ?? 0, sequence: market.state?.sequence ?? 0))
    }

    private func set(_ id: Int64, _ stored: [UInt8]?, _ agenda: Agenda) {
        while rows.count < Int(id) { rows.append([Row(tick: 0, stored: nil)]) }
        rows[Int(id) - 1].append(Row(tick: agenda.tick, stored: stored))
    }

    // MARK: Asking

    /// What is behind the quantity of an order as it is stored.
    static func text(_ stored: [UInt8]) -> [UInt8] { Array(stored.drop { $0 != 0x20 }.dropFirst()) }

    /// Whether two histories have so many events in common.
    func isCommon(_ count: Int, to first: Int, _ second: Int) -> Bool {
        let (first, second) = (histories[first].entries, histories[second].entries)
        guard count <= min(first.count, second.count) else { return false }
        return zip(first.prefix(count), second).allSatisfy { $0.event == $1.event }
    }

    /// Whether an order was placed in the market that there is now.
    func isCurrent(_ placement: Placement) -> Bool {
        let entries = current.entries
        let sequence = Int(placement.event.sequence)
        return sequence <= entries.count && entries[sequence - 1].event == placement.event
    }

    /// An order as it is stored now.
    func stored(_ id: Int64) -> [UInt8]? {
        1...Int64(rows.count + 1) ~= id && Int(id) <= rows.count ? rows[Int(id) - 1].last?.stored : nil
    }

    /// An order in all forms that it had between two ticks.
    func stored(_ id: Int64, from: Int, to: Int) -> [[UInt8]?] {
        guard id >= 1, Int(id) <= rows.count else { return [nil] }
        let row = rows[Int(id) - 1]
        let start = row.lastIndex { $0.tick <= from } ?? 0
        return row[start...].prefix { $0.tick <= to }.map(\.stored)
    }

    /// How far the market was, between two ticks.
    func positions(from: Int, to: Int) -> ArraySlice<Position> {
        let start = positions.lastIndex { $0.tick <= from } ?? 0
        return positions[start...].prefix { $0.tick <= to }
    }

    /// How many orders there were behind an event.
    func counts(at sequence: Int) -> Counts {
        let history = histories[histories.count - 1]
        guard sequence > 0, sequence <= history.entries.count else { return history.opening }
        let entry = history.entries[sequence - 1]
        return Counts(orders: entry.orders, executed: entry.executed, cancelled: entry.cancelled)
    }
}
