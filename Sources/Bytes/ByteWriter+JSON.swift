extension ByteWriter {
    /// Appends a JSON string with its quotes (RFC 8259 section 7). The bytes are UTF-8 and stay so: only
    /// quotes, backslashes and control characters are escaped.
    @inlinable
    public mutating func append(jsonString text: UnsafeBufferPointer<UInt8>) {
        if ByteWriter.isPlain(text) {
            append(count: text.count &+ 2) { target in
                target[0] = ASCII.quote
                if let source = text.baseAddress { (target + 1).update(from: source, count: text.count) }
                target[text.count &+ 1] = ASCII.quote
            }
            return
        }
        append(ASCII.quote)
        var start = 0
        for offset in 0..<text.count where ByteWriter.isEscaped(text[offset]) {
            append(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: text[start..<offset])))
            appendEscape(text[offset])
            start = offset &+ 1
        }
        append(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: text[start...])))
        append(ASCII.quote)
    }

    /// Appends a text as a JSON string with its quotes.
    public mutating func append(jsonString text: String) {
        var text = text
        text.withUTF8 { append(jsonString: $0) }
    }

    /// How long a text is as a JSON string, with its quotes.
    @inlinable
    public static func jsonStringByteCount(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        if isPlain(text) { return 2 &+ text.count }
        var count = 2 &+ text.count
        for byte in text where isEscaped(byte) { count &+= escapeByteCount(byte) &- 1 }
        return count
    }

    /// Whether nothing in a text has to be escaped in a JSON string. A word at a step; the last one overlaps
    /// the one before it.
    @inlinable @inline(__always)
    public static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let bytes = UnsafeRawBufferPointer(text)
        guard bytes.count >= 8 else {
            guard bytes.count >= 4 else { return !text.contains(where: isEscaped) }
            let first = bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
            let last = bytes.loadUnaligned(fromByteOffset: bytes.count &- 4, as: UInt32.self)
            return isPlain(UInt64(first) | UInt64(last) &<< 32)
        }
        var offset = 0
        while offset &+ 8 < bytes.count {
            guard isPlain(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) else { return false }
            offset &+= 8
        }
        return isPlain(bytes.loadUnaligned(fromByteOffset: bytes.count &- 8, as: UInt64.self))
    }

    /// Whether none of eight bytes has to be escaped.
    @inlinable @inline(__always)
    static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* UInt64(ASCII.quote))
        let backslashes = word ^ (ones &* UInt64(ASCII.backslash))
        // A borrow sets the high bit of each byte that is less than what is taken from it: exact for the
        // lowest that is, which is all that matters here. Bytes that are not ASCII have theirs already.
        let controls = (word &- ones &* 0x20) & ~word
        let found = controls | (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes
        return found & (ones &* 0x80) == 0
    }

    @inlinable @inline(__always)
    static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == ASCII.quote || byte == ASCII.backslash
    }

    @usableFromInline
    static func escapeByteCount(_ byte: UInt8) -> Int {
        shortEscape(byte) == nil ? 6 : 2
    }

    private static func shortEscape(_ byte: UInt8) -> UInt8? {
        switch byte {
        case ASCII.quote, ASCII.backslash: byte
        case 0x08: 0x62
        case 0x09: 0x74
        case 0x0A: 0x6E
        case 0x0C: 0x66
        case 0x0D: 0x72
        default: nil
        }
    }

    @usableFromInline
    mutating func appendEscape(_ byte: UInt8) {
        append(ASCII.backslash)
        if let short = ByteWriter.shortEscape(byte) {
            append(short)
            return
        }
        append("u00")
        for digit in [byte >> 4, byte & 0xF] {
            append(digit < 10 ? ASCII.zero + digit : 0x57 + digit)
        }
    }
}
