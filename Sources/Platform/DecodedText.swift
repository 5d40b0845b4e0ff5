import Bytes

/// A JSON string's text as far as an order has room for it. Longer texts are counted to their end, so that
/// the answer can name their length.
struct DecodedText {
    /// What is kept: the first ``keptCount`` bytes of the text.
    private(set) var bytes = InlineArray<64, UInt8>(repeating: 0)
    /// The length of the text in bytes of UTF-8, also where it is longer than what is kept.
    private(set) var byteCount = 0
    /// The text holds half of a surrogate pair, which UTF-8 cannot.
    private(set) var hasLoneSurrogate = false

    mutating func append(_ byte: UInt8) {
        if byteCount < bytes.count { bytes[byteCount] = byte }
        byteCount += 1
    }

    /// Appends a scalar as UTF-8; nil for a lone surrogate.
    mutating func append(_ scalar: UInt32?) {
        guard let scalar else {
            hasLoneSurrogate = true
            return
        }
        switch scalar {
        case 0..<0x80:
            append(UInt8(scalar))
        case 0x80..<0x800:
            append(UInt8(0xC0 | scalar >> 6))
            append(UInt8(0x80 | scalar & 0x3F))
        case 0x800..<0x10000:
            append(UInt8(0xE0 | scalar >> 12))
            append(UInt8(0x80 | scalar >> 6 & 0x3F))
            append(UInt8(0x80 | scalar & 0x3F))
        default:
            append(UInt8(0xF0 | scalar >> 18))
            append(UInt8(0x80 | scalar >> 12 & 0x3F))
            append(UInt8(0x80 | scalar >> 6 & 0x3F))
            append(UInt8(0x80 | scalar & 0x3F))
        }
    }

    /// How many of the bytes are kept.
    var keptCount: Int { min(byteCount, bytes.count) }

    /// Whether the text is that of a literal.
    func equals(_ literal: StaticString) -> Bool {
        !hasLoneSurrogate && byteCount <= bytes.count && bytes.span.extracting(0..<keptCount).equals(literal)
    }

    /// The text for a message: what is kept of it, with a mark where it was cut.
    var description: String {
        let text = bytes.span.extracting(0..<keptCount)
        return text.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
            + (byteCount > bytes.count ? "…" : "")
    }
}
