import Bytes
import HTTP1
import Orders
import Sessions

/// What the query of `/ws` or `/events` asks for: `since`, `orderId`, `status` and `numbered`. Parameters
/// that are not known are passed over, as pages add some of their own.
struct SubscriptionRequest {
    var subscription = Subscription()
    /// Whether messages are to carry their numbers.
    private(set) var isNumbered = false
    private var errors: [Problem.FieldError] = []

    init(_ requestHead: RequestHead, _ head: Span<UInt8>) {
        guard !requestHead.query.isEmpty else { return }
        for (name, value) in QueryParameters(head.extracting(requestHead.query.range)) {
            take(name, value)
        }
    }

    private mutating func take(_ name: String, _ value: String) {
        switch name {
        case "since":
            isNumbered = true
            // One of two would have to be guessed.
            guard subscription.since == nil else { return add(name, "is there twice") }
            takeSince(value, named: name)
        case "numbered":
            isNumbered = true
        case "orderId":
            guard let id = Int64(digits: value) else {
                return add(name, "must be the number of an order, not '\(value.prefix(32))'")
            }
            guard subscription.filter.orderIDs.count < FeedFilter.ordersMax else {
                return add(name, "may be given at most \(FeedFilter.ordersMax) times")
            }
            subscription.filter.orderIDs.append(id)
        case "status":
            guard let status = OrderStatus(name: value) else {
                return add(name, OrderStatus.nameRule(value))
            }
            if !subscription.filter.statuses.contains(status) { subscription.filter.statuses.append(status) }
        default:
            break
        }
    }

    private mutating func takeSince(_ value: String, named name: String) {
        guard let number = Int64(digits: value) else {
            return add(name, "must be the number of an event, not '\(value.prefix(32))'")
        }
        subscription.since = UInt64(number)
    }

    /// The number of the last event that a browser has seen: it knows better than the address does.
    mutating func takeLastEventID(_ requestHead: RequestHead, _ head: Span<UInt8>) {
        guard !requestHead.lastEventID.isEmpty else { return }
        let text = head.extracting(requestHead.lastEventID.range).withUnsafeBufferPointer {
            String(decoding: $0, as: UTF8.self)
        }
        takeSince(text, named: "Last-Event-ID")
    }

    private mutating func add(_ field: String, _ message: String) {
        // One of a kind is enough to say.
        guard !errors.contains(where: { $0.field == field }) else { return }
        errors.append(.init(field: field, message: message))
    }

    /// What is wrong with it, or nil.
    var problem: Problem? { Problem(parameters: errors) }
}
