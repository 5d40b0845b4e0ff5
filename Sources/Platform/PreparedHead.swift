import Bytes
import HTTP1

/// The head of the answer that is given most, up to the length of its body, as one run of bytes. It changes
/// once a second, with its date.
struct PreparedHead: ~Copyable {
    private let status: Status
    private var bytes = ByteWriter(capacity: 160)
    private var unixSeconds = Int64.min

    init(_ status: Status) { self.status = status }

    /// Appends a head for a JSON body of so many bytes, on a connection that stays open.
    @inline(__always)
    mutating func append(
        to output: inout ByteWriter, bodyBytes: Int, date: HTTPDate,
        unixSeconds: Int64
    ) {
        if unixSeconds != self.unixSeconds { prepare(date, unixSeconds) }
        output.append(bytes.unsafeBytes)
        output.append(decimal: bodyBytes)
    }

    private mutating func prepare(_ date: HTTPDate, _ unixSeconds: Int64) {
        self.unixSeconds = unixSeconds
        bytes.reset()
        bytes.beginResponse(status, date: date, persistence: .open)
        bytes.append("Content-Type: application/json\r\nContent-Length: ")
    }
}
