/// Tells whether bytes that arrive in pieces are UTF-8 (RFC 3629), at the first byte that cannot be.
///
/// The table of RFC 3629 section 4 as a state machine: overlong forms, surrogates and everything above
/// U+10FFFF are refused at their second byte or before. A state is the position, in a 64-bit row, of the
/// state that follows it, so that one byte costs one look-up and one shift, without a branch.
public struct UTF8Validator: Sendable {
    private var state = State.complete

    /// A validator at the start of a text.
    public init() {}

    /// Whether the bytes so far end where a character ends.
    public var isComplete: Bool { state == State.complete }

    /// Takes in the next bytes; false when the text can no longer be UTF-8, and for good.
    public mutating func validate(_ text: Span<UInt8>) -> Bool {
        let bytes = text.bytes
        var state = UInt64(self.state)
        var offset = 0
        while offset < bytes.byteCount {
            if state == UInt64(State.complete) {
                offset = Self.endOfASCII(in: bytes, from: offset)
                // Most texts end in ASCII, and are done with one more look at their last eight bytes.
                if bytes.byteCount >= 8, offset >= bytes.byteCount - 8,
                    bytes.unsafeLoadUnaligned(fromByteOffset: bytes.byteCount - 8, as: UInt64.self)
                        & 0x8080_8080_8080_8080 == 0
                {
                    break
                }
            }
            // After a look for ASCII, a stretch without one: looking again at each character would cost more
            // than it gains in text that mixes both.
            let end = min(offset + 16, bytes.byteCount)
            while offset < end {
                state = State.rows[Int(text[offset])] >> state & 0x3F
                offset += 1
            }
            if state == UInt64(State.refused) { break }
        }
        self.state = UInt8(truncatingIfNeeded: state)
        return state != UInt64(State.refused)
    }

    /// The first offset from which fewer than eight bytes of ASCII follow together.
    private static func endOfASCII(in bytes: RawSpan, from start: Int) -> Int {
        var offset = start
        while bytes.byteCount - offset >= 64 {
            let block = bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self)
            let either = block.lowHalf | block.highHalf
            let quarter = either.lowHalf | either.highHalf
            if (quarter.x | quarter.y) & 0x8080_8080_8080_8080 != 0 { break }
            offset += 64
        }
        while bytes.byteCount - offset >= 8 {
            let word = bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            if word & 0x8080_8080_8080_8080 != 0 { break }
            offset += 8
        }
        return offset
    }

    /// The states, each the place of its successor in a row: six bits apart, so that nine fit into 64.
    private enum State {
        static let refused: UInt8 = 0
        static let complete: UInt8 = 6
        /// One, two or three more bytes of 80 to BF.
        static let oneMore: UInt8 = 12
        static let twoMore: UInt8 = 18
        static let threeMore: UInt8 = 24
        /// After these, the second byte has a narrower range.
        static let afterE0: UInt8 = 30
        static let afterED: UInt8 = 36
        static let afterF0: UInt8 = 42
        static let afterF4: UInt8 = 48

        /// For each byte, what follows each state.
        static let rows = InlineArray<256, UInt64> { row(for: UInt8($0)) }

        private static func row(for byte: UInt8) -> UInt64 {
            var row: UInt64 = 0
            func lead(_ state: UInt8, to next: UInt8) { row |= UInt64(next) << UInt64(state) }
            switch byte {
            case 0x00...0x7F: lead(complete, to: complete)
            case 0xC2...0xDF: lead(complete, to: oneMore)
            case 0xE0: lead(complete, to: afterE0)
            case 0xED: lead(complete, to: afterED)
            case 0xE1...0xEC, 0xEE...0xEF: lead(complete, to: twoMore)
            case 0xF0: lead(complete, to: afterF0)
            case 0xF1...0xF3: lead(complete, to: threeMore)
            case 0xF4: lead(complete, to: afterF4)
            default: break
            }
            if (0x80...0xBF).contains(byte) {
                lead(oneMore, to: complete)
                lead(twoMore, to: oneMore)
                lead(threeMore, to: twoMore)
                // An overlong form, a surrogate, or past U+10FFFF otherwise.
                if byte >= 0xA0 { lead(afterE0, to: oneMore) }
                if byte <= 0x9F { lead(afterED, to: oneMore) }
                if byte >= 0x90 { lead(afterF0, to: twoMore) }
                if byte <= 0x8F { lead(afterF4, to: twoMore) }
            }
            return row
        }
    }
}
