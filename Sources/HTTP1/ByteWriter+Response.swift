import Bytes

extension ByteWriter {
    /// Begins a response: status line, `Date`, and what has to be said of the connection (RFC 9112 section
    /// 4).
    public mutating func beginResponse(_ status: Status, date: HTTPDate, persistence: Persistence) {
        append("HTTP/1.1 ")
        append(decimal: status.rawValue)
        append(ASCII.space)
        append(status.reasonPhrase)
        append("\r\nDate: ")
        date.append(to: &self)
        append("\r\n")
        switch persistence {
        case .open: break
        case .openOnRequest: append("Connection: keep-alive\r\n")
        case .closes: append("Connection: close\r\n")
        }
    }

    /// Ends the head of a response with a body of known length.
    public mutating func endHead(contentType: StaticString, contentLength: Int) {
        append("Content-Type: ")
        append(contentType)
        append("\r\nContent-Length: ")
        append(decimal: contentLength)
        append("\r\n\r\n")
    }

    /// Ends the head of a response that has no body by its status (RFC 9110 section 6.4.1).
    public mutating func endHead() {
        append("\r\n")
    }
}
