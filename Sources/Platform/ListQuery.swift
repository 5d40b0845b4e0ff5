import Bytes
import HTTP1
import Orders
import Sessions

/// What the query of `/orders` asks for: `status`, `stocks`, `limit` and `after`.
struct ListQuery {
    /// The most orders of one page.
    static let limitMax = 1_000

    private(set) var filter = OrderFilter()
    /// How many orders a page has at most; nil for all.
    private(set) var limit: Int?
    /// The list begins behind this order.
    private(set) var afterID: Int64 = 0
    /// Parameters that are not known. A list passes over them, as pages add some of their own.
    private(set) var unknown: [String] = []
    private var seen: Set<String> = []
    private var errors: [Problem.FieldError] = []

    init(_ requestHead: RequestHead, _ head: Span<UInt8>) {
        guard !requestHead.query.isEmpty else { return }
        for (name, value) in QueryParameters(head.extracting(requestHead.query.range)) {
            take(name, value)
        }
    }

    private mutating func take(_ name: String, _ value: String) {
        guard ["status", "stocks", "limit", "after"].contains(name) else {
            unknown.append(name)
            return
        }
        guard seen.insert(name).inserted else { return add(name, "is there twice") }
        switch name {
        case "status":
            filter.status = OrderStatus(name: value)
            if filter.status == nil { add(name, OrderStatus.nameRule(value)) }
        case "stocks":
            filter.stocks = value
        case "limit":
            limit = Int64(digits: value).flatMap { 1...Int64(Self.limitMax) ~= $0 ? Int($0) : nil }
            if limit == nil { add(name, "must be from 1 to \(Self.limitMax), not '\(value.prefix(32))'") }
        default:
            guard let id = Int64(digits: value) else {
                return add(name, "must be the number of an order, not '\(value.prefix(32))'")
            }
            // Behind the last that there can be, there is nothing all the same.
            afterID = min(id, Int64(OrderStore.ordersMaxLimit))
        }
    }

    private mutating func add(_ field: String, _ message: String) {
        errors.append(.init(field: field, message: message))
    }

    /// What is wrong with it as the query of a list, or nil.
    var problem: Problem? { Problem(parameters: errors) }

    /// What is wrong with it as the query of a cancellation of many, or nil. Here nothing is passed over: a
    /// condition that is not understood must not cancel what it was to spare.
    var cancellationProblem: Problem? {
        var errors = errors
        for name in Set(unknown + seen.filter { $0 == "limit" || $0 == "after" }).sorted() {
            errors.append(.init(field: name, message: "is not known here"))
        }
        if !seen.contains("status") {
            errors.append(.init(field: "status", message: "is missing: say status=PENDING to cancel all"))
        } else if let status = filter.status, status != .pending {
            let message = "must be PENDING, as nothing else can be cancelled"
            errors.append(.init(field: "status", message: message))
        }
        return Problem(parameters: errors)
    }

    /// Appends the field that leads to the page behind an order (RFC 8288).
    func appendLink(afterID: Int64, to output: inout ByteWriter) {
        output.append("Link: </orders?")
        appendNext(afterID: afterID, to: &output)
        output.append(">; rel=\"next\"\r\n")
    }

    private func appendNext(afterID: Int64, to output: inout ByteWriter) {
        if let status = filter.status {
            output.append("status=")
            output.append(status.name)
            output.append("&")
        }
        if let stocks = filter.stocks {
            output.append("stocks=")
            PercentDecoding.appendEncoded(stocks, to: &output)
            output.append("&")
        }
        if let limit {
            output.append("limit=")
            output.append(decimal: limit)
            output.append("&")
        }
        output.append("after=")
        output.append(decimal: afterID)
    }
}
