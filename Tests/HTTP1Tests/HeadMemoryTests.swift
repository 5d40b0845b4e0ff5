import HTTP1
import Testing

/// What is remembered of the heads before changes nothing in what is made of the next.
@Suite struct HeadMemoryTests {
    private static let lines = [
        "GET / HTTP/1.1", "GET /orders/17?a=b HTTP/1.1", "HEAD /%20 HTTP/1.1", "POST /orders HTTP/1.1",
        "GET http://other:81/x HTTP/1.1", "GET / HTTP/1.0", "GET / HTTP/1.7", "OPTIONS * HTTP/1.1",
        "CONNECT a:80 HTTP/1.1", "GET / HTTP/2.0", "GET /#a HTTP/1.1",
    ]
    private static let sections = [
        "Host: a\r\n", "Host: b\r\n", "Host: ab\r\n", "Host: a\r\nConnection: close\r\n",
        "Host: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n",
        "Host: a\r\nContent-Length: 10\r\n", "Host: a\r\nContent-Length: 11\r\n",
        "Host: a\r\nContent-Length: 1001\r\n", "Host: a\r\nTransfer-Encoding: chunked\r\n",
        "Host: a\r\nExpect: 100-continue\r\n", "Host: a\r\nOrigin: http://a\r\n", "Host: a\r\nHost: a\r\n",
        "Host: a\r\nX: " + String(repeating: "x", count: 470) + "\r\n",
        "Host: a\r\nX: " + String(repeating: "x", count: 520) + "\r\n", "Host: \r\n", "Host: a b\r\n", "",
        "Host: a\r\nAccess-Control-Request-Method: PUT\r\n",
    ]

    private static var heads: [[UInt8]] {
        lines.flatMap { line in sections.map { Array("\(line)\r\n\($0)\r\n".utf8) } }
    }

    @Test func aHeadIsReadAsIfItWereTheFirst() {
        let heads = Self.heads
        let expected = heads.map { HeadReader.whole($0) }
        var reader = HeadReader()
        // Each behind each other one, and behind itself.
        for first in heads.indices {
            for second in heads.indices {
                // As often as it takes for a head to be remembered as a whole.
                for index in [first] + Array(repeating: second, count: 6) {
                    reader.reset()
                    guard reader.look(at: heads[index]) == expected[index] else {
                        let text = String(decoding: heads[index], as: UTF8.self).debugDescription
                        Issue.record("\(text) behind \(String(decoding: heads[first], as: UTF8.self))")
                        return
                    }
                }
            }
        }
    }

    @Test func aHeadWhoseEndIsMissingIsNotWhole() {
        let head = Array("GET /a HTTP/1.1\r\nHost: localhost:8000\r\nAccept: */*\r\n\r\n".utf8)
        var reader = HeadReader()
        let expected = reader.look(at: head)
        for count in 1..<head.count {
            reader.reset()
            #expect(reader.look(at: Array(head[..<count])) == .incomplete)
            #expect(reader.look(at: head) == expected)
        }
    }

    @Test func whatIsRememberedCountsAgainstTheLimit() {
        let limits = HTTPLimits(requestLineBytesMax: 100, headBytesMax: 100, bodyBytesMax: 1_000)
        let fields = " HTTP/1.1\r\nHost: localhost\r\nX: " + String(repeating: "x", count: 30) + "\r\n\r\n"
        var reader = HeadReader(limits: limits)
        guard case .complete = reader.look(at: Array(("GET /" + fields).utf8)) else {
            Issue.record("it is short enough")
            return
        }
        reader.reset()
        let long = Array(("GET /" + String(repeating: "a", count: 40) + fields).utf8)
        #expect(reader.look(at: long).status == .requestHeaderFieldsTooLarge)
        #expect(reader.look(at: long) == HeadReader.whole(long, limits: limits))
    }

    /// The longest limits that there may be: the fields then begin behind what 16 bits count.
    @Test func whatIsRememberedIsNotLookedForBehindTheLimit() {
        let limits = HTTPLimits(requestLineBytesMax: 65_535, headBytesMax: 65_535, bodyBytesMax: 1_000)
        let fields = " HTTP/1.1\r\nHost: localhost\r\n\r\n"
        var reader = HeadReader(limits: limits)
        guard case .complete = reader.look(at: Array(("GET /" + fields).utf8)) else {
            Issue.record("it is short enough")
            return
        }
        reader.reset()
        let emptyLines = String(repeating: "\r\n", count: 20_000)
        let long = Array((emptyLines + "GET /" + String(repeating: "a", count: 40_000) + fields).utf8)
        #expect(reader.look(at: long).status == .requestHeaderFieldsTooLarge)
        #expect(reader.look(at: long) == HeadReader.whole(long, limits: limits))
    }
}
