import Bytes

/// Reads JSON text strictly (RFC 8259), over borrowed bytes that are known to be UTF-8, and keeps nothing.
struct JSONReader {
    /// The text is not JSON, or nested too deep; `offset` is where that shows.
    struct SyntaxError: Error {
        let offset: Int
        var isTooDeep = false
    }

    /// What a value is, by its first byte.
    enum Kind {
        case object, array, string, number, boolean, null
    }

    /// How deep values may be nested, so that a small text cannot use up the stack.
    static let depthMax = 64

    /// Where the reader is.
    private(set) var offset = 0

    mutating func skipBlanks(_ text: Span<UInt8>) {
        while offset < text.count {
            switch text[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset &+= 1
            default: return
            }
        }
    }

    /// Passes over one byte if it is the next, and says whether it was.
    mutating func take(_ byte: UInt8, _ text: Span<UInt8>) -> Bool {
        guard offset < text.count, text[offset] == byte else { return false }
        offset &+= 1
        return true
    }

    /// Passes over the bytes of a literal if they come next, and says whether they did.
    @inline(__always)
    mutating func take(_ literal: StaticString, _ text: Span<UInt8>) -> Bool {
        let end = offset &+ literal.utf8CodeUnitCount
        guard end <= text.count, text.extracting(offset..<end).equals(literal) else { return false }
        offset = end
        return true
    }

    mutating func require(_ byte: UInt8, _ text: Span<UInt8>) throws(SyntaxError) {
        guard take(byte, text) else { throw SyntaxError(offset: offset) }
    }

    /// What the value that comes next is.
    func kind(_ text: Span<UInt8>) throws(SyntaxError) -> Kind {
        guard offset < text.count else { throw SyntaxError(offset: offset) }
        switch text[offset] {
        case 0x7B: return .object
        case 0x5B: return .array
        case ASCII.quote: return .string
        case 0x74, 0x66: return .boolean
        case 0x6E: return .null
        case ASCII.minus, ASCII.zero...ASCII.nine: return .number
        default: throw SyntaxError(offset: offset)
        }
    }

    /// Passes over one value of any kind.
    mutating func skipValue(_ text: Span<UInt8>, depth: Int = 0) throws(SyntaxError) {
        guard depth < Self.depthMax else { throw SyntaxError(offset: offset, isTooDeep: true) }
        switch try kind(text) {
        case .string:
            var ignored = DecodedText()
            try readString(text, into: &ignored)
        case .number:
            _ = try readNumber(text)
        case .boolean:
            try skipWord(text[offset] == 0x74 ? "true" : "false", text)
        case .null:
            try skipWord("null", text)
        case .array:
            try skipMembers(text, open: 0x5B, close: 0x5D) { reader throws(SyntaxError) in
                try reader.skipValue(text, depth: depth + 1)
            }
        case .object:
            try skipMembers(text, open: 0x7B, close: 0x7D) { reader throws(SyntaxError) in
                guard try reader.kind(text) == .string else { throw SyntaxError(offset: reader.offset) }
                var ignored = DecodedText()
                try reader.readString(text, into: &ignored)
                reader.skipBlanks(text)
                try reader.require(ASCII.colon, text)
                reader.skipBlanks(text)
                try reader.skipValue(text, depth: depth + 1)
            }
        }
    }

    private mutating func skipWord(_ word: StaticString, _ text: Span<UInt8>) throws(SyntaxError) {
        for index in 0..<word.utf8CodeUnitCount { try require(word.utf8Start[index], text) }
    }

    /// Reads an array's or object's members, separated by commas.
    mutating func skipMembers(
        _ text: Span<UInt8>, open: UInt8, close: UInt8,
        member: (inout JSONReader) throws(SyntaxError) -> Void
    ) throws(SyntaxError) {
        try require(open, text)
        skipBlanks(text)
        if take(close, text) { return }
        while true {
            try member(&self)
            skipBlanks(text)
            if take(close, text) { return }
            try require(0x2C, text)
            skipBlanks(text)
        }
    }

    // MARK: Numbers (RFC 8259 section 6)

    /// A number as far as orders are concerned.
    enum Number: Equatable {
        /// An integer literal: digits, maybe behind a minus sign. Nil where 64 bits do not hold it.
        case integer(Int64?)
        /// One with a fraction or an exponent, whatever its value.
        case other
    }

