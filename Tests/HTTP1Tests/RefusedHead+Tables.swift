import HTTP1

extension RefusedHead {
    static let all =
        requestLines + versions + targets + lineEnds + fields + hosts + lengths + codings + others

    /// What is not a method, a target and a version, one space apart (RFC 9112 section 3).
    static let requestLines: [RefusedHead] = [
        "GET", "GET ", "GET /", "GET / ", "GET HTTP/1.1", "GET  HTTP/1.1", "/ HTTP/1.1", " / HTTP/1.1",
        " GET / HTTP/1.1", "\tGET / HTTP/1.1", "GET  / HTTP/1.1", "GET\t/ HTTP/1.1", "GET \t/ HTTP/1.1",
        "GET /  HTTP/1.1", "GET /\tHTTP/1.1", "GET / \tHTTP/1.1", "GET / HTTP/1.1 ", "GET / HTTP/1.1\t",
        "GET / HTTP/1.1 x", "GET /a b HTTP/1.1", "GET / / HTTP/1.1", "G(T / HTTP/1.1", "GET, / HTTP/1.1",
        "GET: / HTTP/1.1", "\"GET\" / HTTP/1.1", "G\u{0}T / HTTP/1.1", "G\u{7F}T / HTTP/1.1",
        "G\u{C9}T / HTTP/1.1", ": / HTTP/1.1", "GET\u{B}/ HTTP/1.1", "GET / HTTP/1.1\u{0}", "Host: a",
    ].map { line($0) }

    /// RFC 9112 section 2.3: case-sensitive, one digit each; section 3: HTTP/0.9 has none.
    static let versions: [RefusedHead] =
        [
            "http/1.1", "Http/1.1", "HTTP/1.10", "HTTP/11", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/", "HTTP",
            "H", "HTTP/1,1", "HTTP/a.1", "HTTP/1.a", "HTTP/+1.1", "HTTP/-1.1", "HTTP/01.1", "HTTP/1.01",
            "HTTP 1.1", "HTTP//1.1", "HTTPS/1.1", "XTTP/1.1", "HTTP/1.1HTTP/1.1", "HTTP/ 1.1", "HTTP/1 .1",
            "HTTP/2", "HTTP/\u{661}.\u{661}",
        ].map { line("GET / " + $0) }
        + ["GET / HTTP/0.9", "GET / HTTP/2.0", "GET / HTTP/3.0", "GET / HTTP/9.9", "PRI * HTTP/2.0"].map {
            line($0, status: .httpVersionNotSupported)
        } + [
            RefusedHead(.badRequest, "GET /\r\n"),
            RefusedHead(.badRequest, "GET /\r\n\r\n"),
            RefusedHead(.badRequest, "GET / \r\n\r\n"),
            // Shorter than a version and a line end, although all is there.
            RefusedHead(.badRequest, "GET / HTTP/\r\n\r\n"),
            RefusedHead(.badRequest, "GET / HTTP/1\r\n"),
            RefusedHead(.badRequest, "GET / HTTP/1.1\n"),
            RefusedHead(.badRequest, "GET / HTTP/\n\n"),
        ]

    /// RFC 9112 section 3.2.
    static let targets: [RefusedHead] =
        [
            "/a#b", "/#", "#", "/?a#b", "http://a/#b", "http://a#b", "/\u{E9}", "/?\u{E9}", "/\u{0}",
            "/\u{1}",
            "/?\u{1B}", "/\u{7F}", "/a\u{B}b", "*", "**", "*/", "/\u{80}", "?", "?a", "a", "a/b", "a:80",
            "a.example:80", "../a", "%2F", "ftp://a/", "ws://a/", "http:", "http:a", "http:/a", "http//a",
            "http://", "https://", "http:///", "http:///a", "http://?a", "http://:80/", "http://u@a/",
            "http://u:p@a/", "http://@a/", "http://a:b/", "http://a:80:80/", "http://a:123456/",
            "http://[::1/",
            "http://[::1]a/", "http://[]/", "http://a\\b/", "http://a,b c/", "http://\u{E9}/", "xhttp://a/",
        ].map { line("GET \($0) HTTP/1.1") }
        + ["POST * HTTP/1.1", "options * HTTP/1.1", "OPTIONS ** HTTP/1.1", "OPTIONS *?a HTTP/1.1"].map {
            line($0)
        }

    /// Bare CR, bare LF and folds (RFC 9112 sections 2.2 and 5.2).
    static let lineEnds: [RefusedHead] = [
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\rHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\n\rHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\rX\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        "GET /\r/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\n/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GE\rT / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\n GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        // RFC 9112 section 2.2: white space between the request line and the first field.
        "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
        "GET / HTTP/1.1\r\n\tHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\n \r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nX: b\r\n Host: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n a\r\n\r\n",
    ].map { RefusedHead(.badRequest, $0) }

    /// RFC 9112 section 5.1 and RFC 9110 section 5.5.
    static let fields: [RefusedHead] = [
        "X : b", "X\t: b", "X Y: b", "X", "X b", ": b", ":", " : b", "X: a\r\n b", "X: a\r\n\tb",
        "X\r\n: b", "X: \u{0}", "X: a\u{0}b", "\u{0}: b", "X\u{0}: b", "X: \u{7F}", "X\u{7F}: b", "X: \u{1}",
        "X: \u{8}", "X: \u{B}", "X: \u{C}", "X: \u{1B}[0m", "X: \u{1F}", "X: 0123456\u{0}",
        "X: 01234567\u{7F}",
        "X: 0123456789\t0123456789\u{1}", "X: \u{E9}\u{E9}\u{E9}\u{E9}\u{7F}", "X(: b", "X@Y: b", "X/Y: b",
        "X[: b", "{X}: b", "\"X\": b", "X,: b", "X;: b", "X=: b", "\u{E9}: b", "X\u{E9}: b", "GET / HTTP/1.1",
    ].map { fields($0) }

