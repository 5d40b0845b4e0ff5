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
}