    mutating func readNumber(_ text: Span<UInt8>) throws(SyntaxError) -> Number {
        let isNegative = take(ASCII.minus, text)
        var value: Int64? = 0
        if !take(ASCII.zero, text) {
            try requireDigit(text)
            while offset < text.count, ASCII.isDigit(text[offset]) {
                let digit = Int64(text[offset] &- ASCII.zero)
                let (product, overflow) = (value ?? 0).multipliedReportingOverflow(by: 10)
                let (sum, carry) = product.addingReportingOverflow(digit)
                value = value == nil || overflow || carry ? nil : sum
                offset &+= 1
            }
        }
        var isInteger = true
        if take(0x2E, text) {
            isInteger = false
            try skipDigits(text)
        }
        if offset < text.count, text[offset] | 0x20 == 0x65 {
            isInteger = false
            offset &+= 1
            if !take(0x2B, text) { _ = take(ASCII.minus, text) }
            try skipDigits(text)
        }
        return isInteger ? .integer(value.map { isNegative ? -$0 : $0 }) : .other
    }

    private func requireDigit(_ text: Span<UInt8>) throws(SyntaxError) {
        guard offset < text.count, ASCII.isDigit(text[offset]) else { throw SyntaxError(offset: offset) }
    }

    private mutating func skipDigits(_ text: Span<UInt8>) throws(SyntaxError) {
        try requireDigit(text)
        while offset < text.count, ASCII.isDigit(text[offset]) { offset &+= 1 }
    }

    // MARK: Strings (RFC 8259 section 7)

    /// Passes over a string in which nothing is escaped, and says where its text stands. Nil, and nothing is
    /// passed over, where it is another.
    mutating func takePlainString(_ text: Span<UInt8>) -> Range<Int>? {
        let start = offset &+ 1
        var end = start
        while end < text.count, text[end] >= 0x20, text[end] != ASCII.backslash {
            if text[end] == ASCII.quote {
                offset = end &+ 1
                return start..<end
            }
            end &+= 1
        }
        return nil
    }

    mutating func readString(_ text: Span<UInt8>, into decoded: inout DecodedText) throws(SyntaxError) {
        try require(ASCII.quote, text)
        while offset < text.count {
            let byte = text[offset]
            switch byte {
            case ASCII.quote:
                offset &+= 1
                return
            case ASCII.backslash:
                offset &+= 1
                try readEscape(text, into: &decoded)
            case 0x00...0x1F:
                throw SyntaxError(offset: offset)
            default:
                decoded.append(byte)
                offset &+= 1
            }
        }
        throw SyntaxError(offset: offset)
    }

    private mutating func readEscape(
        _ text: Span<UInt8>, into decoded: inout DecodedText
    ) throws(SyntaxError) {
        guard offset < text.count else { throw SyntaxError(offset: offset) }
        let byte = text[offset]
        switch byte {
        case ASCII.quote, ASCII.backslash, ASCII.slash: decoded.append(byte)
        case 0x62: decoded.append(0x08)
        case 0x66: decoded.append(0x0C)
        case 0x6E: decoded.append(0x0A)
        case 0x72: decoded.append(0x0D)
        case 0x74: decoded.append(0x09)
        case 0x75:
            offset &+= 1
            let unit = try readHex4(text)
            decoded.append(try scalar(from: unit, text))
            return
        default: throw SyntaxError(offset: offset)
        }
        offset &+= 1
    }

    private mutating func readHex4(_ text: Span<UInt8>) throws(SyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard offset < text.count, let digit = ASCII.hexValue(text[offset]) else {
                throw SyntaxError(offset: offset)
            }
            value = value << 4 | UInt32(digit)
            offset &+= 1
        }
        return value
    }

    /// The scalar that a UTF-16 unit begins; nil for half of a surrogate pair without its other half, which
    /// the grammar lets through and no UTF-8 can hold.
    private mutating func scalar(from unit: UInt32, _ text: Span<UInt8>) throws(SyntaxError) -> UInt32? {
        guard (0xD800...0xDFFF).contains(unit) else { return unit }
        guard unit < 0xDC00, offset &+ 1 < text.count, text[offset] == ASCII.backslash,
            text[offset &+ 1] == 0x75
        else { return nil }
        let beforeSecond = offset
        offset &+= 2
        let second = try readHex4(text)
        guard (0xDC00...0xDFFF).contains(second) else {
            // Not the other half: it stands for itself.
            offset = beforeSecond
            return nil
        }
        return 0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00)
    }
}
