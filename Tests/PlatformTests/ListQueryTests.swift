import Orders
@testable import Platform
import Sessions
import TestKit
import Testing

/// Lists with conditions, pages, the cancellation of many, and what a client knows already.
@Suite struct ListQueryTests {
    private static func ids(_ text: String) -> [Int] {
        text.split(separator: "\"orderId\": ").dropFirst().compactMap { part in
            Int(part.prefix { $0.isNumber })
        }
    }

    /// The three examples, and 4 AAPL, 5 "A&B +é", 6 AAPL, all pending.
    private static func venue() -> (Venue, Client) {
        let venue = Venue()
        let client = venue.connect()
        for stocks in ["AAPL", "A&B +é", "AAPL"] {
            #expect(client.post(#"{"stocks":"\#(stocks)","quantity":1}"#).status == 201)
        }
        return (venue, client)
    }

    @Test(arguments: [
        ("", [1, 2, 3, 4, 5, 6]), ("?status=PENDING", [1, 4, 5, 6]), ("?status=EXECUTED", [2]),
        ("?stocks=AAPL", [1, 4, 6]), ("?stocks=A%26B+%2B%C3%A9", [5]), ("?stocks=aapl", []),
        ("?status=PENDING&stocks=AAPL", [1, 4, 6]), ("?after=4", [5, 6]), ("?after=0", [1, 2, 3, 4, 5, 6]),
        ("?after=6", []), ("?after=9223372036854775807", []), ("?status=PENDING&after=1", [4, 5, 6]),
        ("?&&unknown=1&", [1, 2, 3, 4, 5, 6]), ("?status=%50ENDING", [1, 4, 5, 6]),
    ])
    func aConditionChooses(query: String, wanted: [Int]) {
        let (venue, client) = Self.venue()
        defer { withExtendedLifetime(venue) {} }
        let response = client.get("/orders\(query)")
        #expect(response.status == 200)
        #expect(Self.ids(response.text) == wanted)
        #expect(response["Feed-Sequence"] == "3")
        #expect(response["Link"] == nil)
    }

    @Test func pagesLeadToTheNextUntilTheLast() throws {
        for query in ["limit=2", "limit=2&status=PENDING", "limit=1&stocks=A%26B%20%2B%C3%A9", "limit=1000"] {
            let (venue, client) = Self.venue()
            defer { withExtendedLifetime(venue) {} }
            let whole = Self.ids(client.get("/orders?" + query.replacing("limit=", with: "x=")).text)
            var found: [Int] = []
            var next: String? = "/orders?\(query)"
            var pages = 0
            while let path = next {
                let response = client.get(path)
                found += Self.ids(response.text)
                next = response["Link"].flatMap { link in
                    #expect(link.hasSuffix(">; rel=\"next\""))
                    return String(link.dropFirst().prefix { $0 != ">" })
                }
                pages += 1
                try #require(pages < 10)
            }
            #expect(found == whole)
            // A page that is full and the last has no next.
            #expect(pages == max(1, (whole.count + 1) / 2) || !query.hasPrefix("limit=2"))
        }
    }

