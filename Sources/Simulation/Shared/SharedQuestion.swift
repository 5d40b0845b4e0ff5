/// What a trader has asked, and from when on an answer to it may be right.
struct SharedQuestion {
    /// What is asked.
    enum Kind {
        case place(text: String, delayMilliseconds: Int?, key: String?)
        case show(id: Int64, row: String?, tag: String?)
        case cancel(id: Int64)
        case list(status: String?, text: String?, limit: Int?, after: Int64)
        case cancelAll(text: String?)
        case health
    }

    let kind: Kind
    let tick: Int
    let nanoseconds: UInt64
    /// Whether nobody else has had orders cancelled meanwhile.
    var isAlone = true

    /// Whether it may cancel an order of a text.
    func mayCancel(_ order: Int64, _ text: String) -> Bool {
        switch kind {
        case .cancel(let id): id == order
        case .cancelAll(let wanted): wanted.map { $0 == text } ?? true
        default: false
        }
    }

    /// Whether it has orders cancelled.
    var cancels: Bool {
        switch kind {
        case .cancel, .cancelAll: true
        default: false
        }
    }

    /// The request.
    var request: String {
        let end = " HTTP/1.1\r\nHost: localhost\r\n"
        switch kind {
        case .place(let text, let delay, let key):
            let body = "{\"stocks\": \"\(text)\", \"quantity\": 7}"
            let delayField = delay.map { "Execution-Delay-Ms: \($0)\r\n" } ?? ""
            let keyField = key.map { "Idempotency-Key: \($0)\r\n" } ?? ""
            return "POST /orders\(end)\(delayField)\(keyField)Content-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        case .show(let id, _, let tag):
            let field = tag.map { "If-None-Match: \($0)\r\n" } ?? ""
            return "GET /orders/\(id)\(end)\(field)\r\n"
        case .cancel(let id):
            return "DELETE /orders/\(id)\(end)\r\n"
        case .list(let status, let text, let limit, let after):
            let parts = [
                status.map { "status=\($0)" }, text.map { "stocks=\($0)" }, limit.map { "limit=\($0)" },
                after > 0 ? "after=\(after)" : nil,
            ]
            let query = parts.compactMap { $0 }.joined(separator: "&")
            return "GET /orders\(query.isEmpty ? "" : "?\(query)")\(end)\r\n"
        case .cancelAll(let text):
            return "DELETE /orders?status=PENDING\(text.map { "&stocks=\($0)" } ?? "")\(end)\r\n"
        case .health:
            return "GET /health\(end)\r\n"
        }
    }
}
