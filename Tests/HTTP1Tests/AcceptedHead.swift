import HTTP1
import Testing

/// A request's head and what it says.
struct AcceptedHead: Sendable, CustomTestStringConvertible {
    let text: String
    let reading: Reading

    init(_ text: String, _ reading: Reading = Reading()) {
        self.text = text
        self.reading = reading
    }

    /// A head of a request line and `Host: a`.
    static func line(_ line: String, _ reading: Reading) -> AcceptedHead {
        AcceptedHead(line + "\r\nHost: a\r\n\r\n", reading)
    }

    /// A plain `GET /` with more fields.
    static func fields(_ lines: String..., reading: Reading = Reading()) -> AcceptedHead {
        let fields = lines.map { $0 + "\r\n" }.joined()
        return AcceptedHead("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n", reading)
    }

    var bytes: [UInt8] { Array(text.utf8) }

    var testDescription: String { text.count < 200 ? text.debugDescription : "\(text.count) characters" }
}
