import HTTP1
import Sessions

/// A route without its parameters, as answers are counted by it. Files have places behind these, in the
/// order of ``Asset/all``.
enum RouteKind: UInt8, CaseIterable {
    case orders, order, webSocket, events, health, metrics, control, controlReset, controlClock, controlFaults
    /// A path that leads nowhere.
    case unknown
    /// Not known: the request was refused before, or is for no path.
    case none

    /// How many kinds there are: ``allCases`` would make an array each time that it is asked.
    static var count: Int { 12 }

    /// The place of the kind in a table.
    var place: Int { Int(rawValue) }

    /// The route as a template.
    var template: StaticString {
        switch self {
        case .orders: "/orders"
        case .order: "/orders/{id}"
        case .webSocket: "/ws"
        case .events: "/events"
        case .health: "/health"
        case .metrics: "/metrics"
        case .control: "/control"
        case .controlReset: "/control/reset"
        case .controlClock: "/control/clock"
        case .controlFaults: "/control/faults"
        case .unknown: "unknown"
        case .none: "none"
        }
    }
}

extension Route {
    /// The place of the route in a table: that of its kind, or of its file.
    var place: Int {
        switch self {
        case .file(let index): RouteKind.count &+ index
        case .orders: RouteKind.orders.place
        case .order: RouteKind.order.place
        case .webSocket: RouteKind.webSocket.place
        case .events: RouteKind.events.place
        case .health: RouteKind.health.place
        case .metrics: RouteKind.metrics.place
        case .control: RouteKind.control.place
        case .controlReset: RouteKind.controlReset.place
        case .controlClock: RouteKind.controlClock.place
        case .controlFaults: RouteKind.controlFaults.place
        case .unknown: RouteKind.unknown.place
        }
    }

    /// The place of the route of a request. `OPTIONS *` and CONNECT are for no path.
    @inline(__always)
    func place(of request: Request) -> Int {
        request.head.flags.isDisjoint(with: [.asterisk, .authorityForm]) ? place : RouteKind.none.place
    }

    /// How many places there are.
    static var placeCount: Int { RouteKind.count + Asset.all.count }

    /// The template of the routes in a place.
    static func template(ofPlace place: Int) -> UnsafeRawBufferPointer {
        guard place < RouteKind.count else {
            return Asset.all[place - RouteKind.count].path
        }
        let template = RouteKind.allCases[place].template
        return UnsafeRawBufferPointer(start: template.utf8Start, count: template.utf8CodeUnitCount)
    }
}
