@testable import Platform
import Testing

/// Where a path leads, with its percent-encoding (RFC 3986 section 2.1).
@Suite struct RouteTests {
    private static func name(_ path: String) -> String {
        let bytes = Array(path.utf8)
        let decoded = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        defer { decoded.deallocate() }
        guard let count = PercentDecoding.decode(bytes.span, into: decoded) else { return "undecodable" }
        return switch Route(path: UnsafeBufferPointer(decoded).span.extracting(0..<count)) {
        case .order(.number(let number)): "order \(number)"
        case .order(.malformed): "malformed"
        case .file: "file"
        case let other: "\(other)"
        }
    }

    @Test(arguments: [
        ("/", "file"), ("", "file"), ("/style.css", "file"), ("/app.js", "file"), ("/favicon.svg", "file"),
        ("/favicon.ico", "file"), ("/ws", "webSocket"), ("/health", "health"), ("/orders", "orders"),
        ("/metrics", "metrics"), ("/metrics/", "unknown"), ("/orders/", "orders"), ("/orders//", "unknown"),
        ("//orders", "unknown"), ("/order", "unknown"),
        ("/ordersx", "unknown"), ("/ws/", "unknown"), ("/health/", "unknown"), ("/index.html", "unknown"),
        ("/orders/1", "order 1"), ("/orders/0001", "order 1"), ("/orders/10", "order 10"),
        ("/orders/-1", "order 0"), ("/orders/-0", "order 0"), ("/orders/4294967295", "order 4294967295"),
        ("/orders/+1", "malformed"), ("/orders/1e3", "malformed"), ("/orders/ 1", "malformed"),
        ("/orders/--1", "malformed"), ("/orders/-", "malformed"), ("/orders/１", "malformed"),
        ("/orders/1/", "unknown"), ("/orders/1/a", "unknown"), ("/orders/x/1", "unknown"),
        ("/%6Frders", "orders"), ("/%6frders/%31", "order 1"), ("/orders%2F1", "unknown"),
        ("/orders/1%2F", "malformed"), ("/orders/%2F", "malformed"), ("/orders/%00", "malformed"),
        ("/orders/1%", "undecodable"), ("/orders/1%3", "undecodable"),
        ("/orders/1%g0", "undecodable"), ("/orders/1%0g", "undecodable"), ("/%25", "unknown"),
        ("/docs", "file"), ("/docs.js", "file"), ("/docs/", "unknown"), ("/style.cs", "unknown"),
        ("/orders/%2D5", "order 0"), ("/w%73", "webSocket"), ("/events", "events"), ("/control", "control"),
        ("/control/reset", "controlReset"), ("/control/clock", "controlClock"),
        ("/control/faults", "controlFaults"), ("/control/", "unknown"), ("/control/nothing", "unknown"),
    ])
    func aPathLeadsTo(path: String, route: String) {
        #expect(Self.name(path) == route)
    }

    @Test func anIDThatIsTooLongIsNoOrders() {
        for digits in [12, 13, 14, 18, 19, 20, 40, 1_000] {
            let name = Self.name("/orders/1" + String(repeating: "0", count: digits - 1))
            #expect(Int64(name.dropFirst("order ".count)).map { $0 > 4_294_967_295 } == true, "\(digits)")
        }
        #expect(Self.name("/orders/" + String(repeating: "9", count: 1_000)).hasPrefix("order "))
    }
}
