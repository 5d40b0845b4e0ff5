/// Requests as clients write them: a question with its bytes.
struct RequestText {
    var question: Question
    var head: String
    var body: [UInt8] = []

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
        ("GET /orders?limit=0 HTTP/1.1", "", 400), ("GET /orders?limit=1001 HTTP/1.1", "", 400),
        ("GET /orders?status=DONE HTTP/1.1", "", 400), ("GET /orders?after=-1 HTTP/1.1", "", 400),
        ("GET /orders?limit=1&limit=1 HTTP/1.1", "", 400), ("DELETE /orders HTTP/1.1", "", 400),
        ("DELETE /orders?status=EXECUTED HTTP/1.1", "", 400),
        ("DELETE /orders?status=PENDING&limit=1 HTTP/1.1", "", 400),
        ("DELETE /orders?status=PENDING&stock=A HTTP/1.1", "", 400),
        ("DELETE /orders?status=PENDING HTTP/1.1", "Origin: http://elsewhere.example\r\n", 403),
        ("GET /events?since=x HTTP/1.1", "", 400), ("GET /events?status=DONE HTTP/1.1", "", 400),
        ("GET /events HTTP/1.1", "Last-Event-ID: 1x\r\n", 400),
        ("GET /events HTTP/1.1", "Origin: http://elsewhere.example\r\n", 403),
        ("POST /events HTTP/1.1", "", 405), ("GET /control/reset HTTP/1.1", "", 405),
    ]

    private static let faultyFields = [
        "Execution-Delay-Ms: 600001", "Execution-Delay-Ms: -1", "Execution-Delay-Ms:",
        "Execution-Delay-Ms: 1.5", "Idempotency-Key:", "Idempotency-Key: a b",
        "Idempotency-Key: \(String(repeating: "k", count: 256))",
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

    /// A request about what is known, and now and then about what is not.
    static func any(_ known: Knowledge, _ generator: inout SeededGenerator) -> RequestText {
        let count = known.orderCount
        switch generator.below(40) {
        case 0...12: return place(known, &generator)
        case 13: return faulty(&generator)
        case 14...18: return show(id: 1 + generator.below(count + 2), known, &generator)
        case 19...26: return cancel(id: 1 + generator.below(count + 2), &generator)
        case 27...31: return list(known, &generator)
        case 32: return generator.once(in: 2) ? cancelAll(&generator) : list(known, &generator)
        case 33, 34:
            var text = RequestText(
                question: Question(.health), head: "GET /health HTTP/1.1\r\nHost: localhost\r\n")
            text.vary(&generator)
            return text
        case 35...38: return fixed(&generator)
        default:
            guard generator.once(in: 4) else {
                return show(id: 1 + generator.below(count), known, &generator)
            }
            let chosen = generator.one(of: unreadable)
            var text = RequestText(
                question: Question(.unreadable(status: chosen.status)), head: "")
            text.question.closes = true
            text.body = Array(chosen.text.utf8)
            return text
        }
    }

    /// A request with an answer that does not depend on the orders.
    static func fixed(_ generator: inout SeededGenerator) -> RequestText {
        let chosen = generator.one(of: fixed)
        var text = RequestText(
            question: Question(.fixed(status: chosen.status)),
            head: "\(chosen.line)\r\nHost: localhost\r\n\(chosen.fields)")
        text.vary(&generator)
        return text
    }

    /// An order that nothing is wrong with, now and then one that was placed before.
    static func place(_ known: Knowledge, _ generator: inout SeededGenerator) -> RequestText {
        var placement = Placement(
            stocks: generator.one(of: StocksText.all),
            quantity: generator.once(in: 8) ? 9_007_199_254_740_991 : Int64(1 + generator.below(1_000)))
        if generator.once(in: 4) {
            if !known.keyed.isEmpty, generator.once(in: 2) {
                let former = generator.one(of: known.keyed)
                if generator.once(in: 6) { placement.key = former.key } else { placement = former }
            } else {
                let key = "key-\(generator.next())"
                placement.key = generator.once(in: 8) ? String(repeating: "~", count: 235) + key : key
            }
        }
        if generator.once(in: 6) {
            let delays = [0, 1, generator.below(3_000), generator.below(3_000), generator.below(3_000)]
            placement.delayMilliseconds =
                generator.once(in: 30) ? 600_000 : UInt32(generator.one(of: delays))
        }
        var fields = ""
        if let key = placement.key { fields += "Idempotency-Key: \(key.prefix(255))\r\n" }
        placement.key = placement.key.map { String($0.prefix(255)) }
        if let delay = placement.delayMilliseconds { fields += "Execution-Delay-Ms: \(delay)\r\n" }
        var text = RequestText(
            question: Question(.place(placement)),
            head: "POST /orders HTTP/1.1\r\nHost: localhost\r\n\(fields)")
        let body = "{\"stocks\":\(placement.stocks.written),\"quantity\":\(placement.quantity)}"
        text.add(body: Array(body.utf8), &generator)
        return text
    }

    private static func faulty(_ generator: inout SeededGenerator) -> RequestText {
        var text = RequestText(
            question: Question(.fixed(status: 400)), head: "POST /orders HTTP/1.1\r\nHost: localhost\r\n")
        if generator.once(in: 3) {
            text.head += generator.one(of: faultyFields) + "\r\n"
            text.add(body: Array("{\"stocks\":\"A\",\"quantity\":1}".utf8), &generator)
        } else {
            text.add(body: Array(generator.one(of: faultyBodies).utf8), &generator)
        }
        return text
    }

    private static func list(_ known: Knowledge, _ generator: inout SeededGenerator) -> RequestText {
        var listing = Listing()
        if generator.once(in: 3) { listing.status = generator.one(of: [.pending, .executed, .cancelled]) }
        if generator.once(in: 6) { listing.stocks = generator.one(of: StocksText.all) }
        if generator.once(in: 3) { listing.limit = generator.one(of: [1, 2, 3, 10, 1_000]) }
        if generator.once(in: 4) { listing.after = generator.below(known.orderCount + 3) }
        var query = listing.query
        if generator.once(in: 12) { query += query.isEmpty ? "?_=1" : "&_=1" }
        var text = RequestText(
            question: Question(.list(listing)), head: "GET /orders\(query) HTTP/1.1\r\nHost: localhost\r\n")
        text.vary(&generator)
        return text
    }

    private static func cancelAll(_ generator: inout SeededGenerator) -> RequestText {
        var listing = Listing(status: .pending)
        if generator.once(in: 2) { listing.stocks = generator.one(of: StocksText.all) }
        var text = RequestText(
            question: Question(.cancelAll(listing)),
            head: "DELETE /orders\(listing.query) HTTP/1.1\r\nHost: localhost\r\n")
        text.vary(&generator)
        return text
    }

    /// A request for control. Where control is not allowed it is answered as if there were nothing.
    static func control(_ request: ControlRequest) -> RequestText {
        let length = request.body.map { "Content-Length: \($0.utf8.count)\r\n" } ?? ""
        return RequestText(
            question: Question(.control(request)),
            head: "\(request.line) HTTP/1.1\r\nHost: localhost\r\n\(length)\r\n",
            body: Array((request.body ?? "").utf8))
    }

    private static func show(
        id: Int, _ known: Knowledge, _ generator: inout SeededGenerator
    ) -> RequestText {
        if !known.tags.isEmpty, generator.once(in: 3) { return showIfChanged(known, &generator) }
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

    /// Asks for an order only if its state is not one that is known.
    private static func showIfChanged(
        _ known: Knowledge, _ generator: inout SeededGenerator
    ) -> RequestText {
        let (id, tag) = generator.one(of: known.tags)
        let (list, tags): (String, [String]) =
            switch generator.below(8) {
            case 0: ("*", ["*"])
            case 1: ("W/\(tag)", [tag])
            case 2: ("\"other\", \(tag)", ["\"other\"", tag])
            case 3: ("\"other\"", ["\"other\""])
            default: (tag, [tag])
            }
        var text = RequestText(
            question: Question(.show(id: id)),
            head: "GET /orders/\(id) HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: \(list)\r\n")
        text.question.knownTags = tags
        text.vary(&generator)
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

    /// A request for the feed, by WebSocket with the key of RFC 6455 section 1.3.
    static func follow(_ following: Following) -> RequestText {
        RequestText(question: Question(.follow(following)), head: following.request)
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
