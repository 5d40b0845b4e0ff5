/// Requests as clients write them: a question with its bytes.
struct RequestText {
    var question: Question
    var head: String
    var body: [UInt8] = []

    private static let stocks: [(written: String, told: String)] = [
        ("\"AAPL\"", "\"AAPL\""), ("\"A\"", "\"A\""), ("\"BRK.B\"", "\"BRK.B\""),
        ("\"\\u0041\\u00e9\"", "\"A\u{E9}\""), ("\"\u{1F4C8} up\"", "\"\u{1F4C8} up\""),
        ("\"\\ud83d\\udcc8\"", "\"\u{1F4C8}\""), ("\"a \\\"b\\\" \\\\ \\/\"", "\"a \\\"b\\\" \\\\ /\""),
        ("\"\\u0001\\n\"", "\"\\u0001\\n\""), ("\"exactly fourtn\"", "\"exactly fourtn\""),
        ("\"one over fourte\"", "\"one over fourte\""),
        (
            "\"sixty-four bytes are the most that the text of an order can hold\"",
            "\"sixty-four bytes are the most that the text of an order can hold\""
        ),
    ]

    private static let faultyBodies = [
        "", "{", "[]", "{\"stocks\":\"A\"}", "{\"stocks\":\"A\",\"quantity\":0}",
        "{\"stocks\":1,\"quantity\":1}",
        "{\"stocks\":\"A\",\"quantity\":1,\"x\":1}", "{\"stocks\":\"A\",\"quantity\":9007199254740992}",
        "{\"stocks\":\"\",\"quantity\":1}", "{\"stocks\":\"A\",\"quantity\":1}x",
    ]

    private static let fixed: [(line: String, fields: String, status: Int)] = [
        ("GET /nothing HTTP/1.1", "", 404), ("PUT /orders HTTP/1.1", "", 405),
        ("POST /orders/1 HTTP/1.1", "", 405), ("GET /ws HTTP/1.1", "", 426),
        ("GET /orders/one HTTP/1.1", "", 400), ("DELETE /orders/1e0 HTTP/1.1", "", 400),
        ("OPTIONS /orders HTTP/1.1", "", 204), ("OPTIONS * HTTP/1.1", "", 204),
        ("GET /orders/%zz HTTP/1.1", "", 400), ("GET /style.css HTTP/1.1", "", 200),
        ("DELETE /orders/1 HTTP/1.1", "Origin: http://elsewhere.example\r\n", 403),
    ]

