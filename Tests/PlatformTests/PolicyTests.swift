@testable import Platform
import TestKit
import Testing

/// Which hosts and origins are served: DNS rebinding and cross-site requests.
@Suite struct PolicyTests {
    @Test(arguments: [
        ("localhost", true), ("LOCALHOST:8000", true), ("localhost:", true), ("127.0.0.1:8000", true),
        ("127.255.255.255", true), ("[::1]", true), ("[::1]:8000", true), ("desk.localhost", true),
        ("a.b.LocalHost:1", true), ("", true),
        ("127.0.0.1.evil.example", false), ("127.evil.example", false), ("127.0.0.256", false),
        ("127.0.0", false), ("127.0.0.", false), ("127.0.0.1.", false), ("127..0.1", false),
        ("evil.example", false), ("localhost.evil.example", false), ("evillocalhost", false),
        (".localhost", false), ("128.0.0.1", false), ("0.0.0.0", false), ("[::2]", false), ("[::]", false),
        ("local", false), ("10.0.0.1", false), ("127.0.0.0001", false),
    ])
    func aHostIsServedOnLoopback(host: String, isServed: Bool) {
        var policy = HostPolicy(isEnforced: true, allowed: [])
        // Twice, as one that was accepted is remembered.
        let answers = [policy.accepts(host), policy.accepts(host)]
        #expect(answers == [isServed, isServed])
        var open = HostPolicy(isEnforced: false, allowed: [])
        var all = HostPolicy(isEnforced: true, allowed: ["*"])
        let others = [open.accepts(host), all.accepts(host)]
        #expect(others == [true, true])
    }

    @Test func furtherHostsAreServedWhereAllowed() {
        var policy = HostPolicy(isEnforced: true, allowed: ["desk.example", "floor.example:9000"])
        for (host, isServed) in [
            ("desk.example", true), ("Desk.Example:1234", true), ("floor.example:9000", true),
            ("floor.example", false), ("floor.example:9001", false), ("xdesk.example", false),
            ("desk.example.evil", false), ("desk.exampl", false), ("desk.example:1234", true),
            ("desk.example:123", true), ("resk.example:1234", false), ("localhost", true),
        ] {
            let answer = policy.accepts(host)
            #expect(answer == isServed, "\(host)")
        }
    }

    /// What is remembered of one host must not let in another that shares a part of it.
    @Test func aHostIsNotMistakenForTheLastOne() {
        for known in ["floor.example:1", "floor.example:90", "floor.of.the.exchange.example:900"] {
            var policy = HostPolicy(isEnforced: true, allowed: [known])
            for offset in known.utf8.indices {
                let isKnownServed = policy.accepts(known)
                var other = Array(known.utf8)
                other[known.utf8.distance(from: known.startIndex, to: offset)] ^= 0x01
                let isOtherServed = policy.accepts(String(decoding: other, as: UTF8.self))
                #expect(isKnownServed && !isOtherServed)
            }
        }
    }

    @Test(arguments: [
        ("http://localhost", true), ("http://localhost:3000", true), ("https://127.0.0.1:5173", true),
        ("HTTP://[::1]:80", true), ("http://app.localhost", true),
        ("http://desk.example:8000", true), ("http://desk.example", false),
        ("http://other.example:8000", false),
        ("null", false), ("", false), ("http://", false), ("file://", false), ("ftp://localhost", false),
        ("http://localhost.evil.example", false), ("http://localhost@evil.example", false),
        ("http://localhost/evil", false), ("http://evil.example", false),
        ("http://127.0.0.1.evil.example", false),
        ("chrome-extension://abcdefgh", false), ("localhost", false), ("http:localhost", false),
    ])
    func anOriginMayTradeWithAHostOf8000(origin: String, isAllowed: Bool) {
        let policy = OriginPolicy(allowed: [])
        #expect(policy.allows(origin, for: "desk.example:8000") == isAllowed)
        let all = OriginPolicy(allowed: ["*"])
        #expect(all.allows(origin, for: "a"))
    }

    @Test(arguments: [
        ("http://desk.example", "desk.example", true), ("http://desk.example", "desk.example:80", true),
        ("https://desk.example", "desk.example:443", true),
        ("http://desk.example", "desk.example:443", false),
        ("https://desk.example", "desk.example:80", false), ("http://Desk.example", "desk.EXAMPLE", true),
        ("http://desk.example:8", "desk.example:80", false), ("http://desk.exampl", "desk.example", false),
        ("https://partner.example", "desk.example", true), ("HTTPS://PARTNER.example", "desk.example", true),
        ("https://partner.example:444", "desk.example", false),
        ("http://partner.example", "desk.example", false),
    ])
    func anOriginMayTrade(origin: String, host: String, isAllowed: Bool) {
        let policy = OriginPolicy(allowed: ["https://partner.example"])
        #expect(policy.allows(origin, for: host) == isAllowed)
    }

    @Test(arguments: [
        "GET /orders", "POST /orders", "GET /ws", "OPTIONS *", "GET http://evil.example/orders",
    ])
    func aForeignHostIsMisdirected(request: String) {
        let venue = Venue()
        let response = venue.connect().exchange("\(request) HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        #expect(response.status == 421)
        #expect(
            response.text.contains(
                "This server is not evil.example; --allowed-hosts can let it answer to that name."))
    }

    @Test func theTargetsHostCountsNotTheField() {
        let venue = Venue()
        let client = venue.connect()
        #expect(client.exchange("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 421)
        #expect(client.exchange("GET http://localhost/ HTTP/1.1\r\nHost: evil.example\r\n\r\n").status == 200)
        #expect(client.exchange("GET https://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 421)
    }

    @Test func withoutLoopbackEveryHostIsServed() {
        let venue = Venue { $0.isBoundToLoopback = false }
        #expect(venue.connect().exchange("GET /orders/1 HTTP/1.1\r\nHost: any.example\r\n\r\n").status == 200)
    }
}

extension HostPolicy {
    fileprivate mutating func accepts(_ host: String) -> Bool { accepts(Array(host.utf8).span) }
}

extension OriginPolicy {
    fileprivate func allows(_ origin: String, for host: String) -> Bool {
        verdict(on: Array(origin.utf8).span, for: Array(host.utf8).span) == .allowed
    }
}
