import HTTP1
import Testing

/// A request's head and the status that it is refused with.
struct RefusedHead: Sendable, CustomTestStringConvertible {
    let status: Status
    let text: String

    init(_ status: Status, _ text: String) {
        self.status = status
        self.text = text
    }

    /// A head of a request line and `Host: a`.
    static func line(_ line: String, status: Status = .badRequest) -> RefusedHead {
        RefusedHead(status, line + "\r\nHost: a\r\n\r\n")
    }

    /// A `POST /` with more fields.
    static func fields(_ lines: String..., status: Status = .badRequest) -> RefusedHead {
        RefusedHead(status, "POST / HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n")
    }

    var bytes: [UInt8] { Array(text.utf8) }

    var testDescription: String { "\(status.rawValue) \(text.debugDescription)" }
}
