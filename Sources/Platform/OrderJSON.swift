import Bytes
import Orders

/// An order as JSON, to the byte as the contract has it:
/// `{"orderId": 4, "orderStatus": "PENDING", "stocks": "AAPL", "quantity": 10}`.
struct OrderJSON {
    private let order: Order
    /// How many digits the order's id has.
    let idDigits: Int
    private let quantityDigits: Int
    /// Whether nothing in the order's text has to be escaped.
    private let isPlain: Bool
    /// How many bytes ``append(to:)`` writes.
    let byteCount: Int

    @inline(__always)
    init(_ order: Order) {
        self.order = order
        idDigits = decimalDigitCount(UInt64(order.id))
        quantityDigits = decimalDigitCount(UInt64(order.quantity))
        isPlain = ByteWriter.isPlain(order.stocks)
        let punctuation: StaticString = "{\"orderId\": , \"orderStatus\": \"\", \"stocks\": , \"quantity\": }"
        let text = isPlain ? order.stocks.count &+ 2 : ByteWriter.jsonStringByteCount(order.stocks)
        byteCount =
            punctuation.utf8CodeUnitCount &+ idDigits &+ order.status.name.utf8CodeUnitCount &+ text
            &+ quantityDigits
    }

    /// Appends the order.
    func append(to output: inout ByteWriter) {
        if isPlain {
            output.append(atMost: byteCount) { cursor in
                appendBeginning(to: &cursor)
                cursor.append(ASCII.quote)
                cursor.append(short: order.stocks)
                cursor.append(ASCII.quote)
                appendEnd(to: &cursor)
            }
        } else {
            output.append(atMost: byteCount) { appendBeginning(to: &$0) }
            output.append(jsonString: order.stocks)
            output.append(atMost: byteCount) { appendEnd(to: &$0) }
        }
    }

    @inline(__always)
    private func appendBeginning(to cursor: inout ByteCursor) {
        cursor.append("{\"orderId\": ")
        cursor.append(decimal: UInt64(order.id), digits: idDigits)
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
        cursor.append(decimal: UInt64(order.quantity), digits: quantityDigits)
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
        return punctuation.utf8CodeUnitCount + decimalDigitCount(UInt64(event.orderID))
            + event.status.name.utf8CodeUnitCount
    }

    /// How many bytes ``append(_:sequence:to:)`` writes.
    static func byteCount(_ event: OrderEvent, sequence: UInt64) -> Int {
        let punctuation: StaticString = "\"sequence\": , "
        return byteCount(event) + punctuation.utf8CodeUnitCount + decimalDigitCount(sequence)
    }
}
