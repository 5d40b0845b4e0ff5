import Sessions
import TestKit
import Testing

/// A peer that does not read its answers is asked nothing more, and loses nothing.
@Suite struct BackPressureTests {
    private static let requests = (1...100).map { "GET /name/\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
    private static let answers = (1...100).map { "/name/\($0)" }

    /// A bench that lets a session say 1,000 bytes before its other requests have to wait.
    private static func benchOfLittleOutput() -> Bench {
        var limits = Bench.limits
        limits.outputBytesMax = 1_000
        return Bench(limits: limits)
    }

    @Test(arguments: [0, 1, 7, 1_000, 5_000], [1, 13, Int.max])
    func nothingIsLostWhateverTheKernelTakes(perWrite: Int, perTake: Int) {
        let bench = Bench()
        let client = bench.connect()
        client.line.bytesPerWrite = perWrite
        client.push(Self.requests)
        #expect(client.line.isBlocked)
        #expect(!client.line.isReading)
        client.send(Self.requests)
        #expect(client.undeliveredCount == Self.requests.utf8.count)
        client.takeAll(perTake)
        #expect(client.undeliveredCount == 0)
        #expect(client.line.isReading)
        #expect(client.responses().map(\.text) == Self.answers + Self.answers)
        #expect(client.line.violations + bench.network.violations == [])
    }

    @Test func aPeerThatTakesAllAgainIsServedAsBefore() {
        let bench = Bench()
        let client = bench.connect()
        client.line.bytesPerWrite = 0
        client.send(Self.requests)
        client.line.bytesPerWrite = .max
        client.take()
        client.line.forgetSteps()
        client.send(Self.requests)
        #expect(client.line.writes.count == 1)
        #expect(client.responses().map(\.text) == Self.answers + Self.answers)
    }

    @Test func answersPastTheLimitWaitWithTheirRequests() {
        let bench = Self.benchOfLittleOutput()
        let client = bench.connect()
        client.push(Self.requests)
        let first = client.line.arrivedCount
        #expect(first >= 1_000 && first < 1_200)
        #expect(!client.line.isReading)
        bench.network.settle()
        #expect(client.line.isReading)
        #expect(client.responses().map(\.text) == Self.answers)
        #expect(client.line.writes.allSatisfy { $0 < 1_200 })
    }

    @Test(arguments: [0, 1, 99])
    func heldInputWaitsForTheKernelToo(perWrite: Int) {
        let bench = Self.benchOfLittleOutput()
        let client = bench.connect()
        client.line.bytesPerWrite = perWrite
        client.send(Self.requests)
        let answered = bench.requests.count
        #expect(answered <= 10)
        bench.network.settle()
        #expect(bench.requests.count == answered)
        client.takeAll()
        #expect(client.responses().map(\.text) == Self.answers)
        #expect(client.line.violations == [])
    }

    @Test func atMostSomeSessionsGoOnInOneTurn() {
        var limits = Bench.limits
        limits.outputBytesMax = 1_000
        limits.resumedSessionsMax = 2
        let bench = Bench(limits: limits)
        let clients = (0..<5).map { _ in bench.connect() }
        for client in clients { client.push(Self.requests) }
        let before = clients.map(\.line.arrivedCount)
        #expect(bench.network.turn())
        #expect(zip(clients, before).filter { $0.line.arrivedCount > $1 }.count == 2)
        bench.network.settle()
        for client in clients { #expect(client.responses().map(\.text) == Self.answers) }
    }

    @Test(arguments: [0, 1, 500, Int.max])
    func anAnswerInPartsIsWholeAndComesFirst(perWrite: Int) {
        let bench = Bench()
        let client = bench.connect()
        client.line.bytesPerWrite = perWrite
        client.push("GET /parts/5 HTTP/1.1\r\nHost: a\r\n\r\nGET /name/b HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(!client.line.isReading)
        bench.network.settle()
        client.send("GET /name/c HTTP/1.1\r\nHost: a\r\n\r\n")
        client.takeAll()
        let list = client.response()
        #expect(list.chunkSizes == [1_000, 1_000, 1_000, 1_000, 1_000, 0])
        #expect(client.responses().map(\.text) == ["/name/b", "/name/c"])
        #expect(bench.requests == ["get /parts/5 ", "get /name/b ", "get /name/c "])
    }

    @Test func aPeerThatTakesNothingIsReset() {
        let bench = Bench()
        let client = bench.connect()
        client.line.bytesPerWrite = 0
        client.send("GET /bytes/100000 HTTP/1.1\r\nHost: a\r\n\r\n")
        bench.advance(milliseconds: 29_999)
        #expect(!client.line.isClosing)
        bench.advance(milliseconds: 1)
        #expect(client.line.isReset)
        #expect(bench.host.sessionCount == 0)
        #expect(bench.endedCount == 1)
    }

    @Test func aPeerThatTakesAnythingIsNotReset() {
        let bench = Bench()
        let client = bench.connect()
        client.line.bytesPerWrite = 0
        client.send("GET /bytes/100000 HTTP/1.1\r\nHost: a\r\n\r\n")
        for _ in 0..<5 {
            bench.advance(milliseconds: 29_999)
            client.take(1)
            bench.advance(milliseconds: 1)
            #expect(!client.line.isClosing)
        }
        bench.advance(milliseconds: 29_999)
        #expect(!client.line.isClosing)
        bench.advance(milliseconds: 1)
        #expect(client.line.isReset)
    }

    @Test func aPeerThatIsSlowIsNotReset() {
        let bench = Bench()
        let client = bench.connect()
        client.line.bytesPerWrite = 0
        for _ in 0..<10 {
            client.send("GET /bytes/100000 HTTP/1.1\r\nHost: a\r\n\r\n")
            bench.advance(milliseconds: 29_999)
            client.take()
        }
        #expect(client.responses().map(\.body.count) == Array(repeating: 100_000, count: 10))
        #expect(!client.line.isClosing)
    }

    // MARK: Bytes that had been read before the session paused

    /// Delivers to a session whatever it has said about reading.
    private static func deliverAllTheSame(_ piece: some Sequence<UInt8>, to client: Client) {
        let headroomBytes = Bench.limits.headroomBytes
        var bytes = [UInt8](repeating: 0xDD, count: headroomBytes) + piece
        bytes.withUnsafeMutableBufferPointer {
            client.line.session?.received(.init(rebasing: $0[headroomBytes...]), headroomBytes: headroomBytes)
        }
    }

    @Test(arguments: ["name/x", "parts/3"])
    func theyWaitUntilThereIsRoom(first: String) {
        let bench = Bench()
        let client = bench.connect()
        client.line.bytesPerWrite = 0
        client.send("GET /\(first) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.line.isBlocked && !client.line.isReading)
        Self.deliverAllTheSame("GET /name/b HTTP/1.1\r\nHo".utf8, to: client)
        Self.deliverAllTheSame("st: a\r\n\r\n".utf8, to: client)
        bench.network.settle()
        #expect(bench.requests.count == 1)
        client.line.bytesPerWrite = .max
        client.takeAll()
        client.send("GET /name/c HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.responses().map(\.text).suffix(2) == ["/name/b", "/name/c"])
        #expect(client.line.violations + bench.network.violations == [])
    }

    @Test func theyWaitBehindWhatIsHeld() {
        let bench = Self.benchOfLittleOutput()
        let client = bench.connect()
        client.push(Self.requests)
        #expect(!client.line.isReading)
        for _ in 0..<20 { Self.deliverAllTheSame(Self.requests.utf8, to: client) }
        bench.network.settle()
        #expect(client.responses().map(\.text) == Array(repeating: Self.answers, count: 21).flatMap(\.self))
        #expect(client.line.violations + bench.network.violations == [])
    }

    @Test func framesWaitUntilThereIsRoom() {
        let bench = Bench()
        let client = bench.connect()
        client.openWebSocket()
        client.line.bytesPerWrite = 0
        client.send(.text("a"))
        #expect(client.line.isBlocked)
        for text in ["b", "c"] {
            Self.deliverAllTheSame(ClientFrame.text(text).bytes, to: client)
        }
        #expect(bench.messages == ["a."])
        client.takeAll()
        #expect(client.messages() == ["a", "b", "c"])
        #expect(client.line.violations + bench.network.violations == [])
    }
}
