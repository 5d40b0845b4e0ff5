import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A client's end of a connection: blocking, as the server has a thread of its own.
final class Wire {
    /// The connection failed, or was silent for a minute.
    struct Failure: Error {
        let what: String
    }

    private let descriptor: Int32
    private var input: [UInt8] = []

    /// A connection to a port on 127.0.0.1.
    init(port: UInt16) throws {
        #if canImport(Darwin)
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafeBytes(of: &address) { bytes in
            connect(
                descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self),
                socklen_t(bytes.count))
        }
        if result != 0 { throw Failure(what: "connect: \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress!, $0.count) }
            guard count > 0 else { throw Failure(what: "write: \(String(cString: strerror(errno)))") }
            rest = rest.dropFirst(count)
        }
    }

    /// Waits for more input; answers false at its end.
    private func fill() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &buffer, buffer.count)
        guard count >= 0 else { throw Failure(what: "read: \(String(cString: strerror(errno)))") }
        input += buffer[..<count]
        return count > 0
    }

    /// Waits until the server has closed the connection; answers what came before.
    func end() throws -> String {
        while try fill() {}
        return String(decoding: input, as: UTF8.self)
    }

    /// The status and the body of the next answer.
    func response() throws -> (status: Int, body: String) {
        let headEnd = Array("\r\n\r\n".utf8)
        while true {
            if let end = input.firstRange(of: headEnd) {
                let lines = String(decoding: input[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
                let length = lines.first { $0.hasPrefix("Content-Length: ") }.flatMap {
                    Int($0.dropFirst("Content-Length: ".count))
                }
                let bodyEnd = end.upperBound + (length ?? 0)
                if input.count >= bodyEnd {
                    let body = String(decoding: input[end.upperBound..<bodyEnd], as: UTF8.self)
                    input.removeFirst(bodyEnd)
                    return (Int(lines[0].split(separator: " ")[1]) ?? 0, body)
                }
            }
            guard try fill() else { throw Failure(what: "the answer was cut off") }
        }
    }

    /// Sends a request and waits for its answer.
    @discardableResult
    func exchange(_ request: String, _ body: String = "", fields: String = "") throws -> (
        status: Int, body: String
    ) {
        try send(Wire.request(request, body, fields: fields))
        return try response()
    }

    static func request(_ request: String, _ body: String = "", fields: String = "") -> String {
        "\(request) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    /// An order, as it is posted.
    static let order = #"{"stocks":"AAPL","quantity":10}"#

    /// Places an order and waits for the answer.
    func placeOrder() throws {
        let answer = try exchange("POST /orders", Wire.order)
        guard answer.status == 201 else { throw Failure(what: "POST: \(answer)") }
    }
}
