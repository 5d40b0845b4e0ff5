import HTTP1
import Sessions
import TestKit
import Testing

/// A request that cannot be read is answered, and ends its connection (RFC 9112 sections 2.2 and 9.6).
@Suite struct RefusalTests {
    @Test(arguments: [
        ("GET  /name/a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /name/a HTTP/1.1\r\n\r\n", 400),
        ("GET /name/a HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("GET /name/a HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", 400),
        ("GET /name/a HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", 400),
        ("GET /name/a HTTP/1.1\r\nHost: a\r\nX: y\rz\r\n\r\n", 400),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", 400),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n", 413),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n", 413),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\n", 400),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("GET /name/a HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        ("GET /" + String(repeating: "a", count: 8_192) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    ])
    func aRefusalIsTheConnectionsLastAnswer(request: String, status: Int) {
        let bench = Bench()
        let client = bench.connect()
        client.send("GET /name/first HTTP/1.1\r\nHost: a\r\n\r\n" + request)
        #expect(client.response().text == "/name/first")
        let response = client.response()
        #expect(response.status == status)
        #expect(response["Connection"] == "close")
        #expect(response["Content-Type"] == "application/problem+json")
        #expect(response.text.contains("\"status\": \(status), \"detail\": \""))
        #expect(client.line.steps == [.write(taken: client.line.arrivedCount), .shutdown])

        client.send("GET /name/next HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(bench.requests == ["get /name/first "])
        bench.advance(milliseconds: 1_999)
        #expect(!client.line.isClosing)
        bench.advance(milliseconds: 1)
        #expect(client.line.isClosing && !client.line.isReset)
        #expect(client.line.violations == [])
    }

    @Test func aRefusalThatIsNotTakenAtOnceIsFinishedFirst() {
        let bench = Bench()
        let client = bench.connect()
        client.line.bytesPerWrite = 10
        client.send("nonsense\r\n\r\n")
        #expect(!client.line.isShutDown && !client.line.isReading)
        client.take(20)
        #expect(!client.line.isShutDown)
        client.take()
        #expect(client.line.isShutDown && client.line.isReading)
        #expect(client.response().status == 400)
        #expect(client.line.violations == [])
    }

    @Test func oneConnectionPastTheLimitIsTold503() {
        var limits = Bench.limits
        limits.connectionsMax = 2
        limits.refusalsMax = 1
        let bench = Bench(limits: limits)
        let first = bench.connect()
        let second = bench.connect()
        let third = bench.connect()
        let refusal = third.response()
        #expect(refusal.status == 503)
        #expect(refusal["Connection"] == "close")
        #expect(refusal.text.contains("All 2 connections of this server are in use."))
        #expect(third.line.isShutDown)

        let fourth = bench.connect()
        #expect(fourth.line.steps == [.close])
        #expect(fourth.line.session == nil)

        #expect(first.exchange("GET /name/a HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
        #expect(second.exchange("GET /name/a HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
        third.end()
        second.end()
        #expect(bench.host.sessionCount == 1)
        #expect(bench.connect().exchange("GET /name/a HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
    }
}
