import Sessions
import TestKit
import Testing

/// Every deadline at its limit, and just before it.
@Suite struct DeadlineTests {
    @Test func aHeadThatDoesNotEndIsAnswered408() {
        let bench = Bench()
        let client = bench.connect()
        client.send("GET /name/a HTTP/1.1\r\n")
        for _ in 0..<9 {
            bench.advance(milliseconds: 1_000)
            client.send("X: y\r\n")
        }
        bench.advance(milliseconds: 999)
        #expect(client.unread.isEmpty)
        bench.advance(milliseconds: 1)
        let response = client.response()
        #expect(response.status == 408)
        #expect(response["Connection"] == "close")
        #expect(response.text.contains("The head of the request took longer than 10000 ms to arrive."))
        #expect(client.line.isShutDown && client.line.isReading)
        client.send("Host: a\r\n\r\n")
        #expect(bench.requests == [])
        bench.advance(milliseconds: 2_000)
        #expect(client.line.isClosing)
    }

    @Test func theNextHeadHasItsOwnTime() {
        let bench = Bench()
        let client = bench.connect()
        client.send("GET /name/a HTTP/1.1\r\n")
        bench.advance(milliseconds: 9_999)
        client.send("Host: a\r\n\r\nGET /name/b HTTP/1.1\r\n")
        bench.advance(milliseconds: 9_999)
        client.send("Host: a\r\n\r\n")
        #expect(client.responses().map(\.text) == ["/name/a", "/name/b"])
    }

    @Test(arguments: ["Content-Length: 100", "Transfer-Encoding: chunked"])
    func aBodyThatDoesNotEndIsAnswered408(field: String) {
        let bench = Bench()
        let client = bench.connect()
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n")
        for _ in 0..<29 {
            bench.advance(milliseconds: 1_000)
            client.send("1")
        }
        bench.advance(milliseconds: 999)
        #expect(client.line.steps.isEmpty || field.hasPrefix("T"))
        guard field.hasPrefix("C") else { return }
        bench.advance(milliseconds: 1)
        let response = client.response()
        #expect(response.status == 408)
        #expect(response.text.contains("The body of the request took longer than 30000 ms to arrive."))
        #expect(client.line.isShutDown)
    }

    @Test func anIdleConnectionIsClosed() {
        let bench = Bench()
        let never = bench.connect()
        let once = bench.connect()
        bench.advance(milliseconds: 1_000)
        #expect(once.exchange("GET /name/a HTTP/1.1\r\nHost: a\r\n\r\n").status == 200)
        bench.advance(milliseconds: 73_999)
        #expect(!never.line.isClosing)
        bench.advance(milliseconds: 1)
        #expect(never.line.steps == [.close])
        bench.advance(milliseconds: 999)
        #expect(!once.line.isClosing)
        bench.advance(milliseconds: 1)
        #expect(once.line.steps.last == .close)
        #expect(bench.host.sessionCount == 0)
        #expect(bench.host.nextDeadlineNanoseconds == nil)
    }

    @Test func aClientIsPingedAndAPongKeepsIt() {
        let bench = Bench()
        let client = bench.connect()
        client.openWebSocket()
        for _ in 0..<3 {
            bench.advance(milliseconds: 29_999)
            #expect(client.frames() == [])
            bench.advance(milliseconds: 1)
            #expect(client.frames() == [ServerFrame(9)])
            client.send(.pong())
        }
        #expect(!client.line.isClosing)
    }

    @Test(arguments: [ClientFrame.pong(), .text("a"), .ping(), .text("a", isFinal: false)])
    func anySignOfLifeKeepsAClient(frame: ClientFrame) {
        let bench = Bench()
        let client = bench.connect()
        client.openWebSocket()
        bench.advance(milliseconds: 30_000)
        bench.advance(milliseconds: 14_999)
        client.send(frame)
        bench.advance(milliseconds: 29_000)
        #expect(!client.line.isClosing)
    }

    @Test func aClientWithoutASignOfLifeIsDropped() {
        let bench = Bench()
        let client = bench.connect()
        client.openWebSocket()
        bench.advance(milliseconds: 44_999)
        #expect(!client.line.isClosing)
        bench.advance(milliseconds: 1)
        #expect(client.line.isReset)
        #expect(bench.endedCount == 1)
    }

    @Test func aClosingHandshakeIsNotAwaitedForever() {
        let bench = Bench()
        let client = bench.connect()
        client.openWebSocket()
        bench.lastSession?.closeWebSocket(.goingAway, reason: "Bye.")
        #expect(client.frames().map(\.closeCode) == [1001])
        client.send(.text("too late"))
        bench.advance(milliseconds: 1_999)
        #expect(!client.line.isClosing)
        bench.advance(milliseconds: 1)
        #expect(client.line.steps.last == .close)
        #expect(bench.messages == [])
    }

    /// An answer in parts takes as long as the client needs, however long the connection was idle before it.
    @Test func aLongAnswerIsNotTakenForAnIdleConnection() {
        let bench = Bench()
        let client = bench.connect()
        bench.advance(milliseconds: 74_900)
        client.push("GET /parts/50 HTTP/1.1\r\nHost: a\r\n\r\n")
        for _ in 0..<60 {
            bench.network.skip(milliseconds: 50)
            bench.network.turn()
        }
        #expect(client.response().body.count == 50_000)
        #expect(!client.line.isClosing)
    }

    /// A head that has begun is to end, even where answers had to be taken meanwhile.
    @Test func aHeadBehindABlockedAnswerIsTimedAsAHead() {
        let bench = Bench()
        let client = bench.connect()
        client.line.bytesPerWrite = 0
        client.send("GET /name/a HTTP/1.1\r\nHost: a\r\n\r\nGET /name/b HTTP/1.1\r\n")
        bench.advance(milliseconds: 5_000)
        client.line.bytesPerWrite = .max
        client.take()
        bench.advance(milliseconds: 10_000)
        #expect(client.responses().map(\.status) == [200, 408])
    }

    @Test func aSweepOfManyIsSpreadAndStillInTime() {
        var limits = Bench.limits
        limits.sweepSessionsMax = 3
        let bench = Bench(limits: limits)
        let clients = (0..<10).map { _ in bench.connect() }
        bench.advance(milliseconds: 74_999)
        #expect(clients.allSatisfy { !$0.line.isClosing })
        // Who is moved into the place of one that was closed is looked at in the next sweep.
        bench.advance(milliseconds: 2_001)
        #expect(clients.allSatisfy { $0.line.isClosing })
        #expect(bench.network.violations == [])
    }
}
