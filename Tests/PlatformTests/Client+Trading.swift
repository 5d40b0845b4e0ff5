import TestKit

/// What a trader says.
extension Client {
    func get(_ path: String, fields: String = "") -> Response {
        exchange("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n")
    }

    func post(_ body: String, fields: String = "") -> Response {
        exchange(Client.post(body, fields: fields))
    }

    func delete(_ path: String, fields: String = "") -> Response {
        exchange("DELETE \(path) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n")
    }

    static func post(_ body: String, fields: String = "") -> String {
        "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    /// An order that nothing is wrong with.
    static let order = post(#"{"stocks":"AAPL","quantity":10}"#)
}
