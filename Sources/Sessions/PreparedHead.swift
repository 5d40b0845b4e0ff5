import Bytes
import HTTP1

/// The beginning of the head of an answer that is given often, on a connection that stays open and with a
/// JSON body: one run of bytes that changes once a second, with its date.
struct PreparedHead: ~Copyable {
    private let status: Status
    private var bytes = ByteWriter(capacity: 160)

    init(_ status: Status, date: HTTPDate) {
        self.status = status
        update(date)
    }

    mutating func update(_ date: HTTPDate) {
        bytes.reset()
        bytes.beginResponse(status, date: date, persistence: .open)
        bytes.append("Content-Type: application/json\r\nContent-Length: ")
    }

    func append(bodyBytes: Int, to output: inout ByteWriter) {
        let length = UInt64(bodyBytes)
        let digits = decimalDigitCount(length)
        output.append(atMost: bytes.count &+ digits &+ 2) { cursor in
            cursor.append(bytes.unsafeBytes)
            cursor.append(decimal: length, digits: digits)
            cursor.append("\r\n")
        }
    }
}