    @Test func aPageKeepsWhatItsNextNeeds() {
        let (venue, client) = Self.venue()
        defer { withExtendedLifetime(venue) {} }
        #expect(client.post(#"{"stocks":"A&B +é","quantity":1}"#).status == 201)
        let link = client.get("/orders?stocks=A%26B+%2B%C3%A9&status=PENDING&limit=1")["Link"]
        #expect(
            link == "</orders?status=PENDING&stocks=A%26B%20%2B%C3%A9&limit=1&after=5>; rel=\"next\"")
    }

    @Test(arguments: [
        "limit=0", "limit=1001", "limit=-1", "limit=x", "limit=", "after=-1", "after=x", "status=DONE",
        "status=PENDING&status=PENDING", "limit=1&limit=1",
    ])
    func aWrongParameterIsNamed(query: String) {
        let (venue, client) = Self.venue()
        defer { withExtendedLifetime(venue) {} }
        let response = client.get("/orders?\(query)")
        #expect(response.status == 400)
        let name = query.prefix { $0 != "=" }
        #expect(response.text.contains("\"errors\": [{\"field\": \"\(name)\""))
    }

    /// What is looked at in a turn is bounded, in every kind of list.
    @Test(arguments: ["?status=EXECUTED", "?status=EXECUTED&limit=5", "?stocks=NONE", "?after=60000"])
    func aLongSearchIsSpreadOverTurns(query: String) {
        let settings = PlatformSettings()
        var work = WorkLimits()
        work.rowsExaminedMax = 100
        work.rowsPerPartMax = 50
        let platform = Platform(settings: settings, sessions: settings.sessionLimits, work: work)
        let network = Network(host: platform.host)
        let stocks: [UInt8] = [65]
        for _ in 0..<1_000 { _ = platform.store.place(stocks: stocks.span, quantity: 1, at: 0) }
        for id in stride(from: Int64(10), to: 990, by: 100) { _ = platform.store.cancel(id) }
        let client = network.connect()
        let turns = network.turns
        let text = client.get("/orders\(query)").text
        #expect(Self.ids(text) == (query.contains("EXECUTED") ? [2] : []))
        if !query.contains("60000") { #expect(network.turns - turns >= 9) }
        #expect(network.violations.isEmpty && client.line.violations.isEmpty)
    }

    /// What was begun before the server is stopped is answered, and told to be the last.
    @Test(arguments: ["GET /orders?status=EXECUTED&limit=5", "DELETE /orders?status=PENDING&stocks=NONE"])
    func anAnswerThatEndsWhileTheServerStopsIsTheLast(request: String) {
        let settings = PlatformSettings()
        var work = WorkLimits()
        work.rowsExaminedMax = 100
        let platform = Platform(settings: settings, sessions: settings.sessionLimits, work: work)
        let network = Network(host: platform.host)
        let stocks: [UInt8] = [65]
        for _ in 0..<300 { _ = platform.store.place(stocks: stocks.span, quantity: 1, at: 0) }
        let client = network.connect()
        client.push("\(request) HTTP/1.1\r\nHost: localhost\r\n\r\nGET /orders/1 HTTP/1.1\r\n")
        platform.host.stop()
        network.settle()
        let response = client.response()
        #expect(response.status == 200 && response["Connection"] == "close")
        #expect(client.line.isShutDown && client.unread.isEmpty)
    }

    // MARK: Many cancelled at once

    @Test func allThatIsPendingIsCancelled() {
        let (venue, client) = Self.venue()
        let response = client.delete("/orders?status=PENDING")
        #expect(response.status == 200 && response.text == #"{"cancelled": 4}"#)
        #expect(venue.platform.store.pendingCount == 0)
        #expect(client.delete("/orders?status=PENDING").text == #"{"cancelled": 0}"#)
        #expect(venue.lastSequence == 7)
    }

    @Test func onlyThoseForOneTextAreCancelled() {
        let (venue, client) = Self.venue()
        #expect(client.delete("/orders?status=PENDING&stocks=AAPL").text == #"{"cancelled": 3}"#)
        #expect(venue.platform.store.order(5)?.status == .pending)
    }

    @Test(arguments: [
        "", "?", "?status=", "?status=EXECUTED", "?status=CANCELLED", "?status=pending", "?stocks=AAPL",
        "?status=PENDING&limit=1", "?status=PENDING&after=4", "?status=PENDING&stock=AAPL",
        "?status=PENDING&status=PENDING",
    ])
    func withoutAClearConditionNothingIsCancelled(query: String) {
        let (venue, client) = Self.venue()
        #expect(client.delete("/orders\(query)").status == 400)
        #expect(venue.platform.store.pendingCount == 4)
        #expect(venue.lastSequence == 3)
    }

    @Test func aStrangersPageCancelsNothing() {
        let (venue, client) = Self.venue()
        let foreign = "Origin: https://elsewhere.example\r\n"
        #expect(client.delete("/orders?status=PENDING", fields: foreign).status == 403)
        #expect(venue.platform.store.pendingCount == 4)
    }

    @Test func manyAreCancelledInBoundedTurnsAndEachIsHeardOnce() {
        let venue = Venue { $0.minDelayMilliseconds = 5_000 }
        let listener = venue.subscribe()
        listener.line.keepsBytes = false
        let start = listener.line.arrivedCount
        venue.place(100_000)
        let client = venue.connect()
        let turns = venue.network.turns
        client.send("DELETE /orders?status=PENDING HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(client.response().text == #"{"cancelled": 100001}"#)
        #expect(venue.network.turns - turns >= 100_001 / Platform.executionsPerTurnMax)
        #expect(!listener.line.isClosing)
        #expect(listener.line.arrivedCount > start)
        #expect(venue.lastSequence == 200_001)
    }

    // MARK: What a client knows

    @Test func anOrderThatIsKnownIsNotSentAgain() throws {
        let (venue, client) = Self.venue()
        defer { withExtendedLifetime(venue) {} }
        let tag = try #require(client.get("/orders/4")["ETag"])
        for list in [tag, "W/\(tag)", "\"x\", \(tag)", "*", " \(tag) , \"y\""] {
            let response = client.get("/orders/4", fields: "If-None-Match: \(list)\r\n")
            #expect(response.status == 304)
            #expect(response["ETag"] == tag && response.text == "" && response["Content-Length"] == nil)
        }
        for list in ["\"x\"", tag.replacing("\"", with: ""), "\"\"", ""] {
            #expect(client.get("/orders/4", fields: "If-None-Match: \(list)\r\n").status == 200)
        }
        let twice = "If-None-Match: \(tag)\r\nIf-None-Match: \(tag)\r\n"
        #expect(client.get("/orders/4", fields: twice).status == 200)
    }

    @Test func aStateHasATagOfItsOwn() throws {
        let (venue, client) = Self.venue()
        defer { withExtendedLifetime(venue) {} }
        let tag = try #require(client.get("/orders/4")["ETag"])
        #expect(client.get("/orders/4")["ETag"] == tag)
        #expect(client.delete("/orders/4").status == 204)
        #expect(client.get("/orders/4", fields: "If-None-Match: \(tag)\r\n").status == 200)
        let tags = (1...6).compactMap { client.get("/orders/\($0)")["ETag"] }
        // 4 and 6 were placed alike, and only one of them was cancelled.
        #expect(Set(tags).count == 6)
    }

    @Test(arguments: ["/", "/style.css", "/app.js", "/favicon.svg"])
    func thePageIsNotSentAgain(path: String) throws {
        let (venue, client) = Self.venue()
        defer { withExtendedLifetime(venue) {} }
        let tag = try #require(client.get(path)["ETag"])
        let response = client.get(path, fields: "If-None-Match: \(tag)\r\n")
        #expect(response.status == 304 && response["ETag"] == tag)
    }
}
