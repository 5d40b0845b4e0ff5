/// A response's status code (RFC 9110 section 15).
public enum Status: UInt16, CaseIterable, Sendable {
    case switchingProtocols = 101
    case ok = 200
    case created = 201
    case noContent = 204
    case notModified = 304
    case badRequest = 400
    case forbidden = 403
    case notFound = 404
    case methodNotAllowed = 405
    case requestTimeout = 408
    case conflict = 409
    case gone = 410
    case contentTooLarge = 413
    case uriTooLong = 414
    case expectationFailed = 417
    case misdirectedRequest = 421
    case unprocessableContent = 422
    case upgradeRequired = 426
    case requestHeaderFieldsTooLarge = 431
    case notImplemented = 501
    case serviceUnavailable = 503
    case gatewayTimeout = 504
    case httpVersionNotSupported = 505

    /// How many statuses there are: ``allCases`` would make an array each time that it is asked.
    @inlinable
    public static var count: Int { 23 }

    /// The place of the status among ``allCases``, for tables.
    @inlinable
    public var index: Int {
        // The compiler sees that these are the cases' own numbers; a search would cost every answer.
        switch self {
        case .switchingProtocols: 0
        case .ok: 1
        case .created: 2
        case .noContent: 3
        case .notModified: 4
        case .badRequest: 5
        case .forbidden: 6
        case .notFound: 7
        case .methodNotAllowed: 8
        case .requestTimeout: 9
        case .conflict: 10
        case .gone: 11
        case .contentTooLarge: 12
        case .uriTooLong: 13
        case .expectationFailed: 14
        case .misdirectedRequest: 15
        case .unprocessableContent: 16
        case .upgradeRequired: 17
        case .requestHeaderFieldsTooLarge: 18
        case .notImplemented: 19
        case .serviceUnavailable: 20
        case .gatewayTimeout: 21
        case .httpVersionNotSupported: 22
        }
    }

    /// The code in digits.
    public var digits: StaticString {
        switch self {
        case .switchingProtocols: "101"
        case .ok: "200"
        case .created: "201"
        case .noContent: "204"
        case .notModified: "304"
        case .badRequest: "400"
        case .forbidden: "403"
        case .notFound: "404"
        case .methodNotAllowed: "405"
        case .requestTimeout: "408"
        case .conflict: "409"
        case .gone: "410"
        case .contentTooLarge: "413"
        case .uriTooLong: "414"
        case .expectationFailed: "417"
        case .misdirectedRequest: "421"
        case .unprocessableContent: "422"
        case .upgradeRequired: "426"
        case .requestHeaderFieldsTooLarge: "431"
        case .notImplemented: "501"
        case .serviceUnavailable: "503"
        case .gatewayTimeout: "504"
        case .httpVersionNotSupported: "505"
        }
    }

    /// The standard's phrase for it.
    public var reasonPhrase: StaticString {
        switch self {
        case .switchingProtocols: "Switching Protocols"
        case .ok: "OK"
        case .created: "Created"
        case .noContent: "No Content"
        case .notModified: "Not Modified"
        case .badRequest: "Bad Request"
        case .forbidden: "Forbidden"
        case .notFound: "Not Found"
        case .methodNotAllowed: "Method Not Allowed"
        case .requestTimeout: "Request Timeout"
        case .conflict: "Conflict"
        case .gone: "Gone"
        case .contentTooLarge: "Content Too Large"
        case .uriTooLong: "URI Too Long"
        case .expectationFailed: "Expectation Failed"
        case .misdirectedRequest: "Misdirected Request"
        case .unprocessableContent: "Unprocessable Content"
        case .upgradeRequired: "Upgrade Required"
        case .requestHeaderFieldsTooLarge: "Request Header Fields Too Large"
        case .notImplemented: "Not Implemented"
        case .serviceUnavailable: "Service Unavailable"
        case .gatewayTimeout: "Gateway Timeout"
        case .httpVersionNotSupported: "HTTP Version Not Supported"
        }
    }
}
