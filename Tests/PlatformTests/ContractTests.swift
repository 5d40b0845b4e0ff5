import Platform
import TestKit
import Testing

/// Every row of the contract, to the byte.
@Suite struct ContractTests {
    private static let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

    private static func answer(
        _ status: String, _ body: String, type: String = "application/json", fields: String = ""
    ) -> String {
        "HTTP/1.1 \(status)\r\n\(date)\(fields)Content-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
            + body
    }

    private static func problem(_ status: String, _ detail: String, fields: String = "", errors: String = "")
        -> String
    {
        let body =
            #"{"type": "about:blank", "title": "\#(status.dropFirst(4))", "status": \#(status.prefix(3)), "#
            + #""detail": "\#(detail)"\#(errors)}"#
        return answer(status, body, type: "application/problem+json", fields: fields)
    }

    /// An order as it is shown: with the feed's number, and a tag of its own that is not told here.
    private static func order(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\n\(date)Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
            + "Feed-Sequence: 0\r\nETag: \"########\"\r\n\r\n\(body)"
    }

    /// An answer with the tag of an order, which has to be eight hexadecimal digits, made unknown.
    private static func withoutTag(_ answer: String) -> String {
        answer.replacing(/ETag: "[0-9a-f]{8}"/, with: "ETag: \"########\"")
    }

    private static let list =
        #"[{"orderId": 1, "orderStatus": "PENDING", "stocks": "AAPL", "quantity": 10}, "#
        + #"{"orderId": 2, "orderStatus": "EXECUTED", "stocks": "MSFT", "quantity": 5}, "#
        + #"{"orderId": 3, "orderStatus": "CANCELLED", "stocks": "GOOG", "quantity": 20}]"#
    private static let noAddress = problem("404 Not Found", "There is nothing at this address.")
    private static let noInteger = problem("400 Bad Request", "The order id in the path is not an integer.")

    private static func notAllowed(_ allow: String) -> String {
        problem(
            "405 Method Not Allowed", "This address allows the methods \(allow).",
            fields: "Allow: \(allow)\r\n")
    }

    private static func allowed(_ allow: String) -> String {
        "HTTP/1.1 204 No Content\r\n\(date)Allow: \(allow)\r\n\r\n"
    }

    private static func upgrade(_ detail: String) -> String {
        problem("426 Upgrade Required", detail, fields: "Upgrade: websocket\r\nConnection: Upgrade\r\n")
    }

