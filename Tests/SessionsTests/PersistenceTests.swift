import Sessions
import TestKit
import Testing

/// How a connection goes on after an answer (RFC 9112 sections 9.3 and 9.6).
@Suite struct PersistenceTests {
    @Test(arguments: [
        ("HTTP/1.1", "", nil),
        ("HTTP/1.1", "Connection: keep-alive\r\n", nil),
        ("HTTP/1.1", "Connection: close\r\n", "close"),
        ("HTTP/1.1", "Connection: keep-alive, Close\r\n", "close"),
        ("HTTP/1.0", "", "close"),
        ("HTTP/1.0", "Connection: Keep-Alive\r\n", "keep-alive"),
        ("HTTP/1.0", "Connection: keep-alive, close\r\n", "close"),
    ])
    func aConnectionStaysOpenAsItsRequestAsks(version: String, field: String, expected: String?) {
        let bench = Bench()
        let client = bench.connect()
        let response = client.exchange("GET /name/a \(version)\r\nHost: a\r\n\(field)\r\n")
        #expect(response.status == 200)
        #expect(response["Connection"] == expected)
        #expect(client.line.isShutDown == (expected == "close"))
        #expect(!client.line.isClosing)
        if expected != "close" {
            #expect(client.exchange("GET /name/b HTTP/1.1\r\nHost: a\r\n\r\n").text == "/name/b")
        }
        #expect(client.line.violations == [])
    }

    @Test func nothingIsAnsweredBehindTheLastRequest() {
        let bench = Bench()
        let client = bench.connect()
        client.send(
            "GET /name/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                + "GET /name/b HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.responses().map(\.text) == ["/name/a"])
        client.send("GET /name/c HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(bench.requests == ["get /name/a "])
        #expect(client.unread.isEmpty)
    }

    @Test func aClosedConnectionLingersUntilThePeerCloses() {
        let bench = Bench()
        let client = bench.connect()
        client.send("GET /name/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(client.line.steps == [.write(taken: client.line.arrivedCount), .shutdown])
        #expect(client.line.isReading)
        client.end()
        #expect(client.line.steps.last == .close)
        #expect(bench.host.sessionCount == 0)
        #expect(bench.endedCount == 1)
    }

    @Test func aPeerThatDoesNotCloseIsClosedAfterALinger() {
        let bench = Bench()
        let client = bench.connect()
        client.send("GET /name/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        for _ in 0..<19 {
            bench.advance(milliseconds: 100)
            client.send("more of what nobody reads")
        }
        bench.advance(milliseconds: 99)
        #expect(!client.line.isClosing)
        bench.advance(milliseconds: 1)
        #expect(client.line.isClosing && !client.line.isReset)
        #expect(client.line.violations == [])
    }

    @Test func aSessionIsForgottenOnceItIsOver() {
        let bench = Bench()
        weak var session: Sessions.Session?
        do {
            let client = bench.connect()
            session = client.line.session
            client.send("GET /name/a HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\n")
            #expect(session != nil)
            client.vanish()
        }
        #expect(session == nil)
        #expect(bench.endedCount == 1)
        #expect(bench.host.sessionCount == 0)
    }

    @Test func beingClosedTwiceIsBeingClosedOnce() throws {
        let bench = Bench()
        let client = bench.connect()
        let session = try #require(client.line.session)
        client.send("GET /name/a HTTP/1.1\r\nHost: a\r\n\r\n")
        client.vanish()
        session.closed()
        session.drained()
        #expect(bench.endedCount == 1)
        #expect(bench.host.sessionCount == 0)
    }
}
