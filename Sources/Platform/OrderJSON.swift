import Bytes
import Orders

/// An order as JSON, to the byte as the contract has it:
/// `{"orderId": 4, "orderStatus": "PENDING", "stocks": "AAPL", "quantity": 10}`.
struct OrderJSON {
    private let order: Order
    /// The order's id, as it is written here and in its address.
    let id: DecimalText
    private let quantity: DecimalText
    /// Whether nothing in the order's text has to be escaped.
    private let isPlain: Bool
    /// How many bytes ``append(to:)`` writes.
    let byteCount: Int

    @inline(__always)
    init(_ order: Order) { self.init(order, isPlain: ByteWriter.isPlain(order.stocks)) }

    /// An order of whose text it is known whether something in it has to be escaped.
    @inline(__always)
    init(_ order: Order, isPlain: Bool) {
        self.order = order
        self.isPlain = isPlain
        id = DecimalText(UInt64(order.id))
        quantity = DecimalText(UInt64(order.quantity))
        let punctuation: StaticString = "{\"orderId\": , \"orderStatus\": \"\", \"stocks\": , \"quantity\": }"
        let text = isPlain ? order.stocks.count &+ 2 : ByteWriter.jsonStringByteCount(order.stocks)
        byteCount =
            punctuation.utf8CodeUnitCount &+ id.count &+ order.status.name.utf8CodeUnitCount &+ text
            &+ quantity.count
    }

    /// Appends the order.
    ///
    /// Inlined: an order that was put together a moment ago would be read back from memory, in larger pieces
    /// than it was written in, and so only once all that was written before has left the processor.
    @inline(__always)
    func append(to output: inout ByteWriter) {
        guard isPlain else {
            // Part by part, so that the parts need not be in memory for the plain ones.
            return OrderJSON.appendEscaped(
                order.id, order.status, order.stocks, order.quantity, to: &output)
        }
        output.append(atMost: byteCount) { cursor in
            appendBeginning(to: &cursor)
            cursor.append(ASCII.quote)
            cursor.append(short: order.stocks)
            cursor.append(ASCII.quote)
            appendEnd(to: &cursor)
        }
    }

    @inline(never)
    private static func appendEscaped(
        _ id: Int64, _ status: OrderStatus, _ stocks: UnsafeBufferPointer<UInt8>, _ quantity: Int64,
        to output: inout ByteWriter
    ) {
        let order = Order(id: id, quantity: quantity, stocks: stocks, status: status)
        let json = OrderJSON(order, isPlain: false)
        output.append(atMost: json.byteCount) { json.appendBeginning(to: &$0) }
        output.append(jsonString: stocks)
        output.append(atMost: json.byteCount) { json.appendEnd(to: &$0) }
    }

    @inline(__always)
    private func appendBeginning(to cursor: inout ByteCursor) {
        cursor.append("{\"orderId\": ")
        cursor.append(id)
        // Whole literals, as their lengths are known where they are written.
        switch order.status {
        case .pending: cursor.append(", \"orderStatus\": \"PENDING\", \"stocks\": ")
        case .executed: cursor.append(", \"orderStatus\": \"EXECUTED\", \"stocks\": ")
        case .cancelled: cursor.append(", \"orderStatus\": \"CANCELLED\", \"stocks\": ")
        }
    }

    @inline(__always)
    private func appendEnd(to cursor: inout ByteCursor) {
        cursor.append(", \"quantity\": ")
        cursor.append(quantity)
        cursor.append(0x7D)
    }
}

/// Events as JSON.
enum EventJSON {
    /// Appends `{"orderId": 4, "orderStatus": "PENDING"}`.
    static func append(_ event: OrderEvent, to output: inout ByteWriter) {
        output.append("{")
        appendMembers(event, to: &output)
    }

    /// Appends `{"sequence": 17, "orderId": 4, "orderStatus": "PENDING"}`.
    static func append(_ event: OrderEvent, sequence: UInt64, to output: inout ByteWriter) {
        output.append("{\"sequence\": ")
        output.append(decimal: sequence)
        output.append(", ")
        appendMembers(event, to: &output)
    }

    private static func appendMembers(_ event: OrderEvent, to output: inout ByteWriter) {
        output.append("\"orderId\": ")
        output.append(decimal: event.orderID)
        output.append(", \"orderStatus\": \"")
        output.append(event.status.name)
        output.append("\"}")
    }

    /// How many bytes ``append(_:to:)`` writes.
    static func byteCount(_ event: OrderEvent) -> Int {
        let punctuation: StaticString = "{\"orderId\": , \"orderStatus\": \"\"}"
        return punctuation.utf8CodeUnitCount + DecimalText(UInt64(event.orderID)).count
            + event.status.name.utf8CodeUnitCount
    }

    /// How many bytes ``append(_:sequence:to:)`` writes.
    static func byteCount(_ event: OrderEvent, sequence: UInt64) -> Int {
        let punctuation: StaticString = "\"sequence\": , "
        return byteCount(event) + punctuation.utf8CodeUnitCount + DecimalText(sequence).count
    }
}
