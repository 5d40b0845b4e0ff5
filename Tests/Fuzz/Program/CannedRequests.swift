import Simulation

/// Requests that are well-formed, so that the fuzzer need not make them up each time.
enum CannedRequests {
    private static func plain(_ start: String, _ fields: String = "", body: String = "") -> [UInt8] {
        Array("\(start) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n\(body)".utf8)
    }

    private static let order = #"{"stocks": "AAPL", "quantity": 10}"#

    /// Sixteen of them.
    static let all: [[UInt8]] = [
        plain("GET /orders/1"),
        plain("POST /orders", "Content-Length: \(order.utf8.count)\r\n", body: order),
        plain("GET /orders"),
        Array(Client.handshake().utf8),
        plain("DELETE /orders/4"),
        plain(
            "POST /orders", "Transfer-Encoding: chunked\r\n",
            body: "5;a=b\r\n{\"sto\r\n1d\r\ncks\": \"\\u00e9\", \"quantity\": 1}\r\n0\r\nX: y\r\n\r\n"),
        plain("POST /orders", "Expect: 100-continue\r\nContent-Length: \(order.utf8.count)\r\n"),
        Array(order.utf8),
        plain("GET /health"),
        plain("GET /", "Connection: close\r\n"),
        Array("GET /orders HTTP/1.0\r\n\r\n".utf8),
        plain("OPTIONS /orders", "Origin: http://localhost\r\nAccess-Control-Request-Method: POST\r\n"),
        plain("GET /orders/%31", "Origin: http://example.com\r\n"),
        plain("POST /orders", "Content-Length: 2\r\n", body: "{}"),
        plain("GET /events?since=0"),
        Array(Client.handshake("/ws?since=0").utf8),
    ]
}
