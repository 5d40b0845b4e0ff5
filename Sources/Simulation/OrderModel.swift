import Orders

/// The oracle: all orders as they have to be, kept in the plainest way, with the feed that has to follow.
struct OrderModel {
    /// One order.
    struct Entry {
        /// What it is for, as JSON writes it.
        let stocksJSON: String
        let quantity: Int64
        var status: OrderStatus
        /// How many events there were when it had come to its end.
        var endedSequence: Int?
        /// How many events there were when it had been placed.
        var placedSequence = 0
        /// The names that were told of its states.
        var tags: [OrderStatus: String] = [:]

        func json(id: Int, status: OrderStatus) -> String {
            "{\"orderId\": \(id), \"orderStatus\": \"\(status.name)\", "
                + "\"stocks\": \(stocksJSON), \"quantity\": \(quantity)}"
        }
    }

    private struct Wait {
        let dueNanoseconds: UInt64
        let id: Int
    }

    /// Orders; the one of id 1 comes first.
    private(set) var entries: [Entry] = [
        Entry(stocksJSON: "\"AAPL\"", quantity: 10, status: .pending),
        Entry(stocksJSON: "\"MSFT\"", quantity: 5, status: .executed, endedSequence: 0),
        Entry(stocksJSON: "\"GOOG\"", quantity: 20, status: .cancelled, endedSequence: 0),
    ]
    /// What has happened, in order.
    private(set) var events: [OrderEvent] = []
    /// The messages that tell of it, without its number and with it.
    private(set) var messages: [(plain: [UInt8], numbered: [UInt8])] = []
    /// The first order that was done with in two ways, if there is one: a fault of the oracle's own.
    private(set) var doubled: Int?
    private var waits: [Wait] = []
    private var waitsDone = 0
    private let delays: DelayPolicy

    init(delays: DelayPolicy) { self.delays = delays }

    /// An order, or nil where there is none of that id.
    func order(_ id: Int) -> Entry? { id >= 1 && id <= entries.count ? entries[id - 1] : nil }

    func count(_ status: OrderStatus) -> Int { entries.count { $0.status == status } }

    /// How many orders have a delay running.
    var waitingCount: Int {
        // The first example waits for nothing.
        count(.pending) - (entries[0].status == .pending ? 1 : 0)
    }

    /// How many orders there were after so many events.
    func orderCount(atSequence sequence: Int) -> Int {
        var count = entries.count
        while count > 0, entries[count - 1].placedSequence > sequence { count -= 1 }
        return count
    }

    /// Whether a name may be that of a state: each has one of its own.
    func isTag(_ tag: String, of id: Int, _ status: OrderStatus) -> Bool {
        let tags = entries[id - 1].tags
        return tags[status].map { $0 == tag } ?? !tags.values.contains(tag)
    }

    mutating func note(tag: String, of id: Int, _ status: OrderStatus) {
        entries[id - 1].tags[status] = tag
    }

    /// An order as JSON, as it is.
    func row(_ id: Int) -> String { entries[id - 1].json(id: id, status: entries[id - 1].status) }

    // MARK: Changes

    /// Places an order. Answers its id.
    mutating func place(
        stocksJSON: String, quantity: Int64, delayMilliseconds: UInt32? = nil, atNanoseconds now: UInt64
    ) -> Int {
        entries.append(
            Entry(
                stocksJSON: stocksJSON, quantity: quantity, status: .pending,
                placedSequence: events.count + 1))
        let id = entries.count
        append(id, .pending)
        // A delay runs from the moment of placing to the first whole millisecond at which it has passed.
        let delay = UInt64(delayMilliseconds ?? delays.delayMilliseconds(for: Int64(id)))
        let wait = Wait(dueNanoseconds: (now + 999_999) / 1_000_000 * 1_000_000 + delay * 1_000_000, id: id)
        var index = waits.count
        while index > waitsDone, waits[index - 1].dueNanoseconds > wait.dueNanoseconds { index -= 1 }
        waits.insert(wait, at: index)
        return id
    }

    /// Cancels an order that is pending.
    mutating func cancel(_ id: Int) { finish(id, .cancelled) }

    /// Executes what is due, in order of (due time, id), at most so many.
    mutating func execute(atNanoseconds now: UInt64, countMax: Int) {
        var left = countMax
        while left > 0, let due = firstDueNanoseconds, due <= now {
            left -= 1
            finish(waits[waitsDone].id, .executed)
            waitsDone += 1
        }
    }

    /// Executes the order that is due first, if it is that one and its time has come. Answers whether it is.
    mutating func execute(_ id: Int, atNanoseconds now: UInt64) -> Bool {
        guard let due = firstDueNanoseconds, due <= now, waits[waitsDone].id == id else { return false }
        execute(atNanoseconds: now, countMax: 1)
        return true
    }

    /// When the next order has to be executed.
    var firstDueNanoseconds: UInt64? {
        mutating get {
            while waitsDone < waits.count, entries[waits[waitsDone].id - 1].status != .pending {
                waitsDone += 1
            }
            return waitsDone < waits.count ? waits[waitsDone].dueNanoseconds : nil
        }
    }

    private mutating func finish(_ id: Int, _ status: OrderStatus) {
        if entries[id - 1].status != .pending { doubled = doubled ?? id }
        entries[id - 1].status = status
        append(id, status)
        entries[id - 1].endedSequence = events.count
    }

    private mutating func append(_ id: Int, _ status: OrderStatus) {
        events.append(OrderEvent(orderID: Int64(id), status: status))
        let members = "\"orderId\": \(id), \"orderStatus\": \"\(status.name)\"}"
        messages.append(
            (Array("{\(members)".utf8), Array("{\"sequence\": \(events.count), \(members)".utf8)))
    }
}
