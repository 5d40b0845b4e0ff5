/// What Redis answers to a command (the Redis serialization protocol, version 2).
public enum RedisValue: Equatable, Sendable {
    /// There is nothing of that name, or nothing has come.
    case null
    /// A whole number.
    case integer(Int64)
    /// Bytes, or a word that tells a state such as `OK`.
    case text([UInt8])
    /// Values.
    case list([RedisValue])
    /// The command was not done, and why: a word in capitals, and what a person may want to know.
    case error(String)

    /// The values of a list.
    var elements: [RedisValue]? {
        if case .list(let values) = self { values } else { nil }
    }

    /// The bytes of a text.
    var bytes: [UInt8]? {
        if case .text(let bytes) = self { bytes } else { nil }
    }

    /// A number, or a text that is one in decimal digits.
    var number: Int64? {
        switch self {
        case .integer(let number): number
        case .text(let bytes): Int64(decimal: bytes[...])
        case .null, .list, .error: nil
        }
    }
}

extension Int64 {
    /// The number that digits stand for, with a minus in front or without; nil for everything else.
    init?(decimal text: ArraySlice<UInt8>) {
        var digits = text
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits = digits.dropFirst() }
        // Eighteen always fit, and nothing here has more.
        guard !digits.isEmpty, digits.count <= 18 else { return nil }
        var value: Int64 = 0
        for byte in digits {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        self = isNegative ? -value : value
    }
}
