import Bytes
import Orders
import WebSocket

/// How an event is told: the bytes that a subscriber is sent for it.
enum FeedForm: Int, CaseIterable {
    /// A WebSocket text message, `{"orderId": 4, "orderStatus": "EXECUTED"}`.
    case plain
    /// The same with its number first: `{"sequence": 17, "orderId": 4, "orderStatus": "EXECUTED"}`.
    case numbered
    /// The numbered text as a Server-Sent Event, with the number as its id (the HTML standard, section 9.2).
    case serverSent

    /// The longest event, with the largest number and id and the longest status, rounded up.
    var eventBytesMax: Int {
        switch self {
        case .plain: 64
        case .numbered: 96
        case .serverSent: 128
        }
    }

    /// Appends an event.
    func append(_ event: OrderEvent, sequence: UInt64, to output: inout ByteWriter) {
        switch self {
        case .plain:
            FrameWriter.appendHeader(
                .text, finished: true, payloadBytes: EventJSON.byteCount(event), to: &output)
            EventJSON.append(event, to: &output)
        case .numbered:
            FrameWriter.appendHeader(
                .text, finished: true, payloadBytes: EventJSON.byteCount(event, sequence: sequence),
                to: &output)
            EventJSON.append(event, sequence: sequence, to: &output)
        case .serverSent:
            output.append("id: ")
            output.append(decimal: sequence)
            output.append("\ndata: ")
            EventJSON.append(event, sequence: sequence, to: &output)
            output.append("\n\n")
        }
    }
}
