/// Reads responses strictly (RFC 9112 sections 4 and 6.3).
struct ResponseReader {
    let bytes: [UInt8]
    /// Whether the connection has ended, so that a body without a length has too.
    let isAtEnd: Bool

    private enum Fault: Error {
        case incomplete
        case malformed(String)
    }

    /// Reads the response at `offset`, which it moves past it only where it is whole.
    func read(_ offset: inout Int, toHead: Bool) -> Response {
        var at = offset
        do throws(Fault) {
            let response = try readWhole(&at, toHead: toHead)
            offset = at
            return response
        } catch .incomplete {
            return Response()
        } catch {
            var response = Response()
            response.status = -1
            response.reason = "\(error)"
            return response
        }
    }

    private func readWhole(_ at: inout Int, toHead: Bool) throws(Fault) -> Response {
        let statusLine = try line(&at)
        guard statusLine.hasPrefix("HTTP/1.1 "), let status = Int(statusLine.dropFirst(9).prefix(3)),
            statusLine.dropFirst(12).first == " "
        else { throw .malformed("no status line: \(statusLine)") }
        var response = Response()
        response.status = status
        response.reason = String(statusLine.dropFirst(13))
        while true {
            let field = try line(&at)
            if field.isEmpty { break }
            guard let colon = field.firstIndex(of: ":") else { throw .malformed("no field: \(field)") }
            response.fields.append(
                .init(
                    name: String(field[..<colon]),
                    value: String(field[field.index(after: colon)...].drop { $0 == " " })))
        }
        let hasNoBody = toHead || status < 200 || status == 204 || status == 304
        if hasNoBody { return response }
        if response["Transfer-Encoding"] == "chunked" {
            guard response["Content-Length"] == nil else { throw .malformed("two framings") }
            try readChunks(&at, into: &response)
        } else if let text = response["Content-Length"] {
            guard let length = Int(text) else { throw .malformed("no length: \(text)") }
            response.body = try take(length, &at)
        } else {
            guard isAtEnd else { throw .incomplete }
            response.body = Array(bytes[at...])
            at = bytes.count
        }
        return response
    }

    private func readChunks(_ at: inout Int, into response: inout Response) throws(Fault) {
        var sizes: [Int] = []
        while true {
            let text = try line(&at)
            guard let size = Int(text, radix: 16) else { throw .malformed("no chunk size: \(text)") }
            sizes.append(size)
            response.body += try take(size, &at)
            guard try line(&at).isEmpty else { throw .malformed("a chunk that does not end") }
            if size == 0 { break }
        }
        response.chunkSizes = sizes
    }

    private func take(_ count: Int, _ at: inout Int) throws(Fault) -> [UInt8] {
        guard count <= bytes.count - at else { throw .incomplete }
        defer { at += count }
        return Array(bytes[at..<at + count])
    }

    /// A line without its line end, which has to be CR LF.
    private func line(_ at: inout Int) throws(Fault) -> String {
        guard let end = bytes[at...].firstIndex(of: 0x0A) else { throw .incomplete }
        guard end > at, bytes[end - 1] == 0x0D else { throw .malformed("a line feed alone") }
        defer { at = end + 1 }
        return String(decoding: bytes[at..<end - 1], as: UTF8.self)
    }
}
