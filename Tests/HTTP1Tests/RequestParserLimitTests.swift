import HTTP1
import Testing

@Suite struct RequestParserLimitTests {
    private static let small = HTTPLimits(requestLineBytesMax: 40, headBytesMax: 120, bodyBytesMax: 10)

    /// A head with a request line and a whole of exactly these sizes.
    private static func head(lineBytes: Int, headBytes: Int) -> [UInt8] {
        let path = String(repeating: "p", count: lineBytes - "GET / HTTP/1.1\r\n".utf8.count)
        let start = "GET /\(path) HTTP/1.1\r\nHost: a\r\nX: "
        let value = String(repeating: "v", count: headBytes - start.utf8.count - 4)
        let head = Array("\(start)\(value)\r\n\r\n".utf8)
        precondition(head.count == headBytes)
        return head
    }

    private static func fault(_ bytes: [UInt8], limits: HTTPLimits) -> HTTPFault? {
        var reader = HeadReader(limits: limits)
        _ = reader.look(at: bytes)
        return reader.fault
    }

    private static func isComplete(_ outcome: HeadOutcome, _ count: Int) -> Bool {
        if case .complete(_, count) = outcome { true } else { false }
    }

    @Test func limitsTheRequestLine() {
        let atLimit = Self.head(lineBytes: 40, headBytes: 80)
        #expect(Self.isComplete(HeadReader.everyWay(atLimit, limits: Self.small), atLimit.count))
        for lineBytes in [41, 42, 60] {
            let past = Self.head(lineBytes: lineBytes, headBytes: 90)
            #expect(HeadReader.everyWay(past, limits: Self.small).status == .uriTooLong)
            let fault = Self.fault(past, limits: Self.small)
            #expect(fault?.limitBytes == 40)
            #expect(fault?.givenBytes == lineBytes)
        }
    }

    /// A line that does not end is refused by its length alone.
    @Test func limitsARequestLineThatDoesNotEnd() {
        let line = Array("GET /".utf8) + [UInt8](repeating: 0x70, count: 100)
        var reader = HeadReader(limits: Self.small)
        #expect(reader.look(at: line, cuts: 0..<40) == HeadReader.whole(line, limits: Self.small))
        #expect(reader.fault?.status == .uriTooLong)
        #expect(reader.fault?.limitBytes == 40)
        #expect(reader.fault?.givenBytes == 105)
        #expect(HeadReader.whole(Array(line[..<40]), limits: Self.small) == .incomplete)
        #expect(HeadReader.whole(Array(line[..<41]), limits: Self.small).status == .uriTooLong)
        let method = [UInt8](repeating: 0x4D, count: 41)
        #expect(HeadReader.whole(Array(method[..<40]), limits: Self.small) == .incomplete)
        #expect(HeadReader.whole(method, limits: Self.small).status == .uriTooLong)
    }

    @Test func limitsEmptyLines() {
        let line = Self.head(lineBytes: 40, headBytes: 80)
        let atLimit = Array(String(repeating: "\r\n", count: 20).utf8) + line
        #expect(Self.isComplete(HeadReader.everyWay(atLimit, limits: Self.small), atLimit.count))
        let past = Array("\r\n".utf8) + atLimit
        #expect(HeadReader.everyWay(past, limits: Self.small).status == .uriTooLong)
        let noEnd = Array(String(repeating: "\r\n", count: 10_000).utf8)
        #expect(HeadReader.everyWay(Array(noEnd.prefix(60)), limits: Self.small).status == .uriTooLong)
        #expect(HeadReader.whole(noEnd).status == .uriTooLong)
    }

    @Test(arguments: [16, 17, 30, 39, 40])
    func limitsTheHead(lineBytes: Int) {
        let atLimit = Self.head(lineBytes: lineBytes, headBytes: 120)
        #expect(Self.isComplete(HeadReader.everyWay(atLimit, limits: Self.small), 120))
        #expect(Self.isComplete(HeadReader.everyWay(atLimit + atLimit, limits: Self.small), 120))
        for headBytes in [121, 122, 123, 124, 150] {
            let past = Self.head(lineBytes: lineBytes, headBytes: headBytes)
            #expect(HeadReader.everyWay(past, limits: Self.small).status == .requestHeaderFieldsTooLarge)
            let fault = Self.fault(past, limits: Self.small)
            #expect(fault?.limitBytes == 120)
            #expect((fault?.givenBytes ?? 0) > 120)
        }
    }