    private static let unreadable: [(text: String, status: Int)] = [
        ("GET /orders HTTP/1.1\r\n\r\n", 400), ("GET /orders HTTP/2.0\r\nHost: localhost\r\n\r\n", 505),
        ("GET /orders HTTP/1.1\r\nHost : localhost\r\n\r\n", 400), ("GET  /orders\r\n\r\n", 400),
        (
            "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
            400
        ),
        ("POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n{", 413),
        ("POST /orders HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
    ]

    /// A request about orders of which there are `count`.
    static func any(count: Int, _ generator: inout SeededGenerator) -> RequestText {
        switch generator.below(32) {
        case 0...11: return place(&generator)
        case 12: return faulty(&generator)
        case 13...16: return show(id: 1 + generator.below(count + 2), &generator)
        case 17...24: return cancel(id: 1 + generator.below(count + 2), &generator)
        case 25, 26:
            var text = RequestText(
                question: Question(.list), head: "GET /orders HTTP/1.1\r\nHost: localhost\r\n")
            text.vary(&generator)
            return text
        case 27, 28:
            var text = RequestText(
                question: Question(.health), head: "GET /health HTTP/1.1\r\nHost: localhost\r\n")
            text.vary(&generator)
            return text
        case 29, 30:
            let chosen = generator.one(of: fixed)
            var text = RequestText(
                question: Question(.fixed(status: chosen.status)),
                head: "\(chosen.line)\r\nHost: localhost\r\n\(chosen.fields)")
            text.vary(&generator)
            return text
        default:
            guard generator.once(in: 4) else { return show(id: 1 + generator.below(count), &generator) }
            let chosen = generator.one(of: unreadable)
            var text = RequestText(
                question: Question(.unreadable(status: chosen.status)), head: "")
            text.question.closes = true
            text.body = Array(chosen.text.utf8)
            return text
        }
    }

    /// An order that nothing is wrong with.
    static func place(_ generator: inout SeededGenerator) -> RequestText {
        let chosen = generator.one(of: stocks)
        let quantity = generator.once(in: 8) ? 9_007_199_254_740_991 : Int64(1 + generator.below(1_000))
        var text = RequestText(
            question: Question(.place(stocksJSON: chosen.told, quantity: quantity)),
            head: "POST /orders HTTP/1.1\r\nHost: localhost\r\n")
        text.add(body: Array("{\"stocks\":\(chosen.written),\"quantity\":\(quantity)}".utf8), &generator)
        return text
    }

    private static func faulty(_ generator: inout SeededGenerator) -> RequestText {
        var text = RequestText(
            question: Question(.fixed(status: 400)), head: "POST /orders HTTP/1.1\r\nHost: localhost\r\n")
        text.add(body: Array(generator.one(of: faultyBodies).utf8), &generator)
        return text
    }

    private static func show(id: Int, _ generator: inout SeededGenerator) -> RequestText {
        var text = RequestText(
            question: Question(.show(id: id)), head: "GET /orders/\(id) HTTP/1.1\r\nHost: localhost\r\n")
        if generator.once(in: 8) {
            text.head = "GET /orders/\(id) HTTP/1.0\r\n"
            text.question.keepsAlive = generator.once(in: 2)
            text.question.closes = !text.question.keepsAlive
            text.head += text.question.keepsAlive ? "Connection: keep-alive\r\n\r\n" : "\r\n"
        } else {
            text.vary(&generator)
        }
        return text
    }

    private static func cancel(id: Int, _ generator: inout SeededGenerator) -> RequestText {
        var text = RequestText(
            question: Question(.cancel(id: id)), head: "DELETE /orders/\(id) HTTP/1.1\r\nHost: localhost\r\n")
        // What a body of such a request says does not matter, but it must not be taken for the next request.
        if generator.once(in: 6) {
            text.add(body: Array("DELETE /orders/1 HTTP/1.1\r\n\r\n".utf8), &generator)
        } else {
            text.vary(&generator)
        }
        return text
    }

    /// The opening handshake of the feed, with its key of RFC 6455 section 1.3.
    static var handshake: RequestText {
        RequestText(question: Question(.handshake), head: Client.handshake())
    }

    // MARK: Variety

    private mutating func vary(_ generator: inout SeededGenerator) {
        if head.hasPrefix("GET "), generator.once(in: 8), !head.contains("/ws") {
            head = "HEAD" + head.dropFirst(3)
            question.isHead = true
        }
        finishHead(&generator)
    }

    private mutating func finishHead(_ generator: inout SeededGenerator) {
        if generator.once(in: 4) {
            head +=
                "User-Agent: a client\r\nX-Long: \(String(repeating: "x", count: generator.below(300)))\r\n"
        }
        if generator.once(in: 24) {
            head += "Connection: close\r\n"
            question.closes = true
        }
        head += "\r\n"
    }

    private mutating func add(body content: [UInt8], _ generator: inout SeededGenerator) {
        if generator.once(in: 12) {
            head += "Expect: 100-continue\r\n"
            question.awaitsContinue = true
        }
        guard generator.once(in: 4) else {
            head += "Content-Length: \(content.count)\r\n"
            finishHead(&generator)
            body = content
            return
        }
        head += "Transfer-Encoding: chunked\r\n"
        finishHead(&generator)
        var start = 0
        while start < content.count {
            let end = min(content.count, start + 1 + generator.below(40))
            let fields = generator.once(in: 4) ? ";note=\"1\"" : ""
            body +=
                Array("\(String(end - start, radix: 16))\(fields)\r\n".utf8) + content[start..<end] + [
                    13, 10,
                ]
            start = end
        }
        body += Array((generator.once(in: 4) ? "0\r\nTrailer: yes\r\n\r\n" : "0\r\n\r\n").utf8)
    }
}
