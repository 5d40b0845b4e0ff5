import TestKit
import Testing

/// However a client cuts what it sends, it is the same request and gets the same answer.
@Suite struct DeliveryTests {
    private static let streams: [String] = [
        "GET /name/a HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /name/a HTTP/1.1\r\nHost: a\r\n\r\nGET /name/b HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\n\r\nHEAD /name/a?x=1 HTTP/1.1\r\nHost: a\r\nX-Note: b \r\n\r\nGET /name/c HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello worldGET /name/b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /name/a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nGET /DELETE /name/b HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5;note=\"a\"\r\nhello\r\n01\r\n \r\n5\r\nworld\r\n0\r\nX-Sum: 1\r\n\r\nGET /name/b HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /parts/2 HTTP/1.1\r\n"
            + "Host: a\r\n\r\nGET /name/d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /name/a HTTP/1.1\r\nHost: a\r\n\r\nGET /name/b HTTP/1.1\r\nHost : a\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n",
    ]

    private static var webSocketStream: [UInt8] {
        var stream = Array(Client.handshake().utf8)
        for frame: ClientFrame in [
            .text("hello"), .text("a", isFinal: false), .ping("p"), .more("b", isFinal: true), .pong(),
            .text(String(repeating: "long", count: 40)), .close(1000, "bye"),
        ] { stream += frame.bytes }
        return stream
    }

    /// What came of a stream: the answers, the requests, how the connection ended.
    private struct Outcome: Equatable {
        var arrived: String
        var requests: [String]
        var messages: String
        var isShutDown: Bool
        var violations: [String]
    }

    private static func outcome(of pieces: [some Collection<UInt8>]) -> Outcome {
        let bench = Bench()
        let client = bench.connect()
        for piece in pieces { client.send(piece) }
        return Outcome(
            arrived: client.readText(), requests: bench.requests, messages: bench.messages.joined(),
            isShutDown: client.line.isShutDown, violations: client.line.violations + bench.network.violations)
    }

    @Test(arguments: streams)
    func aCutChangesNothing(stream: String) {
        let bytes = Array(stream.utf8)
        let whole = Self.outcome(of: [bytes])
        #expect(whole.violations == [])
        #expect(!whole.arrived.isEmpty)
        for cut in 1..<bytes.count {
            let cutInTwo = Self.outcome(of: [bytes[..<cut], bytes[cut...]])
            #expect(cutInTwo == whole, "cut at \(cut)")
        }
        #expect(Self.outcome(of: bytes.map { [$0] }) == whole, "byte by byte")
    }

    /// A fragment may be handed on in pieces, and echoes of pieces differ; all else may not.
    @Test func aCutInAWebSocketChangesNoMessage() {
        let bytes = Self.webSocketStream
        let whole = Self.outcome(of: [bytes])
        #expect(whole.messages == "hello.ab." + String(repeating: "long", count: 40) + ".")
        #expect(whole.isShutDown)
        for cut in 1..<bytes.count {
            let cutInTwo = Self.outcome(of: [bytes[..<cut], bytes[cut...]])
            #expect(cutInTwo.messages == whole.messages, "cut at \(cut)")
            #expect(cutInTwo.isShutDown && cutInTwo.violations == [], "cut at \(cut)")
        }
        let single = Self.outcome(of: bytes.map { [$0] })
        #expect(single.messages == whole.messages)
        #expect(single.isShutDown && single.violations == [])
    }

    @Test func aThousandPipelinedRequestsLeaveInOneWrite() {
        let bench = Bench()
        let client = bench.connect()
        client.push((1...1_000).map { "GET /name/\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        #expect(client.line.steps == [.write(taken: client.line.arrivedCount)])
        #expect(client.responses().map(\.text) == (1...1_000).map { "/name/\($0)" })
        #expect(client.line.isReading)
    }

    @Test func aBodyInManyPiecesIsOneBody() {
        let bench = Bench()
        let client = bench.connect()
        let body = String(
            (0..<65_536).map { "abcdefghij".utf8.map { Character(Unicode.Scalar($0)) }[$0 % 10] })
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n")
        client.send(Array(body.utf8), inPiecesOf: 1_000)
        #expect(client.response().text == body)
        #expect(client.exchange("GET /name/b HTTP/1.1\r\nHost: a\r\n\r\n").text == "/name/b")
    }

    @Test func aHeadIsReadUpToItsLimit() {
        for extra in 0...1 {
            let bench = Bench()
            let client = bench.connect()
            let start = "GET /name/a HTTP/1.1\r\nHost: a\r\nX-Fill: "
            let fill = String(repeating: "f", count: 32_768 - start.utf8.count - 4 + extra)
            client.send(Array((start + fill + "\r\n\r\n").utf8), inPiecesOf: 5_000)
            #expect(client.response().status == (extra == 0 ? 200 : 431))
        }
    }
}
