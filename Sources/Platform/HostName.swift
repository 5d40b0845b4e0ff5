import Bytes
import HTTP1

/// What the names of hosts say.
enum HostName {
    /// Whether a host without its port is this machine by its name: `localhost` and names under it
    /// (RFC 6761 section 6.3), 127.0.0.0/8, `[::1]`.
    static func isLoopback(_ host: Span<UInt8>) -> Bool {
        if host.equalsLowercase("localhost") || host.equals("[::1]") { return true }
        if host.count > 10, host.extracting(host.count - 10..<host.count).equalsLowercase(".localhost") {
            return true
        }
        return isLoopbackVersion4(host)
    }

    private static func isLoopbackVersion4(_ host: Span<UInt8>) -> Bool {
        guard host.count > 4, host.extracting(0..<4).equals("127.") else { return false }
        var dots = 0
        var digits = 0
        var value = 0
        for offset in 0..<host.count {
            let byte = host[offset]
            if ASCII.isDigit(byte) {
                digits += 1
                value = value * 10 + Int(byte - ASCII.zero)
                guard digits <= 3, value <= 255 else { return false }
            } else {
                // A name such as 127.evil.example is not an address.
                guard byte == 0x2E, digits > 0 else { return false }
                dots += 1
                digits = 0
                value = 0
            }
        }
        return dots == 3 && digits > 0
    }

    /// Whether two hosts with their ports are the same, whatever the case of their letters.
    static func areEqual(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
        guard one.count == other.count else { return false }
        for offset in 0..<one.count where ASCII.lowercased(one[offset]) != ASCII.lowercased(other[offset]) {
            return false
        }
        return true
    }
}
