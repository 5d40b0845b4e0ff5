import Orders

/// The oracle: all orders as they have to be, kept in the plainest way, with the feed that has to follow.
struct OrderModel {
    /// One order.
    struct Entry {
        /// What it is for, as JSON writes it.
        let stocksJSON: String
        let quantity: Int64
        var status: OrderStatus

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
        Entry(stocksJSON: "\"MSFT\"", quantity: 5, status: .executed),
        Entry(stocksJSON: "\"GOOG\"", quantity: 20, status: .cancelled),
    ]
    /// What has happened, in order.
    private(set) var events: [OrderEvent] = []
    /// The messages that tell of it.
    private(set) var messages: [[UInt8]] = []
    /// The first order that was done with in two ways, if there is one: a fault of the oracle's own.
    private(set) var doubled: Int?
    private var waits: [Wait] = []
    private var waitsDone = 0
    private let delays: DelayPolicy

    init(delays: DelayPolicy) { self.delays = delays }

    /// An order, or nil where there is none of that id.
    func order(_ id: Int) -> Entry? { id >= 1 && id <= entries.count ? entries[id - 1] : nil }

    func count(_ status: OrderStatus) -> Int { entries.count { $0.status == status } }

    /// All orders as a list.
    var list: String {
        "[" + entries.indices.map { row($0 + 1) }.joined(separator: ", ") + "]"
    }

    /// An order as JSON, as it is.
    func row(_ id: Int) -> String { entries[id - 1].json(id: id, status: entries[id - 1].status) }

    // MARK: Changes

    /// Places an order. Answers its id.
    mutating func place(stocksJSON: String, quantity: Int64, atNanoseconds now: UInt64) -> Int {
        entries.append(Entry(stocksJSON: stocksJSON, quantity: quantity, status: .pending))
        let id = entries.count
        append(id, .pending)
        // A delay runs from the moment of placing to the first whole millisecond at which it has passed.
        let delay = UInt64(delays.delayMilliseconds(for: Int64(id)))
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
    }

    private mutating func append(_ id: Int, _ status: OrderStatus) {
        events.append(OrderEvent(orderID: Int64(id), status: status))
        messages.append(Array("{\"orderId\": \(id), \"orderStatus\": \"\(status.name)\"}".utf8))
    }
}
