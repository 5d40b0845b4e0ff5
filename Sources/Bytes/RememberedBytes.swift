/// A short run of bytes that is remembered, so that the same bytes need not be examined again.
///
/// For what nearly every request repeats, such as its `Host`. It remembers 8 to 32 bytes, and compares them
/// in words; other lengths are never remembered.
public struct RememberedBytes: Sendable {
    private var words = InlineArray<4, UInt64>(repeating: 0)
    private var count = 0

    /// Nothing is remembered.
    public init() {}

    /// Remembers bytes in place of those before, if their length allows it.
    public mutating func remember(_ bytes: Span<UInt8>) {
        guard bytes.count >= 8, bytes.count <= 32 else { return }
        count = bytes.count
        for index in 0..<RememberedBytes.wordCount(count) {
            words[index] = RememberedBytes.word(index, of: bytes)
        }
    }

    /// Whether these are the bytes that are remembered.
    public func matches(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count == count, count > 0 else { return false }
        if count <= 16 {
            return words[0] == RememberedBytes.word(0, of: bytes)
                && (count == 8 || words[1] == RememberedBytes.word(1, of: bytes))
        }
        for index in 0..<RememberedBytes.wordCount(count)
        where words[index] != RememberedBytes.word(index, of: bytes) {
            return false
        }
        return true
    }

    private static func wordCount(_ count: Int) -> Int { (count &+ 7) / 8 }

    /// The last word overlaps the one before it where the length is not a multiple of eight.
    @inline(__always)
    private static func word(_ index: Int, of bytes: Span<UInt8>) -> UInt64 {
        bytes.bytes.unsafeLoadUnaligned(
            fromByteOffset: min(8 &* index, bytes.count &- 8), as: UInt64.self)
    }
}
