import Bytes
import HTTP1

/// The beginning of the head of an answer that is given often, on a connection that stays open and with a
/// JSON body: one run of bytes that changes once a second, with its date.
struct PreparedHead: ~Copyable {
    private let status: Status
    private var bytes = ByteWriter(capacity: 160)
    /// The last length, in digits: most answers are as long as the one before.
    private var length = DecimalText(0)

    init(_ status: Status, date: HTTPDate) {
        self.status = status
        update(date)
    }

    mutating func update(_ date: HTTPDate) {
        bytes.reset()
        bytes.beginResponse(status, date: date, persistence: .open)
        bytes.append("Content-Type: application/json\r\nContent-Length: ")
    }

    mutating func append(bodyBytes: Int, to output: inout ByteWriter) {
        if length.value != UInt64(bodyBytes) { length = DecimalText(UInt64(bodyBytes)) }
        output.append(atMost: bytes.count &+ length.count &+ 2) { cursor in
            cursor.append(bytes.unsafeBytes)
            cursor.append(length)
            cursor.append("\r\n")
        }
    }
}
