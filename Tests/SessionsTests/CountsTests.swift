import HTTP1
import Sessions
import TestKit
import Testing

/// What a host counts, at each of its limits.
@Suite struct CountsTests {
    private static func hits(_ bench: Bench) -> [SessionLimit: UInt64] {
        var hits: [SessionLimit: UInt64] = [:]
        for limit in SessionLimit.allCases where bench.host.counts.hits(of: limit) > 0 {
            hits[limit] = bench.host.counts.hits(of: limit)
        }
        #expect(hits.values.reduce(0, +) == bench.host.counts.limitsHit)
        return hits
    }

    private static let post = "POST /echo HTTP/1.1\r\nHost: a\r\n"

    @Test(arguments: [
        (
            "GET /\(String(repeating: "x", count: 9_000)) HTTP/1.1\r\n", SessionLimit.requestLine,
            Status.uriTooLong
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 33_000))\r\n\r\n", .head,
            .requestHeaderFieldsTooLarge
        ),
        ("\(post)Content-Length: 65537\r\n\r\n", .body, .contentTooLarge),
        (
            "\(post)Transfer-Encoding: chunked\r\n\r\n1;\(String(repeating: "x", count: 5_000))\r\n",
            .chunkExtensions, .contentTooLarge
        ),
        (
            "\(post)Transfer-Encoding: chunked\r\n\r\n0\r\nX: \(String(repeating: "x", count: 9_000))\r\n\r\n",
            .trailers, .requestHeaderFieldsTooLarge
        ),
    ])
    func aLimitOfARequestIsCounted(text: String, limit: SessionLimit, status: Status) {
        let bench = Bench()
        bench.connect().send(text)
        #expect(Self.hits(bench) == [limit: 1])
        let method: Method = text.hasPrefix("GET") ? .get : .post
        #expect(bench.host.counts.refusals(of: method, with: status) == 1)
    }

    @Test func timesAreCounted() {
        let bench = Bench()
        _ = bench.connect()
        bench.connect().send("GET / HT")
        bench.connect().send("\(Self.post)Content-Length: 2\r\n\r\n")
        let stalled = Line()
        stalled.bytesPerWrite = 10
        bench.connect(stalled).send("GET /bytes/1000 HTTP/1.1\r\nHost: a\r\n\r\n")
        bench.connect().openWebSocket()
        bench.advance(milliseconds: 120_000)
        let hits = Self.hits(bench)
        #expect(hits[.idleTime] == 1 && hits[.headTime] == 1 && hits[.bodyTime] == 1)
        #expect(hits[.stallTime] == 1 && hits[.pongTime] == 1)
        #expect(bench.host.counts.refusals(of: .post, with: .requestTimeout) == 1)
        #expect(bench.host.counts.refusals(of: .other, with: .requestTimeout) == 1)
    }

    @Test(arguments: [
        (ClientFrame.text(String(repeating: "x", count: 1_001)).bytes, SessionLimit.webSocketMessage),
        (
            ClientFrame.text("x", isFinal: false).bytes
                + (0..<4).flatMap { _ in ClientFrame.more("x", isFinal: false).bytes },
            .webSocketFragments
        ),
    ])
    func aLimitOfAMessageIsCounted(bytes: [UInt8], limit: SessionLimit) {
        let bench = Bench()
        let client = bench.connect()
        client.openWebSocket()
        client.send(bytes)
        #expect(Self.hits(bench) == [limit: 1])
    }

    @Test func connectionsAreCounted() {
        var limits = Bench.limits
        limits.connectionsMax = 1
        let bench = Bench(limits: limits)
        let client = bench.connect()
        _ = bench.connect()
        #expect(Self.hits(bench) == [.connections: 1])
        #expect(bench.host.counts.acceptedConnections == 2)
        #expect(bench.host.counts.refusedConnections == 1)
        #expect(bench.host.counts.refusals(of: .other, with: .serviceUnavailable) == 1)
        client.vanish()
        bench.host.noteDescriptorsExhausted()
        #expect(Self.hits(bench) == [.connections: 1, .descriptors: 1])
    }

    @Test func bytesAreCountedBothWays() {
        let bench = Bench()
        let line = Line()
        line.bytesPerWrite = 500
        let client = bench.connect(line)
        let request = "GET /bytes/1000 HTTP/1.1\r\nHost: a\r\n\r\n"
        client.send(request)
        #expect(bench.host.counts.receivedBytes == UInt64(request.utf8.count))
        #expect(bench.host.counts.sentBytes == 500)
        client.takeAll()
        #expect(bench.host.counts.sentBytes == UInt64(line.arrivedCount))
        #expect(line.arrivedCount > 1_000)
    }

    @Test func heldBytesAreCounted() {
        var limits = Bench.limits
        limits.heldBytesMax = 1_000
        let bench = Bench(limits: limits)
        let part = String(repeating: "x", count: 2_000)
        bench.connect().send("\(Self.post)Content-Length: 5000\r\n\r\n\(part)")
        #expect(Self.hits(bench) == [.heldBytes: 1])
    }
}
