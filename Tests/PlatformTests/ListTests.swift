import Orders
@testable import Platform
import TestKit
import Testing

/// The list of all orders, in one piece or in parts.
@Suite struct ListTests {
    private static let request = "GET /orders HTTP/1.1\r\nHost: localhost\r\n\r\n"

    /// The whole list, by another way than the platform's.
    private static func list(_ venue: Venue) -> String {
        let rows = (1...Int64(venue.platform.store.count)).compactMap { venue.platform.store.order($0) }.map {
            order in
            #"{"orderId": \#(order.id), "orderStatus": "\#(order.status.name)", "stocks": ""#
                + String(decoding: order.stocks, as: UTF8.self) + #"", "quantity": \#(order.quantity)}"#
        }
        return "[\(rows.joined(separator: ", "))]"
    }

    @Test func upToItsLimitAListIsOnePiece() {
        let venue = Venue()
        venue.place(1_021)
        let client = venue.connect()
        client.push(Self.request)
        let response = client.response()
        #expect(response.chunkSizes == nil)
        #expect(response.text == Self.list(venue))
        #expect(client.line.writes.count == 1)
    }

    @Test func oneRowMoreIsTwoParts() {
        let venue = Venue()
        venue.place(1_022)
        let client = venue.connect()
        client.push(Self.request + "GET /orders/1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(client.response().status == 0)
        venue.network.settle()
        let response = client.response()
        #expect(response["Transfer-Encoding"] == "chunked")
        #expect(response["Content-Type"] == "application/json")
        #expect(response.chunkSizes?.count == 3)
        #expect(response.text == Self.list(venue))
        #expect(client.response().text.contains("\"orderId\": 1,"))
        #expect(!client.line.isShutDown)
    }

    @Test func anOldClientIsSentTheListUpToTheEnd() {
        let venue = Venue()
        venue.place(3_000)
        let client = venue.connect()
        client.send("GET /orders HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /orders/1 HTTP/1.0\r\n\r\n")
        let response = client.response()
        #expect(response["Connection"] == "close")
        #expect(response["Content-Length"] == nil && response["Transfer-Encoding"] == nil)
        #expect(response.text == Self.list(venue))
        #expect(client.line.isShutDown)
    }

    @Test func headOfALongListHasNoBody() {
        let venue = Venue()
        venue.place(1_022)
        let client = venue.connect()
        let response = client.exchange("HEAD /orders HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(response["Transfer-Encoding"] == "chunked")
        #expect(client.unread.isEmpty)
        #expect(client.get("/orders/1").status == 200)
        client.send("HEAD /orders HTTP/1.0\r\n\r\n")
        #expect(client.response(toHead: true)["Connection"] == "close")
        #expect(client.unread.isEmpty && client.line.isShutDown)
    }

    @Test(arguments: [0, 1, 50_000])
    func aSlowClientGetsTheWholeList(perWrite: Int) {
        let venue = Venue()
        venue.place(1_022)
        let client = venue.connect()
        client.line.bytesPerWrite = perWrite
        client.send(Self.request)
        let other = venue.connect()
        #expect(other.get("/orders/1").status == 200)
        client.takeAll(997)
        #expect(client.response().text == Self.list(venue))
        #expect(client.line.violations + venue.network.violations == [])
    }

    @Test func aClientThatTakesOneByteAtATimeGetsTheWholeList() {
        let venue = Venue()
        venue.place(1_022)
        let client = venue.connect()
        client.line.bytesPerWrite = 1
        client.push(Self.request)
        while venue.network.turn() || client.line.isBlocked { client.line.take(1) }
        #expect(client.response().text == Self.list(venue))
        #expect(client.line.violations == [])
    }

    @Test func whatIsPlacedMeanwhileIsNotInTheList() {
        let venue = Venue()
        venue.place(2_000)
        let client = venue.connect()
        client.line.bytesPerWrite = 0
        client.send(Self.request)
        let trader = venue.connect()
        #expect(trader.post(#"{"stocks":"LATE","quantity":1}"#).status == 201)
        #expect(trader.delete("/orders/2003").status == 204)
        client.takeAll()
        let text = client.response().text
        #expect(
            text.hasSuffix(
                #"{"orderId": 2003, "orderStatus": "CANCELLED", "stocks": "AAPL", "quantity": 10}]"#))
        #expect(text.ranges(of: "\"orderId\"").count == 2_003)
    }

    @Test func manyClientsListAtOnce() {
        let venue = Venue()
        venue.place(1_500)
        let clients = (0..<40).map { _ in venue.connect() }
        for client in clients { client.push(Self.request) }
        venue.network.settle()
        let expected = Self.list(venue)
        for client in clients { #expect(client.response().text == expected) }
    }

    @Test func whoeverVanishesInTheMiddleLeavesNothing() {
        let venue = Venue()
        venue.place(5_000)
        let client = venue.connect()
        client.push(Self.request)
        venue.network.turn()
        client.vanish()
        #expect(venue.platform.host.sessionCount == 0)
        #expect(venue.network.violations == [])
    }
}
