import TestKit
import Testing

/// `Expect: 100-continue` (RFC 9110 section 10.1.1).
@Suite struct ExpectationTests {
    private static let head =
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"

    @Test func aClientThatWaitsIsAskedOnce() {
        let bench = Bench()
        let client = bench.connect()
        client.send(Self.head)
        #expect(client.readText() == "HTTP/1.1 100 Continue\r\n\r\n")
        client.send("bo")
        client.send("d")
        #expect(client.unread.isEmpty)
        client.send("y")
        #expect(client.response().text == "body")
    }

    @Test func aClientThatWaitsForChunksIsAskedOnce() {
        let bench = Bench()
        let client = bench.connect()
        client.send(
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-Continue\r\n\r\n")
        #expect(client.readText() == "HTTP/1.1 100 Continue\r\n\r\n")
        client.send("1\r\na\r\n")
        client.send("0\r\n\r\n")
        #expect(client.responses().map(\.text) == ["a"])
    }

    @Test func aClientThatDoesNotWaitIsNotAsked() {
        let bench = Bench()
        let client = bench.connect()
        client.send(Self.head + "body")
        #expect(client.responses().map(\.status) == [200])
    }

    @Test func theQuestionComesBehindTheAnswersBeforeIt() {
        let bench = Bench()
        let client = bench.connect()
        client.send("GET /name/a HTTP/1.1\r\nHost: a\r\n\r\n" + Self.head)
        #expect(client.responses().map(\.status) == [200, 100])
    }

    @Test func anOldClientIsNotAsked() {
        let bench = Bench()
        let client = bench.connect()
        client.send("POST /echo HTTP/1.0\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        #expect(client.unread.isEmpty)
        client.send("body")
        #expect(client.response().text == "body")
    }

    @Test func anotherExpectationIsRefused() {
        let bench = Bench()
        let client = bench.connect()
        let response = client.exchange("GET /name/a HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n")
        #expect(response.status == 417)
        #expect(client.line.isShutDown)
    }
}
