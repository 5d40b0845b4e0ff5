/// Base64 with the standard alphabet and padding (RFC 4648 section 4).
public enum Base64 {
    private static let padding: UInt8 = 0x3D

    /// Appends the encoding of `bytes`: four characters for every three bytes begun.
    public static func append(_ bytes: Span<UInt8>, to writer: inout ByteWriter) {
        writer.reserve((bytes.count + 2) / 3 * 4)
        var offset = 0
        while offset < bytes.count {
            let present = min(3, bytes.count - offset)
            var group = UInt32(bytes[offset]) << 16
            if present > 1 { group |= UInt32(bytes[offset + 1]) << 8 }
            if present > 2 { group |= UInt32(bytes[offset + 2]) }
            writer.append(character(group >> 18))
            writer.append(character(group >> 12))
            writer.append(present > 1 ? character(group >> 6) : padding)
            writer.append(present > 2 ? character(group) : padding)
            offset += 3
        }
    }

    /// How many bytes a text decodes to, or nil where it is not Base64: a character outside the alphabet, a
    /// length that is no multiple of four, padding elsewhere than at the end or more than two of it.
    ///
    /// Bits that the padding leaves over may have any value: RFC 4648 section 3.5 lets a decoder take them,
    /// and people type keys by hand.
    public static func decodedCount(_ text: Span<UInt8>) -> Int? {
        guard text.count % 4 == 0 else { return nil }
        var characters = text.count
        while characters > 0, text.count - characters < 2, text[characters - 1] == padding { characters -= 1 }
        for index in 0..<characters where !isCharacter(text[index]) { return nil }
        return characters * 3 / 4
    }

    /// The character for the lowest six bits.
    private static func character(_ bits: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: bits & 0x3F)
        return switch value {
        case 0..<26: value + 0x41
        case 26..<52: value - 26 + 0x61
        case 52..<62: value - 52 + ASCII.zero
        case 62: 0x2B
        default: ASCII.slash
        }
    }

    private static func isCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2B, ASCII.slash: true
        default: false
        }
    }
}
