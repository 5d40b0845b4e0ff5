import Orders

/// An entry of the feed's stream.
struct RedisEvent {
    /// The number of the event, which is that of the entry.
    let sequence: UInt64
    let event: OrderEvent
    /// When it happened, in microseconds since 1970: an event of that number with another time is another
    /// event.
    let microseconds: Int64
    /// When the order is due, in milliseconds since 1970, where it is placed and will be executed.
    let dueMilliseconds: Int64?

    /// Reads an entry; nil where it is not one of ours.
    init?(_ entry: RedisValue) {
        guard let parts = entry.elements, parts.count == 2, let name = parts[0].bytes,
            let dash = name.firstIndex(of: UInt8(ascii: "-")), let number = Int64(decimal: name[..<dash]),
            number > 0, let fields = parts[1].elements
        else { return nil }
        var orderID: Int64?
        var status: OrderStatus?
        var time: Int64?
        var due: Int64?
        var index = 0
        while index + 1 < fields.count {
            let value = fields[index + 1]
            switch fields[index].bytes?.first {
            case UInt8(ascii: "o"): orderID = value.number
            case UInt8(ascii: "s"): status = value.bytes?.first.flatMap { OrderStatus(letter: $0) }
            case UInt8(ascii: "t"): time = value.number
            case UInt8(ascii: "d"): due = value.number
            default: break
            }
            index += 2
        }
        guard let orderID, let status, let time, 1...Int64(OrderStore.ordersMaxLimit) ~= orderID else {
            return nil
        }
        sequence = UInt64(number)
        event = OrderEvent(orderID: orderID, status: status)
        microseconds = time
        dueMilliseconds = due
    }

    /// The entries of an answer to XREAD, which is of one stream; none where nothing came.
    static func entries(_ value: RedisValue) -> [RedisEvent] {
        guard let stream = value.elements?.first?.elements, stream.count == 2 else { return [] }
        return (stream[1].elements ?? []).compactMap { RedisEvent($0) }
    }
}

extension OrderStatus {
    /// The state that a letter of ours stands for.
    init?(letter: UInt8) {
        switch letter {
        case UInt8(ascii: "P"): self = .pending
        case UInt8(ascii: "E"): self = .executed
        case UInt8(ascii: "C"): self = .cancelled
        default: return nil
        }
    }
}

extension SharedOrder {
    /// Reads an order as it is kept: `P10 AAPL`.
    init?(id: Int64, stored: [UInt8]) {
        guard let first = stored.first, let status = OrderStatus(letter: first),
            let space = stored.firstIndex(of: UInt8(ascii: " ")), space > 1,
            let quantity = Int64(decimal: stored[1..<space])
        else { return nil }
        self.init(id: id, quantity: quantity, stocks: Array(stored[(space + 1)...]), status: status)
    }
}
