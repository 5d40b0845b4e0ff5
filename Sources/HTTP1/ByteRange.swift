/// A part of a request's head: where it begins, counted from the head's first byte, and how long it is.
///
/// 16 bits each, as a head is at most 65,535 bytes: ten of these are kept for each request.
public struct ByteRange: Equatable, Sendable {
    /// The offset of the first byte.
    public var lower: UInt16
    /// How many bytes; 0 where there is no such part.
    public var count: UInt16

    /// The part that is not there.
    public static let none = ByteRange(lower: 0, count: 0)

    @usableFromInline @inline(__always)
    init(lower: UInt16, count: UInt16) {
        self.lower = lower
        self.count = count
    }

    @inline(__always)
    init(_ lower: Int, _ upper: Int) {
        self.lower = UInt16(truncatingIfNeeded: lower)
        self.count = UInt16(truncatingIfNeeded: upper &- lower)
    }

    /// Whether the part is absent or empty.
    @inlinable
    public var isEmpty: Bool { count == 0 }

    /// The offsets.
    @inlinable @inline(__always)
    public var range: Range<Int> {
        Range(uncheckedBounds: (Int(lower), Int(lower) &+ Int(count)))
    }
}
