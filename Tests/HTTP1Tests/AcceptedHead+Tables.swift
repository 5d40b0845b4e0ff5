import HTTP1

extension AcceptedHead {
    static let all = requestLines + otherForms + fields + hosts + bodies + connections + upgrades

    private static let tokenCharacters = "!#$%&'*+-.^_`|~09azAZ"

    /// Methods, versions and targets in origin form (RFC 9112 sections 2.2, 2.3, 3.1 and 3.2.1).
    static let requestLines: [AcceptedHead] = [
        line("GET / HTTP/1.1", Reading()),
        line("HEAD / HTTP/1.1", Reading(method: .head)),
        line("POST / HTTP/1.1", Reading(method: .post)),
        line("DELETE / HTTP/1.1", Reading(method: .delete)),
        line("OPTIONS / HTTP/1.1", Reading(method: .options)),
        line("PUT / HTTP/1.1", Reading(method: .other)),
        line("get / HTTP/1.1", Reading(method: .other)),
        line("Post / HTTP/1.1", Reading(method: .other)),
        line("GETS / HTTP/1.1", Reading(method: .other)),
        line("G / HTTP/1.1", Reading(method: .other)),
        line(tokenCharacters + " / HTTP/1.1", Reading(method: .other)),
        line(String(repeating: "LONG", count: 75) + " / HTTP/1.1", Reading(method: .other)),
        line("GET / HTTP/1.0", Reading(minorVersion: 0, persists: false)),
        line("GET / HTTP/1.2", Reading(minorVersion: 2)),
        line("GET / HTTP/1.9", Reading(minorVersion: 9)),
        AcceptedHead("GET / HTTP/1.0\r\n\r\n", Reading(minorVersion: 0, authority: "", persists: false)),
        AcceptedHead("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        AcceptedHead("\r\n\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n", Reading(path: "/x")),
        line("GET /orders/1 HTTP/1.1", Reading(path: "/orders/1")),
        line("GET /a?b=c HTTP/1.1", Reading(path: "/a", query: "b=c", flags: .query)),
        line("GET /? HTTP/1.1", Reading(flags: .query)),
        line("GET /a?b?c HTTP/1.1", Reading(path: "/a", query: "b?c", flags: .query)),
        line("GET /a%20b HTTP/1.1", Reading(path: "/a%20b", flags: .pathEncoded)),
        line("GET /a?b=%20 HTTP/1.1", Reading(path: "/a", query: "b=%20", flags: .query)),
        line("GET /%3F?%3F HTTP/1.1", Reading(path: "/%3F", query: "%3F", flags: [.query, .pathEncoded])),
        line("GET // HTTP/1.1", Reading(path: "//")),
        line("GET /* HTTP/1.1", Reading(path: "/*")),
        line("GET /http://b/ HTTP/1.1", Reading(path: "/http://b/")),
        line("GET /-._~!$&'()*+,;=:@ HTTP/1.1", Reading(path: "/-._~!$&'()*+,;=:@")),
    ]

    /// Targets in absolute, authority and asterisk form (RFC 9112 sections 3.2.2 to 3.2.4).
    static let otherForms: [AcceptedHead] = [
        line("GET http://b/ HTTP/1.1", Reading(authority: "b")),
        line("GET http://b/x HTTP/1.1", Reading(path: "/x", authority: "b")),
        line("GET HTTP://b/x HTTP/1.1", Reading(path: "/x", authority: "b")),
        line("GET http://b HTTP/1.1", Reading(path: "", authority: "b")),
        line("GET http://b:8000 HTTP/1.1", Reading(path: "", authority: "b:8000")),
        line("GET http://[::1]:8000/x HTTP/1.1", Reading(path: "/x", authority: "[::1]:8000")),
        line("GET http://b?c=d HTTP/1.1", Reading(path: "", query: "c=d", authority: "b", flags: .query)),
        line(
            "GET http://b/x?y=http://z/ HTTP/1.1",
            Reading(path: "/x", query: "y=http://z/", authority: "b", flags: .query)),
        line("GET http://b/%78 HTTP/1.1", Reading(path: "/%78", authority: "b", flags: .pathEncoded)),
        line("GET https://b/x HTTP/1.1", Reading(path: "/x", authority: "b", flags: .foreignScheme)),
        line("GET HttpS://b HTTP/1.1", Reading(path: "", authority: "b", flags: .foreignScheme)),
        AcceptedHead(
            "GET http://b/ HTTP/1.0\r\n\r\n", Reading(minorVersion: 0, authority: "b", persists: false)),
        line("OPTIONS http://b HTTP/1.1", Reading(method: .options, path: "", authority: "b")),
        line("OPTIONS * HTTP/1.1", Reading(method: .options, path: "", flags: .asterisk)),
        line("CONNECT b:443 HTTP/1.1", Reading(method: .other, path: "", flags: .authorityForm)),
    ]

    /// Blanks, letter case and the bytes of values (RFC 9112 section 5, RFC 9110 section 5.5).
    static let fields: [AcceptedHead] = [
        fields("X: b"),
        fields("X:b"),
        fields("X:"),
        fields("X: "),
        fields("X: \t \t"),
        fields("X: a\tb"),
        fields("X: a: b: c"),
        fields("X: \"a\\\"b\" (c) <d> {e} [f] #g"),
        fields("X: \u{E9}\u{20AC}\u{1F4C8}"),
        fields("X: a", "X: b", "x: c"),
        fields(tokenCharacters + ": b"),
        fields("X: " + String(repeating: "long ", count: 80)),
        fields("Hos: b", "Hosts: b", "Nost: b", "Hosu: b"),
        fields("X-Content-Length: x", "Content-Lengti: x", "Bontent-Length: x"),
        fields("Transfer-Encodinh: x", "X-Transfer-Encoding: x", "Expecu: x"),
        fields("Origin: http://c:1", reading: Reading(origin: "http://c:1", flags: .origin)),
        fields("ORIGIN: null", reading: Reading(origin: "null", flags: .origin)),
        fields("Origin:", reading: Reading(flags: .origin)),
    ]

    /// `Host` (RFC 9112 section 3.2, RFC 9110 section 7.2).
    static let hosts: [AcceptedHead] =
        [
            "localhost", "localhost:8000", "localhost:", "127.0.0.1:8000", "[::1]", "[::1]:8000",
            "[::ffff:1.2.3.4]:1", "a.example.", "A-b_c~d", "a%20b", "xn--bcher-kva.example:65535",
        ].map { AcceptedHead("GET / HTTP/1.1\r\nHost: \($0)\r\n\r\n", Reading(authority: $0)) } + [
            AcceptedHead("GET / HTTP/1.1\r\nhOST:a\r\n\r\n"),
            AcceptedHead("GET / HTTP/1.1\r\nHOST:\t  a \t\r\n\r\n"),
            AcceptedHead("GET / HTTP/1.1\r\nX: b\r\nHost: a\r\n\r\n"),
        ]

    /// How a body is framed (RFC 9112 section 6.3), and `Expect` (RFC 9110 section 10.1.1).
    static let bodies: [AcceptedHead] = [
        fields("Content-Length: 0"),
        fields("Content-Length: 000"),
        fields("Content-Length: 5", reading: Reading(framing: .length(5))),
        fields("content-length:5", reading: Reading(framing: .length(5))),
        fields("CONTENT-LENGTH: \t5\t ", reading: Reading(framing: .length(5))),
        fields("Content-Length: 0005", reading: Reading(framing: .length(5))),
        fields("Content-Length: 1000", reading: Reading(framing: .length(1_000))),
        fields(
            "Content-Length: 0000000000000000000000000000001000", reading: Reading(framing: .length(1_000))),
        fields("Transfer-Encoding: chunked", reading: Reading(framing: .chunked)),
        fields("transfer-encoding:Chunked", reading: Reading(framing: .chunked)),
        fields("Transfer-Encoding: \tCHUNKED\t", reading: Reading(framing: .chunked)),
        fields(
            "Expect: 100-continue", "Content-Length: 5",
            reading: Reading(flags: .expectContinue, framing: .length(5), awaitsContinue: true)),
        fields(
            "expect:100-Continue", "Transfer-Encoding: chunked",
            reading: Reading(flags: .expectContinue, framing: .chunked, awaitsContinue: true)),
        AcceptedHead(
            "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
            Reading(
                method: .post, minorVersion: 0, authority: "", flags: .expectContinue, framing: .length(5),
                persists: false)),
    ]

    /// `Connection` (RFC 9110 section 7.6.1) and persistence (RFC 9112 section 9.3).
    static let connections: [AcceptedHead] =
        ["close", "Close", "close,", ",close", ", ,\tclose\t,,", "foo, close", "foo,close,bar"].map {
            fields("Connection: \($0)", reading: Reading(flags: .close, persists: false))
        }
        + ["", ",", "closed", "close;x", "clos", "close x", "\"close\"", "foo"].map {
            fields("Connection: \($0)")
        } + [
            fields("Connection: keep-alive", reading: Reading(flags: .keepAlive)),
            fields("Connection: Upgrade", reading: Reading(flags: .connectionUpgrade)),
            fields(
                "connection: keep-alive, Upgrade", reading: Reading(flags: [.keepAlive, .connectionUpgrade])),
            fields(
                "Connection: keep-alive", "Connection: close",
                reading: Reading(flags: [.keepAlive, .close], persists: false)),
            fields(
                "Connection: close, keep-alive",
                reading: Reading(flags: [.keepAlive, .close], persists: false)),
            AcceptedHead(
                "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
                Reading(minorVersion: 0, authority: "", flags: .keepAlive)),
            AcceptedHead(
                "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
                Reading(minorVersion: 0, authority: "", flags: [.keepAlive, .close], persists: false)),
        ]

    /// WebSocket handshakes (RFC 6455 section 4.1) and preflights.
    static let upgrades: [AcceptedHead] = [
        fields("Upgrade: websocket", reading: Reading(flags: .upgradeWebSocket)),
        fields("upgrade: h2c , WebSocket", reading: Reading(flags: .upgradeWebSocket)),
        fields("Upgrade: h2c", "Upgrade: websocket", reading: Reading(flags: .upgradeWebSocket)),
        fields("Upgrade: websockets", "Upgrade: websocket/13", "Upgrade: web socket", "Upgrade:"),
        fields(
            "Upgrade: websocket", "Connection: Upgrade", "Origin: http://c",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: chat",
            reading: Reading(
                origin: "http://c", webSocketKey: "dGhlIHNhbXBsZSBub25jZQ==", webSocketVersion: "13",
                flags: [.upgradeWebSocket, .connectionUpgrade, .origin])),
        AcceptedHead(
            "OPTIONS /orders HTTP/1.1\r\nHost: a\r\nOrigin: http://c\r\n"
                + "Access-Control-Request-Method: POST\r\n"
                + "Access-Control-Request-Headers: content-type, x-b\r\n\r\n",
            Reading(
                method: .options, path: "/orders", origin: "http://c", accessControlRequestMethod: "POST",
                accessControlRequestHeaders: "content-type, x-b", flags: .origin)),
    ]
}
