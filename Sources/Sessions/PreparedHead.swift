import Bytes
import HTTP1

/// The head of the answer that is given most, 200 with a JSON body on a connection that stays open, up to the
/// length of the body: one run of bytes that changes once a second, with its date.
struct PreparedHead: ~Copyable {
    private var bytes = ByteWriter(capacity: 160)

    init(date: HTTPDate) { update(date) }

    mutating func update(_ date: HTTPDate) {
        bytes.reset()
        bytes.beginResponse(.ok, date: date, persistence: .open)
        bytes.append("Content-Type: application/json\r\nContent-Length: ")
    }

    func append(bodyBytes: Int, to output: inout ByteWriter) {
        output.append(bytes.unsafeBytes)
        output.append(decimal: bodyBytes)
        output.append("\r\n\r\n")
    }
}