    /// RFC 9112 section 3.2: one `Host`, and a valid one.
    static let hosts: [RefusedHead] =
        [
            "", " ", ":", ":80", "u@a", "u:p@a", "@", "a@", "a b", "a\tb", "a/", "a/b", "/", "a?b", "a#b",
            "a:b",
            "a:80:80", "a:80a", "a:-1", "a:+1", "a: 80", "a:123456", "a\\b", "\"a\"", "<a>", "[::1", "::1",
            "::1]", "[]", "[::1]a", "[::1]80", "[::1]:a", "[g::1]", "[::1%25lo]", "[[::1]]", "a[", "[u@::1]",
            "\u{E9}", "a\u{7F}", "http://a", "a, b", "a|b", "{a}", "a^b", "a`b",
        ].map { RefusedHead(.badRequest, "GET / HTTP/1.1\r\nHost: \($0)\r\n\r\n") }
        + [
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.2\r\n\r\n",
            "GET http://a/ HTTP/1.1\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\n\r\n",
            "CONNECT a:443 HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nX-Host: a\r\nHosts: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\nhost: b\r\n\r\n",
            "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET http://a/ HTTP/1.1\r\nHost: u@a\r\n\r\n",
            "GET / HTTP/1.0\r\nHost: a b\r\n\r\n",
        ].map { RefusedHead(.badRequest, $0) }

    /// RFC 9110 section 8.6 and RFC 9112 section 6.3.
    static let lengths: [RefusedHead] =
        [
            "", " ", "+5", "-5", "-0", "0x5", "5 5", "5\t5", "5, 5", "5,5", "5,", ",5", "5, 6", "5.0", "5e0",
            "5a",
            "a5", "\"5\"", "five", "5;", "\u{665}", "9223372036854775808", "18446744073709551616",
            "18446744073709551621", "99999999999999999999999999999999999999999",
        ].map { fields("Content-Length: \($0)") } + [
            fields("Content-Length: 5", "Content-Length: 5"),
            fields("Content-Length: 5", "Content-Length: 6"),
            fields("Content-Length: 0", "Content-Length: 0"),
            fields("Content-Length: 5", "X: b", "content-length: 0"),
            fields("Content-Length: 5", "Transfer-Encoding: chunked"),
            fields("Transfer-Encoding: chunked", "Content-Length: 5"),
            fields("Transfer-Encoding: chunked", "Content-Length: 0"),
            fields("Content-Length: 0", "X: b", "transfer-encoding: Chunked"),
            fields("Content-Length: 1001", "Transfer-Encoding: chunked"),
            // Whatever the coding, these are both length headers.
            fields("Content-Length: 5", "Transfer-Encoding: gzip, chunked"),
            fields("Transfer-Encoding: gzip, chunked", "Content-Length: 5"),
            fields("Content-Length: 1001", status: .contentTooLarge),
            fields("Content-Length: 9223372036854775807", status: .contentTooLarge),
        ]

    /// RFC 9112 sections 6.1 and 7: what does not end in one `chunked` frames nothing; what stands before it
    /// is not known here.
    static let codings: [RefusedHead] =
        [
            "chunked, chunked", "chunked,chunked", "Chunked , CHUNKED", "chunked, gzip", "chunked, identity",
            "chunked, gzip, chunked", "", " ", "\u{B}chunked", "chunked\u{0}", "chunked\r\n ",
        ].map { fields("Transfer-Encoding: \($0)") }
        + ["gzip, chunked", "gzip,CHUNKED", "deflate, gzip, chunked", "identity, chunked"].map {
            fields("Transfer-Encoding: \($0)", status: .notImplemented)
        } + [
            fields("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
            fields("Transfer-Encoding: chunked", "X: b", "transfer-encoding: gzip"),
            fields("Transfer-Encoding : chunked"),
            RefusedHead(.badRequest, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
            RefusedHead(
                .badRequest,
                "POST / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n"),
            RefusedHead(
                .badRequest, "POST / HTTP/1.0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ]

    /// RFC 9112 section 6.3: a final coding other than `chunked` MUST be answered with 400; `chunked` has no
    /// parameters (section 7.1).
    static let finalCodings: [RefusedHead] =
        [
            "gzip", ",", "identity", "xchunked", "chunkedx", "chunked;x", "chunked;q=1", "\"chunked\"",
            "gzip, xchunked",
        ]
        .map { fields("Transfer-Encoding: \($0)") }

    /// Expectations (RFC 9110 section 10.1.1) and fields that may come once.
    static let others: [RefusedHead] = [
        fields("Expect: 200-ok", status: .expectationFailed),
        fields("Expect: 100-continue, 200-ok", status: .expectationFailed),
        fields("Expect: 100-continue;x", status: .expectationFailed),
        fields("Expect: 100 continue", status: .expectationFailed),
        fields("expect:100-continu", status: .expectationFailed),
        fields("Origin: http://c", "Origin: http://c"),
        fields("Origin: http://c", "X: b", "origin: http://d"),
        // RFC 6455 sections 11.3.1 and 11.3.5.
        fields("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
        fields("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 13"),
    ]
}
