import HTTP1
import Testing

@Suite struct StatusTests {
    /// The registered phrases (RFC 9110 section 15, RFC 6585 section 5).
    private static let phrases: [UInt16: String] = [
        101: "Switching Protocols", 200: "OK", 201: "Created", 204: "No Content",
        304: "Not Modified", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict", 410: "Gone",
        413: "Content Too Large", 414: "URI Too Long", 417: "Expectation Failed",
        421: "Misdirected Request", 422: "Unprocessable Content", 426: "Upgrade Required",
        431: "Request Header Fields Too Large", 501: "Not Implemented", 503: "Service Unavailable",
        504: "Gateway Timeout", 505: "HTTP Version Not Supported",
    ]

    @Test func hasTheStandardsPhrases() {
        var found: [UInt16: String] = [:]
        for code in UInt16.min...UInt16.max {
            guard let status = Status(rawValue: code) else { continue }
            found[code] = "\(status.reasonPhrase)"
        }
        #expect(found == Self.phrases)
    }

    @Test func countsAreThoseOfTheCases() {
        #expect(Status.count == Status.allCases.count)
        #expect(Method.count == Method.allCases.count)
    }

    @Test func everyStatusKnowsItsPlaceAndItsDigits() {
        for (index, status) in Status.allCases.enumerated() {
            #expect(status.index == index)
            #expect("\(status.digits)" == "\(status.rawValue)")
        }
    }
}
