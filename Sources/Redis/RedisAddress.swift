/// Where a Redis is, and how to be let in: `redis://user:password@host:port/database`.
public struct RedisAddress: Equatable, Sendable {
    /// A name, an IPv4 address, or an IPv6 address without its brackets.
    public var host = "127.0.0.1"
    /// The port.
    public var port: UInt16 = 6379
    /// The user that the password is of; nil for the one that has no name.
    public var user: String?
    /// The password, where there is one.
    public var password: String?
    /// The number of the database.
    public var database = 0

    /// Why a text is no address: the part of it that is wrong, and what it should be.
    public struct Fault: Error, CustomStringConvertible {
        /// A part of a sentence: `must …`.
        public let description: String
    }

    /// Reads an address (the `redis` URI scheme as registered with IANA).
    public init(_ text: String) throws(Fault) {
        let wanted = "must be like redis://user:password@host:6379/0"
        guard !text.hasPrefix("rediss://") else {
            throw Fault(
                description:
                    "must be redis://, as this server does not speak TLS to Redis: put a tunnel between")
        }
        guard text.hasPrefix("redis://") else { throw Fault(description: wanted) }
        var rest = text.dropFirst("redis://".count)
        // What is quoted must be no part of a password.
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw Fault(description: "\(wanted), without a '?' or a '#'; in a password they are %3F and %23")
        }
        if let slash = rest.firstIndex(of: "/") {
            let path = rest[rest.index(after: slash)...]
            rest = rest[..<slash]
            guard !path.contains("@") else {
                throw Fault(description: "\(wanted); a '/' in a password is %2F")
            }
            guard path.isEmpty || path.allSatisfy(\.isASCIIDigit), path.count <= 6 else {
                throw Fault(description: "\(wanted); '\(path)' is not the number of a database")
            }
            database = Int(path) ?? 0
        }
        if let at = rest.lastIndex(of: "@") {
            try readUser(rest[..<at], wanted)
            rest = rest[rest.index(after: at)...]
        }
        try readHost(rest, wanted)
    }

    private mutating func readUser(_ text: Substring, _ wanted: String) throws(Fault) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let name = Self.decoded(parts[0]), let word = Self.decoded(parts[1]) else {
            throw Fault(description: "\(wanted), with a colon between user and password")
        }
        user = name.isEmpty ? nil : name
        password = word
    }

    private mutating func readHost(_ text: Substring, _ wanted: String) throws(Fault) {
        var name = text
        var digits: Substring?
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            name = text[text.index(after: text.startIndex)..<end]
            let behind = text[text.index(after: end)...]
            guard behind.isEmpty || behind.hasPrefix(":") else { throw Fault(description: wanted) }
            digits = behind.isEmpty ? nil : behind.dropFirst()
        } else if let colon = text.lastIndex(of: ":") {
            name = text[..<colon]
            digits = text[text.index(after: colon)...]
        }
        if let digits {
            guard digits.allSatisfy(\.isASCIIDigit), let number = UInt16(digits), number > 0 else {
                throw Fault(description: "\(wanted); '\(digits)' is not a port")
            }
            port = number
        }
        guard !name.contains(where: { " @/[]".contains($0) }) else {
            throw Fault(description: wanted)
        }
        if !name.isEmpty { host = String(name) }
    }

    /// A text without its percent signs; nil where one of them is wrong.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                rest.count >= 2
            else { return nil }
            rest = rest.dropFirst(2)
            bytes.append(code)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The address as it may be shown: without its password.
    public var shown: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "redis://\(name):\(port)/\(database)"
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
