import Bytes

/// A host with an optional port, as in `Host` and in a URL (RFC 3986 section 3.2, RFC 9110 section 7.2).
public enum Authority {
    /// Whether the bytes are a host, `host:port`, `[address]` or `[address]:port`, without user information.
    public static func isValid(_ bytes: Span<UInt8>) -> Bool {
        guard let hostEnd = hostEnd(bytes), hostEnd > 0 else { return false }
        guard hostEnd < bytes.count else { return true }
        var port = 0
        var at = hostEnd &+ 1
        while at < bytes.count {
            guard ASCII.isDigit(bytes[at]) else { return false }
            port = port &* 10 &+ Int(bytes[at] &- ASCII.zero)
            guard port <= UInt16.max else { return false }
            at &+= 1
        }
        return true
    }

    /// Where the host ends: at the colon before the port, or at the end. Nil where a byte is not a host's.
    public static func hostEnd(_ bytes: Span<UInt8>) -> Int? {
        var at = 0
        if bytes.count > 0, bytes[0] == 0x5B {
            // An address in brackets: hexadecimal digits, colons, and dots for an embedded IPv4 address.
            at = 1
            while at < bytes.count, bytes[at] != 0x5D {
                let byte = bytes[at]
                guard ASCII.hexValue(byte) != nil || byte == ASCII.colon || byte == 0x2E else { return nil }
                at &+= 1
            }
            guard at < bytes.count, at > 2 else { return nil }
            at &+= 1
            return at == bytes.count || bytes[at] == ASCII.colon ? at : nil
        }
        while at < bytes.count, bytes[at] != ASCII.colon {
            guard ByteClass.isHost(bytes[at]) else { return nil }
            at &+= 1
        }
        return at
    }
}
