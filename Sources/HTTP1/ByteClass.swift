import Bytes

/// The standard's classes of bytes, as bit masks: a table in memory would cost a cache line.
enum ByteClass {
    /// Whether a byte may stand in a token (RFC 9110 section 5.6.2).
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        // "!#$%&'*+-." and digits in the lower half; letters, "^_`|~" in the upper.
        isIn(0x03FF_6CFA_0000_0000, 0x57FF_FFFF_C7FF_FFFE, byte)
    }

    /// The offset of the first byte at or after `start` that no token holds; the count when there is none.
    /// Eight bytes at a step as long as they are letters and hyphens, which most names are made of.
    @inline(__always)
    static func endOfToken(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at &+ 8 <= bytes.count {
            let word = load(bytes, at)
            let lowercase = (word | lowBits &* 0x20) & ~highBits
            // Adding carries into the high bit of each byte that is at least "a", and of each above "z".
            let letters = (lowercase &+ lowBits &* 0x1F) & ~(lowercase &+ lowBits &* 0x05) & ~word
            let others = ~(letters | exactlyEqual(word, 0x2D)) & highBits
            if others != 0 {
                at &+= others.trailingZeroBitCount &>> 3
                break
            }
            at &+= 8
        }
        while at < bytes.count, isToken(bytes[at]) { at &+= 1 }
        return at
    }

    /// Whether a byte may stand in a registered name (RFC 3986 section 3.2.2).
    @inline(__always)
    static func isHost(_ byte: UInt8) -> Bool {
        // "!$%&'()*+,-." digits ";=" in the lower half; letters, "_" and "~" in the upper.
        isIn(0x2BFF_7FF2_0000_0000, 0x47FF_FFFE_87FF_FFFE, byte)
    }

    /// Whether an ASCII byte's bit is set: in `lower` for the bytes below 64, in `upper` for the others.
    @inline(__always)
    private static func isIn(_ lower: UInt64, _ upper: UInt64, _ byte: UInt8) -> Bool {
        let mask = byte & 0x40 == 0 ? lower : upper
        return byte < 0x80 && (mask &>> UInt64(byte & 0x3F)) & 1 == 1
    }

    /// The offset of the first byte at or after `start` that is a control byte other than a tab; the count
    /// when there is none. Eight bytes at a step.
    @inline(__always)
    static func firstControl(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at &+ 8 <= bytes.count {
            let word = load(bytes, at)
            let found = below(word, 0x20) | equal(word, 0x7F)
            if found == 0 {
                at &+= 8
                continue
            }
            at &+= found.trailingZeroBitCount &>> 3
            if bytes[at] != ASCII.tab { return at }
            at &+= 1
        }
        while at < bytes.count {
            let byte = bytes[at]
            if (byte < 0x20 && byte != ASCII.tab) || byte == 0x7F { return at }
            at &+= 1
        }
        return at
    }

    /// The offset of the first byte at or after `start` that ends a path or needs a closer look: a blank, a
    /// control byte, one that is not ASCII, `#`, `%` or `?`. The count when there is none.
    @inline(__always)
    static func firstSpecialInTarget(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at &+ 8 <= bytes.count {
            let word = load(bytes, at)
            // All below "-" are looked at one by one: few paths have any, and blanks, "#" and "%" are there.
            let found = (below(word, 0x2D) | equal(word, 0x3F) | (word &+ lowBits) | word) & highBits
            if found == 0 {
                at &+= 8
                continue
            }
            at &+= found.trailingZeroBitCount &>> 3
            if isSpecialInTarget(bytes[at]) { return at }
            at &+= 1
        }
        while at < bytes.count, !isSpecialInTarget(bytes[at]) { at &+= 1 }
        return at
    }

    @inline(__always)
    private static func isSpecialInTarget(_ byte: UInt8) -> Bool {
        byte < 0x21 || byte >= 0x7F || byte == 0x3F || byte == 0x23 || byte == 0x25
    }

    // MARK: Eight bytes at a time. The lowest byte that is flagged is exact; a borrow can flag one above it.

    private static var lowBits: UInt64 { 0x0101_0101_0101_0101 }
    private static var highBits: UInt64 { 0x8080_8080_8080_8080 }

    @inline(__always)
    private static func load(_ bytes: Span<UInt8>, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The high bit of each byte that is less than `limit`, which is at most 0x80.
    @inline(__always)
    private static func below(_ word: UInt64, _ limit: UInt64) -> UInt64 {
        (word &- lowBits &* limit) & ~word & highBits
    }

    /// The high bit of each byte that is `byte`, and of no other: for where the others are looked
    /// for, as one that is flagged too many would be passed over.
    @inline(__always)
    private static func exactlyEqual(_ word: UInt64, _ byte: UInt64) -> UInt64 {
        let difference = word ^ (lowBits &* byte)
        // Carries into the high bit of each byte whose lower bits are not all 0, and never out of it.
        return ~((difference & ~highBits) &+ ~highBits | difference) & highBits
    }

    /// The high bit of each byte that is `byte`.
    @inline(__always)
    private static func equal(_ word: UInt64, _ byte: UInt64) -> UInt64 {
        below(word ^ (lowBits &* byte), 1)
    }
}
