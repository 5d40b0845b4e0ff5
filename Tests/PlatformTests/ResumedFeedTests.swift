import Orders
@testable import Platform
import TestKit
import Testing

/// The feed with its numbers: from any event that the log holds, in every form, whole or in part.
@Suite struct ResumedFeedTests {
    private static func numbered(_ sequence: Int, _ id: Int, _ status: String) -> String {
        #"{"sequence": \#(sequence), "orderId": \#(id), "orderStatus": "\#(status)"}"#
    }

    /// Four orders placed, the second of them cancelled: five events.
    private static func venue() -> Venue {
        let venue = Venue { $0.minDelayMilliseconds = 4_000 }
        venue.place(4)
        _ = venue.platform.store.cancel(5)
        venue.network.settle()
        return venue
    }

    private static let past = [
        numbered(1, 4, "PENDING"), numbered(2, 5, "PENDING"), numbered(3, 6, "PENDING"),
        numbered(4, 7, "PENDING"), numbered(5, 5, "CANCELLED"),
    ]

    @Test(arguments: 0...5)
    func whatWasMissedComesFirstAndThenWhatHappens(since: Int) {
        let venue = Self.venue()
        let client = venue.connect()
        #expect(client.openWebSocket("/ws?since=\(since)").status == 101)
        #expect(client.messages() == Array(Self.past[since...]))
        venue.place(1)
        venue.network.settle()
        #expect(client.messages() == [Self.numbered(6, 8, "PENDING")])
    }

    @Test func aPlainSubscriberHearsNoNumbers() {
        let venue = Self.venue()
        let client = venue.subscribe()
        let numbered = venue.connect()
        numbered.openWebSocket("/ws?numbered")
        venue.place(1)
        venue.network.settle()
        #expect(client.messages() == [#"{"orderId": 8, "orderStatus": "PENDING"}"#])
        #expect(numbered.messages() == [Self.numbered(6, 8, "PENDING")])
    }

    @Test(arguments: [
        ("orderId=5", [1, 4]), ("orderId=5&orderId=7", [1, 3, 4]), ("status=CANCELLED", [4]),
        ("status=PENDING&orderId=6", [2]), ("status=EXECUTED", []), ("orderId=99", []),
        ("status=PENDING&status=CANCELLED", [0, 1, 2, 3, 4]), ("color=red", [0, 1, 2, 3, 4]),
    ])
    func aFilterLeavesTheRestOut(query: String, wanted: [Int]) {
        let venue = Self.venue()
        let client = venue.connect()
        client.openWebSocket("/ws?since=0&\(query)")
        #expect(client.messages() == wanted.map { Self.past[$0] })
    }

    @Test func aFilteredSubscriberWithoutNumbersIsToldAsEverybodyIs() {
        let venue = Self.venue()
        let client = venue.connect()
        client.openWebSocket("/ws?status=CANCELLED")
        _ = venue.platform.store.cancel(4)
        venue.place(1)
        venue.network.settle()
        #expect(client.messages() == [#"{"orderId": 4, "orderStatus": "CANCELLED"}"#])
    }

    @Test(arguments: [
        ("since=6", 410), ("since=99999", 410), ("since=-1", 400), ("since=", 400), ("since=abc", 400),
        ("since=99999999999999999999", 400), ("status=pending", 400), ("orderId=x", 400), ("since=1.0", 400),
        ("since=0&since=1", 400), ("since=0&since=0", 400),
    ])
    func aNumberThatIsNotHeldIsGone(query: String, status: Int) {
        for path in ["/ws", "/events"] {
            let venue = Self.venue()
            let response = venue.connect().exchange(Client.handshake("\(path)?\(query)"))
            #expect(response.status == status)
            #expect(response["Content-Type"] == "application/problem+json")
            if status == 410 {
                #expect(response.text.contains(#""firstSequence": 1, "lastSequence": 5"#))
                #expect(response.text.contains("Feed-Sequence"))
            } else {
                #expect(response.text.contains("\"errors\": ["))
            }
        }
    }

    @Test func sixtyFourOrdersCanBeNamedAndNotOneMore() {
        let venue = Self.venue()
        let orders = (1...64).map { "orderId=\($0)" }.joined(separator: "&")
        #expect(venue.connect().openWebSocket("/ws?\(orders)").status == 101)
        #expect(venue.connect().openWebSocket("/ws?\(orders)&orderId=65").status == 400)
    }

    /// The log holds 131,072 events: the oldest of them can be asked for, and the one before cannot.
    @Test func theOldestEventOfTheLogCanBeAskedFor() {
        let venue = Venue { $0.minDelayMilliseconds = 5_000 }
        venue.place(131_072 + 10)
        venue.network.settle()
        #expect(venue.connect().openWebSocket("/ws?since=9").status == 410)
        let client = venue.connect()
        #expect(client.openWebSocket("/ws?since=10").status == 101)
        let messages = client.messages()
        #expect(messages.count == 131_072)
        #expect(messages.first == Self.numbered(11, 14, "PENDING"))
        #expect(messages.last == Self.numbered(131_082, 131_085, "PENDING"))
    }