    private static let reading: [(String, String)] = [
        ("GET /orders", answer("200 OK", list, fields: "Feed-Sequence: 0\r\n")),
        ("GET /orders/", answer("200 OK", list, fields: "Feed-Sequence: 0\r\n")),
        ("GET /orders?of=today", answer("200 OK", list, fields: "Feed-Sequence: 0\r\n")),
        ("GET http://localhost/orders", answer("200 OK", list, fields: "Feed-Sequence: 0\r\n")),
        (
            "GET /orders/1",
            order(#"{"orderId": 1, "orderStatus": "PENDING", "stocks": "AAPL", "quantity": 10}"#)
        ),
        (
            "GET /orders/2",
            order(#"{"orderId": 2, "orderStatus": "EXECUTED", "stocks": "MSFT", "quantity": 5}"#)
        ),
        (
            "GET /orders/3",
            order(#"{"orderId": 3, "orderStatus": "CANCELLED", "stocks": "GOOG", "quantity": 20}"#)
        ),
        ("GET /orders/4", problem("404 Not Found", "There is no order 4.")),
        ("GET /orders/0", problem("404 Not Found", "There is no order 0.")),
        ("GET /orders/-1", problem("404 Not Found", "There is no order -1.")),
        (
            "GET /orders/99999999999999999999",
            problem("404 Not Found", "There is no order 99999999999999999999.")
        ),
        ("GET /orders/abc", noInteger),
        ("GET /orders/1.5", noInteger),
        ("GET /orders/1x", noInteger),
        ("GET /orders/-", noInteger),
        ("GET /orders/1/", noAddress),
        ("GET /orders/1/2", noAddress),
        ("GET /nothing", noAddress),
        ("GET /Orders", noAddress),
        ("GET /ws", upgrade("This address speaks WebSocket: connect with a WebSocket client.")),
        (
            "GET /health",
            answer(
                "200 OK",
                #"{"status": "ok", "version": "\#(ProductVersion.text)", "uptimeSeconds": 0, "connections": 1, "subscribers": 0, "#
                    + #""minDelayMs": 1000, "maxDelayMs": 5000, "maxOrders": 10000000, "control": false, "#
                    + #""orders": {"PENDING": 1, "EXECUTED": 1, "CANCELLED": 1}}"#,
                fields: ""
            ).replacing("Content-Type", with: "Cache-Control: no-store\r\nContent-Type")
        ),
    ]

    private static let acting: [(String, String)] = [
        ("DELETE /orders/1", "HTTP/1.1 204 No Content\r\n\(date)\r\n"),
        ("DELETE /orders/3", "HTTP/1.1 204 No Content\r\n\(date)\r\n"),
        ("DELETE /orders/2", problem("409 Conflict", "Order 2 is EXECUTED and can no longer be cancelled.")),
        ("DELETE /orders/4", problem("404 Not Found", "There is no order 4.")),
        ("DELETE /orders/abc", noInteger),
        ("PUT /orders/", notAllowed("GET, HEAD, POST, DELETE, OPTIONS")),
        ("POST /orders/1", notAllowed("GET, HEAD, DELETE, OPTIONS")),
        ("PATCH /orders/abc", notAllowed("GET, HEAD, DELETE, OPTIONS")),
        ("POST /", notAllowed("GET, HEAD, OPTIONS")),
        ("POST /ws", notAllowed("GET, HEAD, OPTIONS")),
        ("DELETE /health", notAllowed("GET, HEAD, OPTIONS")),
        ("POST /metrics", notAllowed("GET, HEAD, OPTIONS")),
        ("get /orders", notAllowed("GET, HEAD, POST, DELETE, OPTIONS")),
        ("CONNECT localhost:80", notAllowed("GET, HEAD, POST, DELETE, OPTIONS")),
        ("POST /nothing", noAddress),
        ("OPTIONS /nothing", noAddress),
        ("OPTIONS /orders", allowed("GET, HEAD, POST, DELETE, OPTIONS")),
        ("OPTIONS /orders/4", allowed("GET, HEAD, DELETE, OPTIONS")),
        ("OPTIONS /ws", allowed("GET, HEAD, OPTIONS")),
        ("OPTIONS /", allowed("GET, HEAD, OPTIONS")),
        ("OPTIONS *", allowed("GET, HEAD, POST, DELETE, OPTIONS")),
        (
            "GET /orders/%zz",
            problem(
                "400 Bad Request", "A percent sign in the path is not followed by two hexadecimal digits.")
        ),
    ]

    @Test(arguments: reading + acting)
    func aRowIsAnsweredToTheByte(request: String, expected: String) {
        let venue = Venue()
        let client = venue.connect()
        client.send("\(request) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(Self.withoutTag(client.readText()) == expected)
        #expect(!client.line.isShutDown)
    }

    @Test(arguments: reading)
    func headIsAnsweredAsGetWithoutTheBody(request: String, expected: String) throws {
        let venue = Venue()
        let client = venue.connect()
        client.send("HEAD \(request.dropFirst(4)) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let end = try #require(expected.firstRange(of: "\r\n\r\n"))
        let plain = Self.withoutTag(client.readText())
        let wanted = expected[..<end.upperBound]
        #expect(plain.split(separator: "\r\n").sorted() == wanted.split(separator: "\r\n").sorted())
    }

    @Test func anOrderIsPlaced() {
        let venue = Venue()
        let client = venue.connect()
        for id in 4...5 {
            client.send(Client.order)
            let body = #"{"orderId": \#(id), "orderStatus": "PENDING", "stocks": "AAPL", "quantity": 10}"#
            #expect(
                client.readText() == "HTTP/1.1 201 Created\r\n\(Self.date)Content-Type: application/json\r\n"
                    + "Content-Length: \(body.utf8.count)\r\nLocation: /orders/\(id)\r\n\r\n\(body)")
        }
        client.send("POST /orders/?x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.send("10\r\n{\"stocks\":\"MSFT\"\r\nE\r\n,\"quantity\":1}\r\n0\r\n\r\n")
        #expect(client.response()["Location"] == "/orders/6")
    }

    @Test func anOrderWithFaultsIsToldAllOfThem() {
        let venue = Venue()
        let client = venue.connect()
        client.send(Client.post(#"{"stocks": "", "quantity": 1.5, "price": 3}"#))
        #expect(
            client.readText()
                == Self.problem(
                    "400 Bad Request",
                    "The order has 3 faults: stocks must not be empty; "
                        + "quantity must be an integer, without a fraction or an exponent; "
                        + "price is not a property of an order.",
                    errors: #", "errors": [{"field": "stocks", "message": "must not be empty"}, "#
                        + #"{"field": "quantity", "message": "must be an integer, without a fraction or an exponent"}, "#
                        + #"{"field": "price", "message": "is not a property of an order"}]"#))
        #expect(client.get("/orders/4").status == 404)
    }

    @Test(arguments: [
        ("/", "text/html; charset=utf-8", "<!"), ("/style.css", "text/css; charset=utf-8", ""),
        ("/app.js", "text/javascript; charset=utf-8", ""), ("/favicon.svg", "image/svg+xml", "<svg"),
        ("/favicon.ico", "image/svg+xml", "<svg"), ("/docs", "text/html; charset=utf-8", "<!"),
        ("/docs.js", "text/javascript; charset=utf-8", "//"),
        ("/page.js", "text/javascript; charset=utf-8", "//"),
        ("/book.js", "text/javascript; charset=utf-8", "//"),
        ("/link.js", "text/javascript; charset=utf-8", "//"),
        ("/blotter.js", "text/javascript; charset=utf-8", "//"),
        ("/charts.js", "text/javascript; charset=utf-8", "//"),
        ("/ticket.js", "text/javascript; charset=utf-8", "//"),
        ("/desk.js", "text/javascript; charset=utf-8", "//"), ("/openapi.json", "application/json", "{"),
    ])
    func thePageIsServed(path: String, type: String, start: String) {
        let venue = Venue()
        let client = venue.connect()
        let response = client.get(path)
        #expect(response.status == 200)
        #expect(response["Content-Type"] == type)
        #expect(response["Content-Security-Policy"]?.hasPrefix("default-src 'none'; ") == true)
        #expect(response["X-Content-Type-Options"] == "nosniff")
        #expect(response.body.count > 100)
        #expect(response.text.hasPrefix(start))
        let head = client.exchange("HEAD \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(head.fields == response.fields)
        #expect(client.unread.isEmpty)
    }

    @Test(arguments: ["GET", "DELETE", "HEAD", "OPTIONS", "PUT"])
    func aBodyIsNeverReadAsTheNextRequest(method: String) {
        let venue = Venue()
        let client = venue.connect()
        let smuggled = "DELETE /orders/1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
        client.send(
            "\(method) /orders/3 HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(smuggled.utf8.count)\r\n\r\n"
                + smuggled)
        #expect(client.response(toHead: method == "HEAD").status > 0)
        #expect(client.unread.isEmpty)
        #expect(client.get("/orders/1").text.contains("PENDING"))
    }

    @Test func theDateFollowsTheClock() {
        let venue = Venue()
        let client = venue.connect()
        #expect(client.get("/orders/1")["Date"] == "Sun, 06 Nov 1994 08:49:37 GMT")
        venue.advance(milliseconds: 999)
        #expect(client.get("/orders/1")["Date"] == "Sun, 06 Nov 1994 08:49:37 GMT")
        venue.advance(milliseconds: 1)
        #expect(client.get("/orders/1")["Date"] == "Sun, 06 Nov 1994 08:49:38 GMT")
        #expect(client.get("/orders")["Date"] == "Sun, 06 Nov 1994 08:49:38 GMT")
    }

    @Test func healthCounts() {
        let venue = Venue()
        let client = venue.connect()
        let subscriber = venue.subscribe()
        client.send(Client.order + Client.order)
        #expect(client.responses().map(\.status) == [201, 201])
        #expect(client.delete("/orders/4").status == 204)
        venue.advance(milliseconds: 6_000)
        let health = client.get("/health")
        #expect(health.text.contains(#""uptimeSeconds": 6, "connections": 2, "subscribers": 1"#))
        #expect(health.text.contains(#""orders": {"PENDING": 1, "EXECUTED": 2, "CANCELLED": 2}}"#))
        subscriber.end()
        #expect(client.get("/health").text.contains(#""connections": 1, "subscribers": 0"#))
    }

    @Test func healthSaysThatTheServerIsStopping() {
        let venue = Venue()
        let client = venue.connect()
        #expect(client.get("/orders/1").status == 200)
        venue.platform.host.stop()
        let health = client.get("/health")
        #expect(health.status == 503)
        #expect(health["Connection"] == "close")
        #expect(health.text.hasPrefix(#"{"status": "stopping", "version": "\#(ProductVersion.text)", "#))
        // A probe that connects only now is told the same by its status.
        let late = venue.connect()
        venue.network.settle()
        let refusal = late.response()
        #expect(refusal.status == 503)
        #expect(refusal["Connection"] == "close")
    }
}
