import Bytes
import HTTP1

/// Where a path leads.
enum Route {
    /// A file of the pages, by its place among ``Asset/all``.
    case file(Int)
    case orders
    case order(OrderID)
    case webSocket, events
    case health
    case metrics
    case control, controlReset, controlClock, controlFaults
    case unknown

    /// The last part of `/orders/{order_id}`.
    enum OrderID: Equatable {
        /// An integer. One that no order can have is kept as 0, which no order has.
        case number(Int64)
        /// Something else.
        case malformed
    }

    /// The route of a path without percent signs.
    init(path: Span<UInt8>) {
        // The one that matters most, first.
        if path.count > 8, path.extracting(0..<8).equals("/orders/") {
            self = Route.order(in: path.extracting(8..<path.count))
            return
        }
        switch path.count {
        case 0: self = Route.file(at: "/")
        case 3 where path.equals("/ws"): self = .webSocket
        case 7 where path.equals("/orders"): self = .orders
        case 7 where path.equals("/events"): self = .events
        case 7 where path.equals("/health"): self = .health
        case 8 where path.equals("/orders/"): self = .orders
        case 8 where path.equals("/metrics"): self = .metrics
        case 8 where path.equals("/control"): self = .control
        case 14 where path.equals("/control/reset"): self = .controlReset
        case 14 where path.equals("/control/clock"): self = .controlClock
        case 15 where path.equals("/control/faults"): self = .controlFaults
        default: self = Route.file(at: path)
        }
    }

    private static func file(at path: Span<UInt8>) -> Route {
        Asset.index(at: path).map(Route.file) ?? .unknown
    }

    private static func file(at path: StaticString) -> Route {
        file(at: UnsafeBufferPointer(start: path.utf8Start, count: path.utf8CodeUnitCount).span)
    }

    private static func order(in rest: Span<UInt8>) -> Route {
        var at = rest[0] == ASCII.minus ? 1 : 0
        guard at < rest.count else { return .order(.malformed) }
        var number: Int64 = 0
        var isInteger = true
        while at < rest.count {
            let byte = rest[at]
            if byte == ASCII.slash { return .unknown }
            if ASCII.isDigit(byte) {
                // Ids have at most ten digits; a number that is too long is one that no order has.
                number = number > 1_000_000_000_000 ? number : number * 10 + Int64(byte &- ASCII.zero)
            } else {
                isInteger = false
            }
            at &+= 1
        }
        guard isInteger else { return .order(.malformed) }
        return .order(.number(rest[0] == ASCII.minus ? 0 : number))
    }

    /// Whether requests are about orders, and so may be faulted.
    var isAboutOrders: Bool {
        switch self {
        case .orders, .order: true
        default: false
        }
    }

    /// The methods that the route knows, for `Allow` (RFC 9110 section 10.2.1); nil where there is nothing.
    var allow: StaticString? {
        switch self {
        case .file, .webSocket, .events, .health, .metrics, .control: "GET, HEAD, OPTIONS"
        case .orders: "GET, HEAD, POST, DELETE, OPTIONS"
        case .controlReset, .controlClock, .controlFaults: "POST, OPTIONS"
        case .order: "GET, HEAD, DELETE, OPTIONS"
        case .unknown: nil
        }
    }

    /// All methods that any route knows, for `OPTIONS *`.
    static let allowAnywhere: StaticString = "GET, HEAD, POST, DELETE, OPTIONS"
}
