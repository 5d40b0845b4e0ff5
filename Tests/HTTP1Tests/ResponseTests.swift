import Bytes
import HTTP1
import Testing

@Suite struct ResponseTests {
    private static let date = HTTPDate(unixSeconds: 784_111_777)

    private static func written(_ body: (inout ByteWriter) -> Void) -> String {
        var writer = ByteWriter()
        body(&writer)
        return writer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test func writesHeads() {
        Self.expectHeads(.open, connection: "")
        Self.expectHeads(.openOnRequest, connection: "Connection: keep-alive\r\n")
        Self.expectHeads(.closes, connection: "Connection: close\r\n")
    }

    private static func expectHeads(_ persistence: Persistence, connection: String) {
        let withBody = written {
            $0.beginResponse(.ok, date: date, persistence: persistence)
            $0.endHead(contentType: "application/json", contentLength: 12_345)
        }
        #expect(
            withBody == "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n" + connection
                + "Content-Type: application/json\r\nContent-Length: 12345\r\n\r\n")

        let withoutBody = written {
            $0.beginResponse(.noContent, date: date, persistence: persistence)
            $0.append("Allow: GET\r\n")
            $0.endHead()
        }
        #expect(
            withoutBody == "HTTP/1.1 204 No Content\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n" + connection
                + "Allow: GET\r\n\r\n")
    }

    /// A body of no bytes has a length too (RFC 9110 section 8.6).
    @Test func writesAnEmptyBodysLength() {
        let head = Self.written { $0.endHead(contentType: "text/html", contentLength: 0) }
        #expect(head == "Content-Type: text/html\r\nContent-Length: 0\r\n\r\n")
    }

    @Test func appendsToWhatIsThere() {
        let batch = Self.written {
            for status in [Status.created, .requestHeaderFieldsTooLarge] {
                $0.beginResponse(status, date: Self.date, persistence: .open)
                $0.endHead()
            }
        }
        let date = "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"
        #expect(
            batch == "HTTP/1.1 201 Created" + date + "HTTP/1.1 431 Request Header Fields Too Large" + date)
    }
}