    /// Kernels that take any number of bytes at a time: each message arrives whole and once.
    @Test(arguments: [1, 2, 7, 61, 62, 63, 64, 100, 1_000])
    func whoTakesLittleMissesNothing(bytesPerTake: Int) {
        for query in ["since=0", "since=0&status=PENDING"] {
            let venue = Venue { $0.minDelayMilliseconds = 5_000 }
            venue.place(40)
            let client = venue.connect()
            client.openWebSocket("/ws?\(query)")
            #expect(client.messages().count == 40)
            client.line.bytesPerWrite = bytesPerTake
            for _ in 0..<30 {
                venue.place(2)
                venue.network.settle()
                client.take(bytesPerTake)
            }
            client.line.bytesPerWrite = .max
            client.takeAll(bytesPerTake)
            #expect(client.messages() == (41...100).map { Self.numbered($0, $0 + 3, "PENDING") })
        }
    }

    /// Old events are read at the reader's own cost: each turn stays within its bounds.
    @Test func whoCatchesUpDoesNotHoldUpTheOthers() {
        let venue = Venue { $0.minDelayMilliseconds = 5_000 }
        venue.place(100_000)
        venue.network.settle()
        let other = venue.subscribe()
        let client = venue.connect()
        client.push(Client.handshake("/ws?since=0"))
        venue.place(1)
        var turns = 0
        while venue.network.turn() {
            turns += 1
            let all = client.line.arrivedCount
            #expect(client.line.writes.allSatisfy { $0 <= 400_000 }, "\(all)")
        }
        #expect(turns > 3)
        #expect(other.messages().count == 1)
        _ = client.response()
        #expect(client.messages().count == 100_001)
    }

    // MARK: Server-Sent Events

    @Test func aStreamTellsWhereItStandsAndThenWhatHappens() {
        let venue = Self.venue()
        let client = venue.connect()
        client.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let head = client.readText()
        #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
        for field in ["Content-Type: text/event-stream", "Cache-Control: no-store", "Connection: close"] {
            #expect(head.contains("\(field)\r\n"))
        }
        #expect(!head.contains("Content-Length") && !head.contains("Transfer-Encoding"))
        #expect(head.hasSuffix("\r\n\r\nretry: 1000\n: sequence 5\nid: 5\n\n"))
        venue.place(1)
        venue.network.settle()
        let event = "id: 6\ndata: \(Self.numbered(6, 8, "PENDING"))\n\n"
        #expect(client.readText() == event)
        venue.advance(milliseconds: 17_000)
        let later = client.readText()
        #expect(later.contains("\"EXECUTED\"}\n\n"))
        #expect(later.hasSuffix("\n\n: sequence 10\nid: 10\n\n"))
    }

    @Test(arguments: ["/events?since=3", "/events?since=0"])
    func aBrowserComesBackWithItsLastNumber(path: String) {
        let venue = Self.venue()
        let client = venue.connect()
        client.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 3\r\n\r\n")
        let text = client.readText()
        let expected = (4...5).map { "id: \($0)\ndata: \(Self.past[$0 - 1])\n\n" }.joined()
        #expect(text.hasSuffix(": sequence 3\nid: 3\n\n\(expected)"))
    }

    @Test func aFilteredStreamMovesItsNumberOnAllTheSame() {
        let venue = Self.venue()
        let client = venue.connect()
        client.send("GET /events?status=CANCELLED HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _ = client.readText()
        venue.place(3)
        venue.network.settle()
        #expect(client.readText() == "")
        venue.advance(milliseconds: 32_000)
        #expect(client.readText().hasSuffix(": sequence 14\nid: 14\n\n"))
    }

    @Test func whileStoppingStreamsEndWithWhatHasHappened() {
        let venue = Self.venue()
        let client = venue.connect()
        client.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _ = client.readText()
        venue.place(1)
        venue.network.host.stop()
        venue.network.settle()
        #expect(client.readText() == "id: 6\ndata: \(Self.numbered(6, 8, "PENDING"))\n\n")
        #expect(client.line.isShutDown)
    }

    @Test func headOfAStreamIsItsHead() {
        let venue = Self.venue()
        let client = venue.connect()
        let response = client.exchange("HEAD /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(response.status == 200 && response["Content-Type"] == "text/event-stream")
        #expect(venue.platform.feed.subscriberCount == 0)
    }

    @Test func aStrangersPageMayNotFollow() {
        let venue = Self.venue()
        let foreign = "Origin: https://elsewhere.example\r\n"
        #expect(venue.connect().get("/events", fields: foreign).status == 403)
    }

    @Test func allFormsAreForgottenWithTheirListeners() {
        let venue = Self.venue()
        let clients = ["/ws", "/ws?numbered", "/ws?since=2", "/ws?orderId=4", "/events"].map { path in
            let client = venue.connect()
            client.send(Client.handshake(path))
            return client
        }
        #expect(venue.platform.feed.subscriberCount == 5)
        for client in clients { client.vanish() }
        #expect(venue.platform.feed.subscriberCount == 0)
        #expect(venue.network.violations.isEmpty)
    }
}
