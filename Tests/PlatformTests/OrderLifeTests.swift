import Orders
@testable import Platform
import TestKit
import Testing

/// An order's life: placed, executed in its time, or cancelled for good.
@Suite struct OrderLifeTests {
    private static func event(_ id: Int, _ status: String) -> String {
        #"{"orderId": \#(id), "orderStatus": "\#(status)"}"#
    }

    @Test(arguments: [(UInt32(1_000), UInt32(5_000)), (0, 0), (1, 1), (3_000, 3_000), (0, 20)])
    func anOrderIsExecutedInItsTime(minimum: UInt32, maximum: UInt32) {
        let venue = Venue {
            $0.minDelayMilliseconds = minimum
            $0.maxDelayMilliseconds = maximum
        }
        let subscriber = venue.subscribe()
        let client = venue.connect()
        venue.advance(milliseconds: 17)
        let start = venue.network.milliseconds
        client.push(String(repeating: Client.order, count: 200))
        var executions: [Int: UInt64] = [:]
        var pending: [String] = []
        func listen() {
            for message in subscriber.messages() {
                if message.contains("PENDING") {
                    pending.append(message)
                } else if let id = Int(message.dropFirst(12).prefix { $0 != "," }) {
                    #expect(executions[id] == nil)
                    executions[id] = venue.network.milliseconds - start
                }
            }
        }
        venue.network.settle()
        listen()
        #expect(pending == (4...203).map { Self.event($0, "PENDING") })
        for _ in 0...(maximum / 20) {
            for _ in 0..<20 {
                venue.advance(milliseconds: 1)
                listen()
            }
        }
        #expect(executions.count == 200)
        #expect(executions.values.allSatisfy { $0 >= UInt64(minimum) && $0 <= UInt64(maximum) })
        let delays = DelayPolicy(minMilliseconds: minimum, maxMilliseconds: maximum, seed: 1)
        for (id, delay) in executions { #expect(UInt64(delays.delayMilliseconds(for: Int64(id))) == delay) }
    }

    @Test func ordersOfOneMomentAreHeardOfInSequenceByEveryone() {
        let venue = Venue()
        let subscribers = (0..<3).map { _ in venue.subscribe() }
        let client = venue.connect()
        client.send(String(repeating: Client.order, count: 100))
        #expect(client.responses().map(\.status) == Array(repeating: 201, count: 100))
        venue.advance(milliseconds: 5_000)
        let heard = subscribers.map { $0.messages() }
        #expect(heard[0].prefix(100) == (4...103).map { Self.event($0, "PENDING") }[...])
        let executions = heard[0].dropFirst(100)
        #expect(executions.count == 100)
        #expect(Set(executions) == Set((4...103).map { Self.event($0, "EXECUTED") }))
        #expect(heard[1] == heard[0] && heard[2] == heard[0])
    }

    @Test func delaysAreEvenlySpread() {
        let venue = Venue()
        venue.place(1_000)
        var executed = [0]
        for _ in 0..<5 {
            venue.advance(milliseconds: 1_000)
            executed.append(venue.platform.store.executedCount - 1)
        }
        #expect(executed[1] <= 5 && executed[5] == 1_000)
        for second in 2...5 { #expect((200...300).contains(executed[second] - executed[second - 1])) }
    }

    @Test func anOrderIsNeverExecutedEarly() {
        let venue = Venue {
            $0.minDelayMilliseconds = 1_000
            $0.maxDelayMilliseconds = 1_000
        }
        let client = venue.connect()
        venue.advance(milliseconds: 3)
        client.send(Client.order)
        venue.advance(milliseconds: 999)
        #expect(client.responses().count == 1)
        #expect(client.get("/orders/4").text.contains("PENDING"))
        venue.advance(milliseconds: 1)
        #expect(client.get("/orders/4").text.contains("EXECUTED"))
    }

    @Test func theSameSeedGivesTheSameFeed() {
        func feed(seed: UInt64) -> [UInt8] {
            let venue = Venue(seed: seed)
            let subscriber = venue.subscribe()
            let client = venue.connect()
            for round in 0..<20 {
                client.send(String(repeating: Client.order, count: 5))
                venue.advance(milliseconds: 250)
                _ = client.delete("/orders/\(4 + round * 4)")
            }
            venue.advance(milliseconds: 5_000)
            return subscriber.line.arrived
        }
        let first = feed(seed: 11)
        #expect(first.count > 5_000)
        #expect(feed(seed: 11) == first)
        #expect(feed(seed: 12) != first)
    }

    @Test func theExampleStaysPendingUntilItIsCancelled() {
        let venue = Venue()
        let client = venue.connect()
        venue.advance(milliseconds: 60_000)
        #expect(client.get("/orders/1").text.contains("PENDING"))
        #expect(client.delete("/orders/1").status == 204)
        #expect(client.get("/orders/1").text.contains("CANCELLED"))
    }

    @Test func cancellingIsHeardOnceAndIsForGood() {
        let venue = Venue()
        let subscriber = venue.subscribe()
        let client = venue.connect()
        #expect(client.post(#"{"stocks":"AAPL","quantity":10}"#).status == 201)
        for _ in 0..<3 { #expect(client.delete("/orders/4").status == 204) }
        venue.advance(milliseconds: 10_000)
        #expect(client.delete("/orders/4").status == 204)
        #expect(client.get("/orders/4").text.contains("CANCELLED"))
        #expect(subscriber.messages() == [Self.event(4, "PENDING"), Self.event(4, "CANCELLED")])
    }

    @Test func whatIsExecutedStaysExecuted() {
        let venue = Venue()
        let subscriber = venue.subscribe()
        let client = venue.connect()
        #expect(client.post(#"{"stocks":"AAPL","quantity":10}"#).status == 201)
        venue.advance(milliseconds: 5_000)
        #expect(client.delete("/orders/4").status == 409)
        #expect(client.get("/orders/4").text.contains("EXECUTED"))
        #expect(subscriber.messages() == [Self.event(4, "PENDING"), Self.event(4, "EXECUTED")])
    }

    @Test func aRefusedRequestIsNoEvent() {
        let venue = Venue()
        let subscriber = venue.subscribe()
        let client = venue.connect()
        #expect(client.delete("/orders/2").status == 409)
        #expect(client.delete("/orders/3").status == 204)
        #expect(client.delete("/orders/9").status == 404)
        #expect(client.post("{}").status == 400)
        #expect(subscriber.frames() == [])
        #expect(venue.lastSequence == 0)
    }

    @Test func aFullStoreRefusesAndLosesNothing() {
        let venue = Venue { $0.ordersMax = 5 }
        let subscriber = venue.subscribe()
        let client = venue.connect()
        client.send(String(repeating: Client.order, count: 4))
        let responses = client.responses()
        #expect(responses.map(\.status) == [201, 201, 503, 503])
        #expect(
            responses[2].text.contains(
                "The store is full: it holds 5 orders, as many as --max-orders allows."))
        #expect(client.post("{}").status == 400)
        #expect(client.get("/orders/5").status == 200)
        #expect(client.get("/orders/6").status == 404)
        #expect(client.delete("/orders/4").status == 204)
        #expect(client.post(#"{"stocks":"AAPL","quantity":10}"#).status == 503)
        venue.advance(milliseconds: 5_000)
        #expect(
            subscriber.messages() == [
                Self.event(4, "PENDING"), Self.event(5, "PENDING"), Self.event(4, "CANCELLED"),
                Self.event(5, "EXECUTED"),
            ])
        #expect(client.get("/orders").text.ranges(of: "orderId").count == 5)
    }

    @Test func aSubscriberHearsOfWhatHappensAfterItsHandshakeOnly() {
        let venue = Venue()
        let client = venue.connect()
        client.push(Client.order)
        let subscriber = venue.connect()
        subscriber.push(Client.handshake())
        client.push(Client.order)
        venue.network.settle()
        #expect(subscriber.response().status == 101)
        #expect(subscriber.messages() == [Self.event(5, "PENDING")])
    }

    @Test func whatASubscriberSaysIsIgnored() {
        let venue = Venue()
        let subscriber = venue.subscribe()
        subscriber.send(.text("DELETE /orders/1"))
        subscriber.send(ClientFrame(2, Array(repeating: 1, count: 65_536)))
        #expect(subscriber.frames() == [])
        let client = venue.connect()
        #expect(client.delete("/orders/1").status == 204)
        #expect(subscriber.messages() == [Self.event(1, "CANCELLED")])
        subscriber.send(ClientFrame(2, Array(repeating: 1, count: 65_537)))
        #expect(subscriber.frames().map(\.closeCode) == [1009])
    }

    @Test func stoppingSendsWhatHappenedAndSaysGoodbye() {
        let venue = Venue()
        let subscriber = venue.subscribe()
        let client = venue.connect()
        client.push(Client.order)
        venue.platform.host.stop()
        venue.network.settle()
        let frames = subscriber.frames()
        #expect(frames.first?.text == Self.event(4, "PENDING"))
        #expect(frames.map(\.closeCode) == [nil, 1001])
        let late = venue.connect()
        #expect(late.response().status == 503)
        let response = client.responses()
        #expect(response.map(\.status) == [201])
        let upgrade = client.exchange(Client.handshake())
        #expect(upgrade.status == 503 && upgrade["Connection"] == "close")
        venue.advance(milliseconds: 2_100)
        #expect(venue.platform.host.sessionCount == 0)
    }
}
