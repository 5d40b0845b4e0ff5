import Reactor

/// The server under load.
struct Target: Sendable {
    /// Host and port as requests name them.
    let authority: String
    let host: String
    let port: UInt16

    /// Takes `http://HOST:PORT` apart; a path behind it is not looked at.
    init?(url: String) {
        guard url.hasPrefix("http://") else { return nil }
        let authority = url.dropFirst("http://".count).prefix { $0 != "/" }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.count <= 2,
            let port = parts.count == 2 ? UInt16(parts[1]) : 80
        else { return nil }
        self.authority = String(authority)
        self.host = String(name)
        self.port = port
    }

    func address() throws(UVError) -> SocketAddress {
        try SocketAddress(host: host, port: port)
    }

    /// The bytes of a request without a body, or with a JSON body.
    func request(_ method: String, _ path: String, body: String = "") -> [UInt8] {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: \(authority)\r\n"
        if !body.isEmpty {
            text += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
        }
        return Array((text + "\r\n" + body).utf8)
    }

    /// The bytes of a WebSocket handshake.
    var handshake: [UInt8] {
        Array(
            """
            GET /ws HTTP/1.1\r\nHost: \(authority)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n
            """.utf8)
    }

    /// The order that is placed.
    static let order = "{\"stocks\":\"AAPL\",\"quantity\":10}"
}