    /// Fields that do not end, one or many, are refused when they pass the limit.
    @Test(arguments: ["v", "X: v\r\n", "X:\r\n"])
    func limitsAHeadThatDoesNotEnd(part: String) {
        let start = "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\nY: "
        let bytes = Array((start + String(repeating: part, count: 300)).utf8)
        let limits = Self.small
        #expect(HeadReader.whole(Array(bytes[..<120]), limits: limits) == .incomplete)
        #expect(HeadReader.whole(Array(bytes[..<121]), limits: limits).status == .requestHeaderFieldsTooLarge)
        for step in [1, 7] {
            var reader = HeadReader(limits: limits)
            let outcome = reader.look(at: bytes, cuts: stride(from: 0, to: bytes.count, by: step))
            #expect(outcome.status == .requestHeaderFieldsTooLarge)
        }
    }

    @Test func limitsTheBody() {
        func head(_ length: String) -> [UInt8] {
            Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n".utf8)
        }
        guard case .complete(let reading, _) = HeadReader.everyWay(head("10"), limits: Self.small) else {
            Issue.record("not complete")
            return
        }
        #expect(reading.framing == .length(10))
        for length in [11, Int.max] {
            #expect(HeadReader.everyWay(head("\(length)"), limits: Self.small).status == .contentTooLarge)
            let fault = Self.fault(head("\(length)"), limits: Self.small)
            #expect(fault?.limitBytes == 10)
            #expect(fault?.givenBytes == length)
        }
    }

    /// RFC 9112 section 3 asks for request lines of 8,000 bytes at least.
    @Test func hasItsDefaults() {
        let limits = HTTPLimits(bodyBytesMax: 0)
        #expect(limits.requestLineBytesMax == 8_192)
        #expect(limits.headBytesMax == 32_768)
        let atLimit = Self.head(lineBytes: 8_192, headBytes: 32_768)
        let lineTooLong = Self.head(lineBytes: 8_193, headBytes: 32_768)
        let headTooLarge = Self.head(lineBytes: 8_192, headBytes: 32_769)
        for cut in [0, 1, 8_000, 8_191, 8_192, 8_193, 8_194, 20_000, 32_766, 32_767, 32_768] {
            var reader = HeadReader(limits: limits)
            #expect(Self.isComplete(reader.look(at: atLimit, cuts: [cut]), 32_768))
            reader.reset()
            #expect(reader.look(at: lineTooLong, cuts: [cut]).status == .uriTooLong)
            reader.reset()
            #expect(reader.look(at: headTooLarge, cuts: [cut]).status == .requestHeaderFieldsTooLarge)
        }
    }

    /// Offsets are kept in 16 bits.
    @Test func findsWhatStandsFarBack() {
        let limits = HTTPLimits(requestLineBytesMax: 65_535, headBytesMax: 65_535, bodyBytesMax: 0)
        let start = "GET /p?q HTTP/1.1\r\nX: "
        let end = "\r\nOrigin: http://c\r\nHost: a.example:80\r\n\r\n"
        let filler = String(repeating: "v", count: 65_535 - start.utf8.count - end.utf8.count)
        let reading = Reading(
            path: "/p", query: "q", authority: "a.example:80", origin: "http://c", flags: [.query, .origin])
        let outcome = HeadReader.whole(Array("\(start)\(filler)\(end)".utf8), limits: limits)
        #expect(outcome == .complete(reading, consumed: 65_535))
        let past = HeadReader.whole(Array("\(start)\(filler)v\(end)".utf8), limits: limits)
        #expect(past.status == .requestHeaderFieldsTooLarge)

        let path = String(repeating: "p", count: 65_535 - "GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8.count)
        let long = Array("GET /\(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(
            HeadReader.whole(long, limits: limits) == .complete(Reading(path: "/" + path), consumed: 65_535))
    }

    @Test func refusesLimitsThatAreNone() async {
        await #expect(processExitsWith: .failure) {
            _ = HTTPLimits(headBytesMax: 65_536, bodyBytesMax: 0)
        }
        await #expect(processExitsWith: .failure) {
            _ = HTTPLimits(requestLineBytesMax: 1_001, headBytesMax: 1_000, bodyBytesMax: 0)
        }
    }
}
