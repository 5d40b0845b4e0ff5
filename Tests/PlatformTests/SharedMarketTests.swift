import Orders
@testable import Platform
import TestKit
import Testing

/// A platform whose orders are kept elsewhere.
@Suite struct SharedMarketTests {
    private let venue = Venue()
    private let market = ScriptedMarket()

    init() {
        venue.platform.share(market)
        venue.platform.marketBegan(after: 0, .opened)
    }

    private static let place =
        "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 29\r\n\r\n{\"stocks\":\"A\",\"quantity\": 10}"
    private static let placeWithKey = place.replacing("\r\n\r\n", with: "\r\nIdempotency-Key: k\r\n\r\n")

    private func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n" }

    private func order(_ id: Int64, _ status: OrderStatus = .pending) -> SharedOrder {
        SharedOrder(id: id, quantity: 10, stocks: Array("A".utf8), status: status)
    }

    @Test func anAnswerWaitsForTheMarketAndTheNextOneForIt() {
        let client = venue.connect()
        client.send(Self.place + get("/orders/7"))
        #expect(client.unread.isEmpty && market.placements.count == 1 && market.questions.isEmpty)
        market.answerPlacement(.success(.placed(7)))
        venue.network.settle()
        let placed = client.response()
        #expect(placed.status == 201 && placed["Location"] == "/orders/7")
        #expect(market.questions.map(\.0) == [7])
        market.answerQuestion(.success(order(7, .executed)))
        venue.network.settle()
        #expect(client.response().text.contains("\"orderStatus\": \"EXECUTED\""))
    }

    /// What is told beside an order must not be newer than it.
    @Test func theNumberIsThatOfTheQuestion() {
        let client = venue.connect()
        venue.platform.marketChanged(OrderEvent(orderID: 4, status: .pending), sequence: 1)
        client.send(get("/orders/4"))
        venue.platform.marketChanged(OrderEvent(orderID: 4, status: .executed), sequence: 2)
        market.answerQuestion(.success(order(4)))
        venue.network.settle()
        #expect(client.response()["Feed-Sequence"] == "1")
    }

    @Test(
        arguments: [
            (MarketFailure.away, 503, "1"), (.refused("OOM no"), 503, "1"), (.unknown, 504, nil),
        ] as [(MarketFailure, Int, String?)])
    func anOrderThatIsNotPlacedIsRefused(failure: MarketFailure, status: Int, pause: String?) {
        let client = venue.connect()
        client.send(Self.place)
        market.answerPlacement(.failure(failure))
        venue.network.settle()
        let response = client.response()
        #expect(response.status == status && response["Retry-After"] == pause)
        #expect(response["Content-Type"] == "application/problem+json")
    }

    @Test func whatIsSafeToRepeatMayBeRepeated() {
        let client = venue.connect()
        client.send(Self.placeWithKey)
        #expect(market.placements.first?.0.key == Array("k".utf8))
        market.answerPlacement(.failure(.unknown))
        client.send("DELETE /orders/4 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        market.answerCancellation(.failure(.unknown))
        venue.network.settle()
        let answers = client.responses()
        #expect(answers.map(\.status) == [504, 503])
        #expect(answers.allSatisfy { $0["Retry-After"] == "1" })
    }

    @Test func aKnownKeyIsItsOrderOrAnothersFault() {
        let client = venue.connect()
        client.send(Self.placeWithKey)
        market.answerPlacement(.success(.known(order(9, .executed))))
        venue.network.settle()
        let same = client.response()
        #expect(same.status == 201 && same["Idempotency-Replayed"] == "true" && same.text.contains("PENDING"))
        client.send(Self.placeWithKey.replacing("10", with: "11"))
        market.answerPlacement(.success(.known(order(9))))
        venue.network.settle()
        #expect(client.response().status == 422)
    }

    @Test(arguments: [0, 1, 128, 129, 1_024, 1_025, 3_000])
    func aListIsReadInBlocks(count: Int64) {
        let client = venue.connect()
        client.send(get("/orders"))
        market.answerPosition(.success(MarketPosition(lastOrderID: count, lastSequence: 17)))
        venue.network.settle()
        var asked = 0
        while !market.ranges.isEmpty {
            #expect(market.ranges.count <= 8)
            #expect(market.ranges.allSatisfy { $0.0.count <= 128 })
            asked += market.ranges.map(\.0.count).reduce(0, +)
            market.answerRanges()
            venue.network.settle()
        }
        #expect(asked == Int(count))
        let response = client.response()
        #expect(response.status == 200 && response["Feed-Sequence"] == "17")
        #expect(response.text.ranges(of: "orderId").count == Int(count))
        #expect((response["Transfer-Encoding"] == "chunked") == (count > 1_024))
    }

    /// A client has to see that a list is not whole.
    @Test func aListThatBreaksOffEndsItsConnection() {
        let client = venue.connect()
        client.send(get("/orders"))
        market.answerPosition(.success(MarketPosition(lastOrderID: 3_000, lastSequence: 17)))
        venue.network.settle()
        market.answerRanges()
        venue.network.settle()
        market.answerRanges(.away)
        venue.network.settle()
        #expect(client.line.isReset && client.response().status == 0)
    }

    @Test func whoFollowsFromWhatIsNotHeardYetWaitsForIt() {
        let client = venue.connect()
        client.send(Client.handshake("/ws?since=2"))
        market.answerPosition(.success(MarketPosition(lastOrderID: 4, lastSequence: 2)))
        venue.platform.marketChanged(OrderEvent(orderID: 4, status: .pending), sequence: 1)
        venue.network.settle()
        #expect(client.unread.isEmpty)
        for (sequence, status) in [(2, OrderStatus.executed), (3, .cancelled)] as [(UInt64, OrderStatus)] {
            venue.platform.marketChanged(OrderEvent(orderID: 4, status: status), sequence: sequence)
        }
        venue.network.settle()
        #expect(client.response().status == 101)
        #expect(client.messages() == [#"{"sequence": 3, "orderId": 4, "orderStatus": "CANCELLED"}"#])
    }

    @Test func whoFollowsFromWhatThereIsNotIsToldSo() {
        let client = venue.connect()
        client.send(Client.handshake("/ws?since=3"))
        market.answerPosition(.success(MarketPosition(lastOrderID: 4, lastSequence: 2)))
        venue.network.settle()
        #expect(client.response().status == 410)
        client.send(Client.handshake("/ws?since=2"))
        market.answerPosition(.success(MarketPosition(lastOrderID: 4, lastSequence: 2)))
        venue.network.settle()
        market.presence = .away
        venue.network.settle()
        #expect(client.response().status == 503)
    }

    @Test func aMarketThatWasNeverReachedCannotBeFollowed() {
        market.presence = .opening
        let client = venue.connect()
        let response = client.exchange(Client.handshake())
        #expect(response.status == 503 && response["Retry-After"] == "1")
    }

    @Test func followersOfAMarketThatIsNoMoreAreToldSo() {
        let client = venue.connect()
        client.openWebSocket("/ws?numbered")
        venue.platform.marketChanged(OrderEvent(orderID: 4, status: .pending), sequence: 1)
        venue.platform.marketBegan(after: 0, .replaced)
        venue.platform.marketChanged(OrderEvent(orderID: 9, status: .pending), sequence: 1)
        venue.network.settle()
        let frames = client.frames()
        #expect(frames.filter { $0.opcode == 1 }.allSatisfy { !$0.text.contains("\"orderId\": 9") })
        #expect(frames.last?.opcode == 8 && frames.last?.closeCode == 1012)
    }
}
