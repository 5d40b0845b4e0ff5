import NIOCore
import NIOWebSocket

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The orders, their delays and who listens. It belongs to one event loop, and so needs no lock.
final class TradingDesk {
    private let eventLoop: any EventLoop
    private let delayMilliseconds: ClosedRange<Int64>
    private var orders: [Order]
    private var subscribers: [ObjectIdentifier: any Channel] = [:]
    private let decoder = JSONDecoder()
    private let encoder = JSONEncoder()

    init(eventLoop: any EventLoop, delayMilliseconds: ClosedRange<Int64>) {
        self.eventLoop = eventLoop
        self.delayMilliseconds = delayMilliseconds
        orders = [
            Order(stocksJSON: "\"AAPL\"", quantity: 10, status: .pending),
            Order(stocksJSON: "\"MSFT\"", quantity: 5, status: .executed),
            Order(stocksJSON: "\"GOOG\"", quantity: 20, status: .cancelled),
        ]
    }

    /// Stores an order and answers its id; nil where the body is not one.
    func place(_ body: ByteBuffer) -> Int? {
        guard let request = try? decoder.decode(OrderRequest.self, from: Data(body.readableBytesView)),
            request.isValid, let stocksJSON = try? encoder.encode(request.stocks)
        else { return nil }
        orders.append(
            Order(
                stocksJSON: String(decoding: stocksJSON, as: UTF8.self), quantity: request.quantity,
                status: .pending))
        let id = orders.count
        announce(id)
        let delay = TimeAmount.milliseconds(.random(in: delayMilliseconds))
        eventLoop.assumeIsolated().scheduleTask(in: delay) { self.execute(id) }
        return id
    }

    private func execute(_ id: Int) {
        orders[id - 1].status = .executed
        announce(id)
    }

    /// Writes an order as JSON; false where there is none with that id.
    func write(_ id: Int, into buffer: inout ByteBuffer) -> Bool {
        guard orders.indices.contains(id - 1) else { return false }
        let order = orders[id - 1]
        buffer.writeString("{\"orderId\": \(id), \"orderStatus\": \"")
        buffer.writeString(order.status.rawValue)
        buffer.writeString("\", \"stocks\": ")
        buffer.writeString(order.stocksJSON)
        buffer.writeString(", \"quantity\": \(order.quantity)}")
        return true
    }

    func subscribe(_ channel: any Channel) {
        subscribers[ObjectIdentifier(channel)] = channel
    }

    func unsubscribe(_ channel: any Channel) {
        subscribers[ObjectIdentifier(channel)] = nil
    }

    /// Sends an order's status to all who listen: the text is made once, the frame for each.
    private func announce(_ id: Int) {
        guard !subscribers.isEmpty else { return }
        let text = "{\"orderId\": \(id), \"orderStatus\": \"\(orders[id - 1].status.rawValue)\"}"
        let frame = WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text))
        for channel in subscribers.values { channel.writeAndFlush(frame, promise: nil) }
    }
}
