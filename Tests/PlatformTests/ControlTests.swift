import Orders
@testable import Platform
import Sessions
import TestKit
import Testing

/// Time, reset and failure at the request of a test.
@Suite struct ControlTests {
    private static func venue(seed: UInt64 = 1) -> (Venue, Client) {
        let venue = Venue(seed: seed) { $0.isControllable = true }
        return (venue, venue.connect())
    }

    private static func post(_ what: String, _ body: String = "") -> String {
        "POST /control/\(what) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static let order = Client.order

    @Test(arguments: ["GET /control", "POST /control/reset", "POST /control/clock", "POST /control/faults"])
    func withoutLeaveThereIsNoControl(request: String) {
        let venue = Venue()
        let client = venue.connect()
        let response = client.exchange("\(request) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(response.status == 404 && response.text.contains("--control"))
    }

    @Test func theStateIsToldToTheByte() {
        let (venue, client) = Self.venue()
        venue.advance(milliseconds: 250)
        client.send(Client.post(#"{"stocks":"A","quantity":1}"#, fields: "Execution-Delay-Ms: 1000\r\n"))
        _ = client.response()
        #expect(
            client.get("/control").text
                == #"{"clock": {"nowMs": 250, "paused": false, "speed": 1}, "#
                + #""faults": {"seed": 0, "refuse": 0, "delay": 0, "delayMinMs": 0, "delayMaxMs": 0, "#
                + #""reset": 0, "dropSubscriber": 0}, "#
                + #""orders": {"PENDING": 2, "EXECUTED": 1, "CANCELLED": 1}, "#
                + #""lastSequence": 1, "pendingDelays": 1, "nextDueMs": 1250}"#)
    }

    /// Delays are kept in spans of 65 s, which nobody has to know.
    @Test func whatIsDueNextIsToldAcrossSpans() {
        let (venue, client) = Self.venue()
        _ = client.exchange(Self.post("clock", #"{"paused": true}"#))
        for delay in [90_000, 200_000, 1_000] {
            _ = client.post(#"{"stocks":"A","quantity":1}"#, fields: "Execution-Delay-Ms: \(delay)\r\n")
        }
        #expect(client.delete("/orders/6").status == 204)
        #expect(client.get("/control").text.hasSuffix(#""pendingDelays": 2, "nextDueMs": 90000}"#))
        let later = client.exchange(Self.post("clock", #"{"advanceMs": 90000}"#)).text
        withExtendedLifetime(venue) {
            #expect(later.hasSuffix(#""pendingDelays": 1, "nextDueMs": 200000}"#))
        }
    }

    @Test func aClockThatStandsExecutesNothingUntilItIsAdvanced() {
        let (venue, client) = Self.venue()
        #expect(client.exchange(Self.post("clock", #"{"paused": true}"#)).status == 200)
        let fields = "Execution-Delay-Ms: 3000\r\n"
        #expect(client.post(#"{"stocks":"A","quantity":1}"#, fields: fields).status == 201)
        venue.network.skip(milliseconds: 50_000)
        venue.network.settle()
        let trader = venue.connect()
        #expect(trader.get("/orders/4").text.contains("PENDING"))
        _ = trader.exchange(Self.post("clock", #"{"advanceMs": 2999}"#))
        #expect(trader.get("/orders/4").text.contains("PENDING"))
        // The answer comes when what fell due is executed.
        #expect(trader.exchange(Self.post("clock", #"{"advanceMs": 1}"#)).text.contains(#""EXECUTED": 2"#))
        #expect(trader.get("/orders/4").text.contains("EXECUTED"))
    }

    @Test func whatFallsDueTogetherIsExecutedInOrder() {
        let (venue, client) = Self.venue()
        let listener = venue.subscribe()
        _ = client.exchange(Self.post("clock", #"{"paused": true}"#))
        for delay in [300, 100, 200, 100] {
            _ = client.post(#"{"stocks":"A","quantity":1}"#, fields: "Execution-Delay-Ms: \(delay)\r\n")
        }
        _ = listener.messages()
        _ = client.exchange(Self.post("clock", #"{"advanceMs": 86400000}"#))
        let executed = [5, 7, 6, 4].map { #"{"orderId": \#($0), "orderStatus": "EXECUTED"}"# }
        #expect(listener.messages() == executed)
    }

    @Test(arguments: [("10", 300), ("0.5", 6_000), ("1000", 3), ("0.001", 3_000_000)])
    func aSpeedMakesOrdersFallDueAccordingly(speed: String, hostMilliseconds: UInt64) {
        let (venue, client) = Self.venue()
        _ = client.exchange(Self.post("clock", #"{"speed": \#(speed)}"#))
        _ = client.post(#"{"stocks":"A","quantity":1}"#, fields: "Execution-Delay-Ms: 3000\r\n")
        venue.network.advance(nanoseconds: hostMilliseconds * 1_000_000 - 1)
        #expect(venue.platform.store.order(4)?.status == .pending)
        // A timer fires at the next millisecond.
        venue.network.advance(milliseconds: 2)
        #expect(venue.platform.store.order(4)?.status == .executed)
        #expect(venue.network.violations.isEmpty)
    }

    @Test func timeGoesOnFromWhereItStood() {
        let (venue, client) = Self.venue()
        venue.advance(milliseconds: 100)
        _ = client.exchange(Self.post("clock", #"{"paused": true}"#))
        venue.network.skip(milliseconds: 5_000)
        let resumed = client.exchange(Self.post("clock", #"{"paused": false, "speed": 2}"#))
        #expect(resumed.text.contains(#""nowMs": 100, "paused": false, "speed": 2"#))
        venue.advance(milliseconds: 50)
        #expect(client.get("/control").text.contains(#""nowMs": 200"#))
    }

    @Test(arguments: [
        ("clock", #"{"speed": 0}"#), ("clock", #"{"speed": 1001}"#), ("clock", #"{"advanceMs": -1}"#),
        ("clock", #"{"advanceMs": 1.5}"#), ("clock", #"{"advanceMs": 86400001}"#),
        ("clock", #"{"paused": 1}"#), ("clock", #"{"pause": true}"#), ("clock", "[]"), ("clock", "{"),
        ("clock", #"{"speed": 1, "speed": 1}"#), ("faults", #"{"refuse": 1.1}"#),
        ("faults", #"{"delay": true}"#), ("faults", #"{"delayMinMs": 2, "delayMaxMs": 1}"#),
        ("faults", #"{"nothing": 0}"#), ("faults", #"{"seed": -1}"#), ("reset", #"{"paused": true}"#),
    ])
    func aWrongBodyChangesNothing(what: String, body: String) {
        let (venue, client) = Self.venue()
        defer { withExtendedLifetime(venue) {} }
        let before = client.get("/control").text
        #expect(client.exchange(Self.post(what, body)).status == 400)
        #expect(client.get("/control").text == before)
    }

    @Test func aResetBeginsAnew() {
        let (venue, client) = Self.venue()
        let socket = venue.subscribe()
        let stream = venue.connect()
        stream.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _ = client.exchange(Self.post("clock", #"{"paused": true, "advanceMs": 500}"#))
        _ = client.post(#"{"stocks":"A","quantity":1}"#, fields: "Idempotency-Key: k\r\n")
        _ = client.exchange(Self.post("faults", #"{"dropSubscriber": 0.5, "seed": 3}"#))
        let answer = client.exchange(Self.post("reset"))
        #expect(answer.text.contains(#""nowMs": 0, "paused": false, "speed": 1"#))
        #expect(answer.text.contains(#""orders": {"PENDING": 1, "EXECUTED": 1, "CANCELLED": 1}"#))
        #expect(answer.text.contains(#""lastSequence": 0"#) && answer.text.contains(#""dropSubscriber": 0}"#))
        #expect(socket.frames().last?.closeCode == 1012)
        #expect(stream.line.isShutDown)
        #expect(venue.platform.feed.subscriberCount == 0)
        let again = client.post(#"{"stocks":"A","quantity":1}"#, fields: "Idempotency-Key: k\r\n")
        #expect(again["Location"] == "/orders/4" && again["Idempotency-Replayed"] == nil)
        let follower = venue.connect()
        follower.openWebSocket("/ws?since=0")
        #expect(follower.messages() == [#"{"sequence": 1, "orderId": 4, "orderStatus": "PENDING"}"#])
    }

    @Test func whatWasBegunBeforeAResetIsCutOff() {
        let (venue, client) = Self.venue()
        venue.place(20_000)
        let reader = venue.connect()
        reader.push("GET /orders HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client.push(Self.post("reset"))
        venue.network.settle()
        #expect(reader.line.isReset)
        #expect(client.response().status == 200)
        #expect(reader.response().status == 0)
    }

    // MARK: Faults

    @Test func aRefusedRequestChangesNothing() {
        let (venue, client) = Self.venue()
        _ = client.exchange(Self.post("faults", #"{"refuse": 1}"#))
        let response = client.exchange(Self.order)
        #expect(response.status == 503 && response["Retry-After"] == "1")
        #expect(client.get("/orders").status == 503 && client.delete("/orders/1").status == 503)
        #expect(venue.platform.store.count == 3 && venue.lastSequence == 0)
        #expect(client.get("/health").status == 200 && client.get("/control").status == 200)
        _ = client.exchange(Self.post("faults", #"{"refuse": 0}"#))
        #expect(client.exchange(Self.order).status == 201)
    }

    @Test func anAnswerIsHeldBackAndTheNextOneWithIt() {
        let (venue, client) = Self.venue()
        let plan = #"{"delay": 1, "delayMinMs": 200, "delayMaxMs": 200}"#
        _ = client.exchange(Self.post("faults", plan))
        client.send(Self.order + Self.order + "GET /orders HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(client.response().status == 0)
        #expect(venue.platform.store.count == 4)
        venue.advance(milliseconds: 199)
        #expect(client.response().status == 0)
        venue.advance(milliseconds: 1)
        #expect(client.response().status == 201)
        #expect(client.response().status == 0)
        venue.advance(milliseconds: 400)
        #expect(client.responses().map(\.status) == [201, 200])
        #expect(venue.network.violations.isEmpty && client.line.violations.isEmpty)
    }

    @Test func aLongListIsHeldBackWhole() {
        let (venue, client) = Self.venue()
        venue.place(5_000)
        _ = client.exchange(Self.post("faults", #"{"delay": 1, "delayMinMs": 50, "delayMaxMs": 50}"#))
        client.send("GET /orders HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(client.line.arrivedCount == client.line.arrived.count - client.unread.count)
        venue.advance(milliseconds: 50)
        #expect(client.response().text.hasSuffix("}]"))
    }

    @Test func aResetLosesTheAnswerAndNotTheOrder() {
        let (venue, client) = Self.venue()
        _ = client.exchange(Self.post("faults", #"{"reset": 1}"#))
        client.send(Self.order + Self.order)
        #expect(client.line.isReset)
        #expect(client.response().status == 0)
        #expect(venue.platform.store.count == 4)
    }

    @Test func whoIsHeldBackAndLeavesIsForgotten() {
        let (venue, client) = Self.venue()
        _ = client.exchange(Self.post("faults", #"{"delay": 1, "delayMinMs": 500, "delayMaxMs": 500}"#))
        client.send(Self.order)
        client.vanish()
        venue.advance(milliseconds: 1_000)
        #expect(venue.network.host.sessionCount == 0)
    }

    @Test func aSubscriberIsDropped() {
        let (venue, client) = Self.venue()
        let listener = venue.subscribe()
        let stream = venue.connect()
        stream.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _ = client.exchange(Self.post("faults", #"{"dropSubscriber": 1}"#))
        _ = client.exchange(Self.order)
        #expect(listener.line.isReset && stream.line.isReset)
        #expect(listener.messages().isEmpty)
        #expect(venue.platform.feed.subscriberCount == 0)
    }

    @Test func theSameSeedHasTheSameFaults() {
        func statuses(_ seed: Int) -> [Int] {
            let (venue, client) = Self.venue()
            defer { withExtendedLifetime(venue) {} }
            _ = client.exchange(Self.post("faults", #"{"seed": \#(seed), "refuse": 0.5}"#))
            return (0..<64).map { _ in client.get("/orders/1").status }
        }
        #expect(statuses(1) == statuses(1))
        #expect(statuses(1) != statuses(2))
        #expect((16...48).contains(statuses(1).count { $0 == 503 }))
    }

    /// With a seed and a clock that is stepped, two runs are the same to the byte.
    @Test func twoRunsHaveTheSameFeed() {
        func feed(_ seed: UInt64) -> [UInt8] {
            let (venue, client) = Self.venue(seed: seed)
            let listener = venue.connect()
            listener.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            // The runs differ in when things happen by the host's clock.
            venue.network.skip(nanoseconds: UInt64.random(in: 0..<5_000_000))
            _ = client.exchange(Self.post("clock", #"{"paused": true}"#))
            for step in 0..<50 {
                _ = client.exchange(Self.order)
                if step % 7 == 3 { _ = client.delete("/orders/\(step)") }
                venue.network.skip(nanoseconds: UInt64.random(in: 0..<5_000_000))
                _ = client.exchange(Self.post("clock", #"{"advanceMs": 130}"#))
            }
            // Nothing else holds the platform to the end.
            return withExtendedLifetime(venue) { Array(listener.unread) }
        }
        let one = feed(7)
        #expect(one.count > 5_000)
        #expect(feed(7) == one)
        #expect(feed(8) != one)
    }
}
