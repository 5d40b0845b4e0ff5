import Bytes
import Orders

/// Orders and events as JSON, to the byte as the contract has them.
enum OrderJSON {
    /// Appends `{"orderId": 4, "orderStatus": "PENDING", "stocks": "AAPL", "quantity": 10}`.
    static func append(_ order: Order, to output: inout ByteWriter) {
        output.append("{\"orderId\": ")
        output.append(decimal: order.id)
        output.append(", \"orderStatus\": \"")
        output.append(order.status.name)
        output.append("\", \"stocks\": ")
        output.append(jsonString: order.stocks)
        output.append(", \"quantity\": ")
        output.append(decimal: order.quantity)
        output.append("}")
    }

    /// How many bytes ``append(_:to:)-(Order,_)`` writes.
    static func byteCount(_ order: Order) -> Int {
        let punctuation: StaticString = "{\"orderId\": , \"orderStatus\": \"\", \"stocks\": , \"quantity\": }"
        return punctuation.utf8CodeUnitCount + decimalDigitCount(UInt64(order.id))
            + order.status.name.utf8CodeUnitCount + ByteWriter.jsonStringByteCount(order.stocks)
            + decimalDigitCount(UInt64(order.quantity))
    }

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

    /// How many bytes ``append(_:to:)-(OrderEvent,_)`` writes.
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
