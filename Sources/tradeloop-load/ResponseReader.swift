import Glibc

/// Tells responses apart in a stream of bytes: a load generator needs their ends and their statuses.
///
/// Responses of one server look alike, so the places of the last one's length and end are tried first.
struct ResponseReader {
    /// The stream is not HTTP.
    struct NotHTTP: Error {}

    private var headBytes = 0
    private var lengthOffset = 0

    /// Reads the response that begins at `offset`. Answers its status and moves `offset` behind it; nil where
    /// it has not arrived whole.
    mutating func next(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: inout Int) throws(NotHTTP) -> Int? {
        let rest = UnsafeBufferPointer(rebasing: bytes[offset...])
        guard rest.count >= 16 else { return nil }
        guard rest[0] == 0x48, rest[4] == 0x2F else { throw NotHTTP() }
        let status = Int(rest[9] &- 48) * 100 + Int(rest[10] &- 48) * 10 + Int(rest[11] &- 48)
        if !isLikeLast(rest) {
            guard let end = ResponseReader.find("\r\n\r\n", in: rest) else { return nil }
            headBytes = end + 4
            let head = UnsafeBufferPointer(rebasing: rest[..<headBytes])
            if status == 101 || status == 204 || status == 304 {
                offset += headBytes
                return status
            }
            if let field = ResponseReader.find("\r\ncontent-length: ", in: head) {
                lengthOffset = field + 18
            } else if ResponseReader.find("\r\ntransfer-encoding: chunked", in: head) != nil {
                lengthOffset = 0
                guard let end = ResponseReader.find("\r\n0\r\n\r\n", in: rest, from: headBytes - 2) else {
                    return nil
                }
                offset += end + 7
                return status
            } else {
                throw NotHTTP()
            }
        }
        var length = 0
        var at = lengthOffset
        while rest[at] &- 48 < 10 {
            length = length * 10 + Int(rest[at] &- 48)
            at += 1
        }
        guard rest.count >= headBytes + length else { return nil }
        offset += headBytes + length
        return status
    }

    private func isLikeLast(_ rest: UnsafeBufferPointer<UInt8>) -> Bool {
        guard lengthOffset > 0, rest.count >= headBytes else { return false }
        let end = rest.baseAddress! + headBytes - 4
        let field = rest.baseAddress! + lengthOffset - 16
        return memcmp(end, "\r\n\r\n", 4) == 0
            && strncasecmp(
                UnsafeRawPointer(field).assumingMemoryBound(to: CChar.self), "content-length: ", 16) == 0
    }

    /// The offset of a text, whatever the case of its letters.
    private static func find(
        _ text: StaticString, in bytes: UnsafeBufferPointer<UInt8>, from start: Int = 0
    ) -> Int? {
        let count = text.utf8CodeUnitCount
        guard bytes.count >= count else { return nil }
        let wanted = UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
        let base = UnsafeRawPointer(bytes.baseAddress!).assumingMemoryBound(to: CChar.self)
        for offset in start..<max(start, bytes.count - count + 1)
        where bytes[offset] == text.utf8Start[0] && strncasecmp(base + offset, wanted, count) == 0 {
            return offset
        }
        return nil
    }
}
