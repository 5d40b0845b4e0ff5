extension Span<UInt8> {
    /// Whether the bytes are those of a literal.
    @inlinable @inline(__always)
    public func equals(_ literal: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
        guard count == wanted.count else { return false }
        for offset in 0..<wanted.count where self[offset] != wanted[offset] { return false }
        return true
    }

    /// Whether the bytes are those of a literal in lower case, whatever their own case.
    @inlinable @inline(__always)
    public func equalsLowercase(_ literal: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
        guard count == wanted.count else { return false }
        for offset in 0..<wanted.count where ASCII.lowercased(self[offset]) != wanted[offset] {
            return false
        }
        return true
    }

    /// Whether the bytes, which are a token (RFC 9110 section 5.6.2), are a literal of at least four small
    /// letters and hyphens, whatever their own case. A word at a step: in a token, only letters differ from
    /// the literal's bytes in the bit that is their case.
    @inlinable @inline(__always)
    public func isToken(_ literal: StaticString) -> Bool {
        let wanted = UnsafeRawPointer(literal.utf8Start)
        guard count == literal.utf8CodeUnitCount, count >= 4 else { return false }
        guard count >= 8 else {
            return isWord(wanted, at: 0, as: UInt32.self) && isWord(wanted, at: count &- 4, as: UInt32.self)
        }
        var offset = 0
        while offset &+ 8 < count {
            guard isWord(wanted, at: offset, as: UInt64.self) else { return false }
            offset &+= 8
        }
        return isWord(wanted, at: count &- 8, as: UInt64.self)
    }

    @inlinable @inline(__always)
    func isWord<Word: FixedWidthInteger & BitwiseCopyable>(
        _ wanted: UnsafeRawPointer, at offset: Int, as type: Word.Type
    ) -> Bool {
        let caseBits = Word(truncatingIfNeeded: 0x2020_2020_2020_2020 as UInt64)
        return bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: type) | caseBits
            == wanted.loadUnaligned(fromByteOffset: offset, as: type)
    }
}
