/// What the feed has told of all orders, held against what may be: the oracle of the random tests.
///
/// It knows no delays. It knows that an order is PENDING once and first, EXECUTED at most once and in its
/// time only, CANCELLED at most once, and never both.
struct Book {
    enum Status: String { case pending = "PENDING", executed = "EXECUTED", cancelled = "CANCELLED" }

    /// One order as the feed has told of it.
    struct Entry {
        var status: Status
        /// When it was heard of first.
        let placedMilliseconds: UInt64
    }

    let minDelayMilliseconds: UInt64
    let maxDelayMilliseconds: UInt64
    /// Orders by their ids.
    private(set) var entries: [Int: Entry] = [
        1: Entry(status: .pending, placedMilliseconds: 0), 2: Entry(status: .executed, placedMilliseconds: 0),
        3: Entry(status: .cancelled, placedMilliseconds: 0),
    ]
    /// All messages so far.
    private(set) var messages: [String] = []
    /// What could not be.
    private(set) var faults: [String] = []

    init(minDelayMilliseconds: UInt64, maxDelayMilliseconds: UInt64) {
        self.minDelayMilliseconds = minDelayMilliseconds
        self.maxDelayMilliseconds = maxDelayMilliseconds
    }

    /// Takes in a message that was heard at a moment.
    mutating func hear(_ message: String, atMilliseconds now: UInt64) {
        messages.append(message)
        guard let (id, status) = Book.parse(message) else {
            faults.append("no message: \(message)")
            return
        }
        guard let entry = entries[id] else {
            if status != .pending || id != entries.count + 1 { faults.append("\(message) came first") }
            entries[id] = Entry(status: status, placedMilliseconds: now)
            return
        }
        let age = now - entry.placedMilliseconds
        switch status {
        case .pending: faults.append("\(message) came again")
        case _ where entry.status != .pending: faults.append("\(message) came after \(entry.status)")
        case .cancelled: break
        case .executed:
            if id <= 3 || age < minDelayMilliseconds || age > maxDelayMilliseconds {
                faults.append("\(message) came after \(age) ms")
            }
        }
        entries[id]?.status = status
    }

    /// Orders that should have been executed by a moment and were not.
    func overdue(atMilliseconds now: UInt64) -> [Int] {
        entries.filter { id, entry in
            id > 3 && entry.status == .pending && now > entry.placedMilliseconds + maxDelayMilliseconds
        }.keys.sorted()
    }

    private static func parse(_ message: String) -> (Int, Status)? {
        let parts = message.split(separator: "\"", omittingEmptySubsequences: false)
        guard parts.count == 7, parts[1] == "orderId", parts[3] == "orderStatus",
            let id = Int(parts[2].dropFirst(2).dropLast(2)), let status = Status(rawValue: String(parts[5])),
            message == "{\"orderId\": \(id), \"orderStatus\": \"\(status.rawValue)\"}"
        else { return nil }
        return (id, status)
    }
}
