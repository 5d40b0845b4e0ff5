@testable import Sessions
import TestKit
import Testing

/// The lines of the access log, and what becomes of those that nobody takes.
@Suite struct AccessLogTests {
    private static func bench() -> (Bench, AccessLog) {
        let bench = Bench()
        let log = AccessLog()
        bench.host.accessLog = log
        return (bench, log)
    }

    /// Takes the lines as a driver would.
    private static func lines(_ log: AccessLog) -> [String] {
        guard let bytes = log.beginWriting() else { return [] }
        let text = String(decoding: bytes, as: UTF8.self)
        log.endWriting(succeeded: true)
        #expect(text.hasSuffix("\n"))
        return text.split(separator: "\n").map(String.init)
    }

    private static let start = "- - - [06/Nov/1994:08:49:37 +0000] "

    @Test func aRequestIsALine() {
        let (bench, log) = Self.bench()
        let client = bench.connect()
        client.send(
            "GET /bytes/72?x=1 HTTP/1.1\r\nHost: a\r\nReferer:  http://b/ \r\nUSER-AGENT:curl/8.5.0\r\n\r\n")
        client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(
            Self.lines(log) == [
                Self.start + #""GET /bytes/72?x=1 HTTP/1.1" 200 72 "http://b/" "curl/8.5.0""#,
                Self.start + #""HEAD /x HTTP/1.1" 200 - "-" "-""#,
            ])
        #expect(Self.lines(log).isEmpty)
        #expect(log.isIdle)
    }

    @Test func requestsInOneDeliveryAreALineEach() {
        let (bench, log) = Self.bench()
        let client = bench.connect()
        client.send(
            String(repeating: "GET /bytes/3 HTTP/1.1\r\nHost: a\r\n\r\n", count: 3)
                + "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
        let lines = Self.lines(log)
        #expect(lines.count == 4)
        #expect(lines.prefix(3).allSatisfy { $0.contains(#""GET /bytes/3 HTTP/1.1" 200 3 "#) })
        #expect(lines.last == Self.start + #""POST /echo HTTP/1.1" 200 2 "-" "-""#)
    }

    @Test func aBodyThatComesLaterIsLoggedWithItsRequest() {
        let (bench, log) = Self.bench()
        let client = bench.connect()
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        #expect(Self.lines(log).isEmpty)
        client.send("hi")
        #expect(Self.lines(log) == [Self.start + #""POST /echo HTTP/1.1" 200 2 "-" "-""#])
    }

    @Test func anUpgradeIsALine() {
        let (bench, log) = Self.bench()
        let client = bench.connect()
        #expect(client.openWebSocket().status == 101)
        #expect(Self.lines(log) == [Self.start + #""GET /ws HTTP/1.1" 101 - "-" "-""#])
    }

    @Test func refusalsAreLines() {
        var limits = Bench.limits
        limits.connectionsMax = 2
        let bench = Bench(limits: limits)
        let log = AccessLog()
        bench.host.accessLog = log
        let first = bench.connect()
        let second = bench.connect()
        _ = bench.connect()
        #expect(Self.lines(log).map { $0.contains(#""-" 503 "#) } == [true])
        first.send("what is\u{1}this\"\\é\r\n\r\n")
        #expect(Self.lines(log).map { $0.contains(#""what is\x01this\x22\x5C\xC3\xA9" 400 "#) } == [true])
        second.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        second.send("no number\r\n")
        #expect(Self.lines(log).map { $0.contains(#""POST /echo HTTP/1.1" 400 "#) } == [true])
    }

    @Test func timeOutsAreLines() {
        let (bench, log) = Self.bench()
        bench.connect().send("GET /slow HT")
        bench.connect().send("POST /slower HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n")
        bench.advance(milliseconds: 60_000)
        let lines = Self.lines(log)
        #expect(lines.count == 2)
        #expect(lines.first?.contains(#""-" 408 "#) == true)
        #expect(lines.last?.contains(#""POST /slower HTTP/1.1" 408 "#) == true)
    }

    @Test func anAnswerInPartsIsLoggedAtItsEnd() {
        let (bench, log) = Self.bench()
        let client = bench.connect()
        client.push("GET /parts/3 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(Self.lines(log).isEmpty)
        bench.network.settle()
        #expect(Self.lines(log) == [Self.start + #""GET /parts/3 HTTP/1.1" 200 3026 "-" "-""#])
    }

    @Test func anAnswerThatIsCutOffIsLoggedAsFarAsItWent() {
        let (bench, log) = Self.bench()
        let line = Line()
        line.bytesPerWrite = 100
        let client = bench.connect(line)
        client.send("GET /parts/100 HTTP/1.1\r\nHost: a\r\n\r\n")
        client.vanish()
        let lines = Self.lines(log)
        #expect(lines.count == 1)
        #expect(lines.first?.contains(#""GET /parts/100 HTTP/1.1" 200 "#) == true)
    }

    @Test func linesThatDoNotFitAreDroppedAndCounted() throws {
        let (bench, log) = Self.bench()
        let client = bench.connect()
        let batch = String(repeating: "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", count: 500)
        client.send(batch)
        let first = try #require(log.beginWriting())
        let lineBytes = first.count / 500
        // While those are being written, as many wait as fit.
        for _ in 0..<40 { client.send(batch) }
        #expect(log.beginWriting() == nil)
        let kept = AccessLog.waitingBytesMax / lineBytes
        #expect(log.droppedLines == UInt64(40 * 500 - kept))
        log.endWriting(succeeded: true)
        let rest = try #require(log.beginWriting())
        #expect(rest.count == kept * lineBytes)
        // What could not be written is lost as well.
        log.endWriting(succeeded: false)
        #expect(log.droppedLines == UInt64(40 * 500))
        #expect(log.isIdle)
    }

    @Test func aLongLineIsCut() {
        let (bench, log) = Self.bench()
        let client = bench.connect()
        let name = String(repeating: "x", count: 20_000)
        client.send("GET /x HTTP/1.1\r\nHost: a\r\nUser-Agent: \(name)\r\n\r\n")
        #expect(Self.lines(log).first?.utf8.count ?? 0 < AccessLog.textBytesMax + 200)
    }
}
