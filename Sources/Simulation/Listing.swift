import Orders

/// Which orders a list or a cancellation of many is about: what its query says.
struct Listing {
    var status: OrderStatus?
    var stocks: StocksText?
    var limit: Int?
    var after: Int?

    /// Whether an order with that text may be meant.
    func means(stocksJSON: String) -> Bool { stocks.map { $0.told == stocksJSON } ?? true }

    /// Whether an order in that state is meant.
    func means(_ status: OrderStatus) -> Bool { self.status.map { $0 == status } ?? true }

    /// The query, with the text in front of it that sets it off; empty where nothing is said.
    var query: String {
        var parts: [String] = []
        if let status { parts.append("status=\(status.name)") }
        if let stocks { parts.append("stocks=\(stocks.encoded)") }
        if let limit { parts.append("limit=\(limit)") }
        if let after { parts.append("after=\(after)") }
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }

    /// The link to the page behind an order.
    func link(after id: Int) -> String {
        var next = self
        next.after = id
        return "</orders\(next.query)>; rel=\"next\""
    }
}
