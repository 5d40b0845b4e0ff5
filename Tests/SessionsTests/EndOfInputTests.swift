import TestKit
import Testing

/// A client that has said all it has to say (a half-close) still gets its answers.
@Suite struct EndOfInputTests {
    @Test func anIdleConnectionIsClosed() {
        let bench = Bench()
        let client = bench.connect()
        client.end()
        #expect(client.line.steps == [.close])
        #expect(bench.host.sessionCount == 0)
    }

    @Test(arguments: [
        "GET /name/a HTT", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbo",
    ])
    func halfARequestIsDropped(start: String) {
        let bench = Bench()
        let client = bench.connect()
        client.send(start)
        client.end()
        #expect(client.line.steps.last == .close)
        #expect(bench.requests == [])
    }

    @Test func anAnswerThatWaitsIsFinishedFirst() {
        let bench = Bench()
        let client = bench.connect()
        client.line.bytesPerWrite = 10
        client.push("GET /bytes/5000 HTTP/1.1\r\nHost: a\r\n\r\n")
        // The driver has stopped reading, but may have seen the end before.
        client.line.session?.receivedEnd()
        #expect(!client.line.isClosing)
        client.take(100)
        #expect(!client.line.isClosing)
        client.take()
        #expect(client.response().body.count == 5_000)
        #expect(client.line.steps.last == .close)
    }

    @Test(arguments: [1, 1_000, Int.max])
    func anAnswerInPartsIsFinishedFirst(perWrite: Int) {
        let bench = Bench()
        let client = bench.connect()
        client.line.bytesPerWrite = perWrite
        client.push("GET /parts/5 HTTP/1.1\r\nHost: a\r\n\r\nGET /name/b HTTP/1.1\r\nHost: a\r\n\r\n")
        client.line.session?.receivedEnd()
        bench.network.settle()
        client.takeAll()
        #expect(client.responses().map(\.body.count) == [5_000, 7])
        #expect(client.line.steps.last == .close)
        #expect(bench.host.sessionCount == 0)
    }

    @Test func theLastAnswerIsFinishedFirst() {
        let bench = Bench()
        let client = bench.connect()
        client.line.bytesPerWrite = 10
        client.push("nonsense\r\n\r\n")
        client.line.session?.receivedEnd()
        #expect(!client.line.isClosing)
        client.takeAll()
        #expect(client.response().status == 400)
        #expect(Array(client.line.steps.suffix(2)) == [.shutdown, .close])
    }

    @Test func pipelinedRequestsAreAnsweredFirst() {
        var limits = Bench.limits
        limits.outputBytesMax = 200
        let bench = Bench(limits: limits)
        let client = bench.connect()
        client.push((1...20).map { "GET /name/\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        client.line.session?.receivedEnd()
        bench.network.settle()
        #expect(client.responses().map(\.text) == (1...20).map { "/name/\($0)" })
        #expect(client.line.steps.last == .close)
    }

    @Test func aWebSocketIsClosed() {
        let bench = Bench()
        let client = bench.connect()
        client.openWebSocket()
        client.end()
        #expect(client.line.steps.last == .close)
        #expect(bench.endedCount == 1)
    }

    @Test func aWebSocketInItsClosingHandshakeIsClosed() {
        let bench = Bench()
        let client = bench.connect()
        client.openWebSocket()
        bench.lastSession?.closeWebSocket(.goingAway, reason: "")
        client.end()
        #expect(client.line.steps.last == .close)
        #expect(bench.host.sessionCount == 0)
    }
}
