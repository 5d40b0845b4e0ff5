import Bytes

/// The standard's classes of bytes, as bit masks: a table in memory would cost a cache line.
enum ByteClass {
    /// Whether a byte may stand in a token (RFC 9110 section 5.6.2).
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        // "!#$%&'*+-." and digits in the lower half; letters, "^_`|~" in the upper.
        let lower: UInt64 = 0x03FF_6CFA_0000_0000
        let upper: UInt64 = 0x57FF_FFFF_C7FF_FFFE
        let mask = byte & 0x40 == 0 ? lower : upper
        return byte < 0x80 && (mask &>> UInt64(byte & 0x3F)) & 1 == 1
    }

    /// Whether a byte may stand in a registered name (RFC 3986 section 3.2.2).
    @inline(__always)
    static func isHost(_ byte: UInt8) -> Bool {
        // "!$%&'()*+,-." digits ";=" in the lower half; letters, "_" and "~" in the upper.
        let lower: UInt64 = 0x2BFF_7FF2_0000_0000
        let upper: UInt64 = 0x47FF_FFFE_87FF_FFFE
        let mask = byte & 0x40 == 0 ? lower : upper
        return byte < 0x80 && (mask &>> UInt64(byte & 0x3F)) & 1 == 1
    }

    /// The offset of the first byte at or after `start` that is a control byte other than a tab; the count
    /// when there is none. Eight bytes at a step.
    @inline(__always)
    static func firstControl(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        let raw = bytes.bytes
        while at &+ 8 <= bytes.count {
            let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
            // The lowest flagged byte is exact; a borrow can only flag bytes above a true one.
            let below = (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
            let delete = word ^ 0x7F7F_7F7F_7F7F_7F7F
            let isDelete = (delete &- 0x0101_0101_0101_0101) & ~delete & 0x8080_8080_8080_8080
            let found = below | isDelete
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
}
