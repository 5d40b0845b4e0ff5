/// A run of bytes that is remembered, so that the same bytes need not be examined again.
///
/// For what nearly every request repeats, such as its `Host`. What is shorter than eight bytes or longer than
/// its limit is never remembered.
public struct RememberedBytes: ~Copyable {
    private let bytesMax: Int
    private var bytes: ByteWriter

    /// Nothing is remembered yet, and never more than `bytesMax` bytes.
    public init(bytesMax: Int) {
        self.bytesMax = bytesMax
        bytes = ByteWriter(capacity: bytesMax)
    }

    /// How many bytes are remembered; 0 where none are.
    public var count: Int { bytes.count }

    /// Remembers bytes in place of those before. Answers whether their length allows it.
    @discardableResult
    public mutating func remember(_ given: Span<UInt8>) -> Bool {
        guard given.count >= 8, given.count <= bytesMax else { return false }
        bytes.reset()
        bytes.append(given)
        return true
    }

    /// Whether these are the bytes that are remembered.
    @inline(__always)
    public func matches(_ given: Span<UInt8>) -> Bool {
        given.count == count && begins(given, from: 0)
    }

    /// Whether the bytes from an offset on begin with those that are remembered.
    @inline(__always)
    public func begins(_ given: Span<UInt8>, from start: Int) -> Bool {
        let count = count
        guard count > 0, start >= 0, given.count &- start >= count else { return false }
        return given.withUnsafeBytes { given in
            let (kept, given) = (bytes.unsafeBytes.baseAddress!, given.baseAddress! + start)
            // The last step overlaps the one before it where the length is not a multiple of a step.
            let step = count < 32 ? 8 : 32
            let last = count &- step
            var offset = 0
            while offset < last {
                guard Self.areEqual(kept + offset, given + offset, step) else { return false }
                offset &+= step
            }
            return Self.areEqual(kept + last, given + last, step)
        }
    }

    /// Whether the next 8 or 32 bytes are the same.
    @inline(__always)
    private static func areEqual(_ one: UnsafeRawPointer, _ other: UnsafeRawPointer, _ step: Int) -> Bool {
        guard step == 32 else { return word(one) == word(other) }
        let first = (word(one) ^ word(other)) | (word(one + 8) ^ word(other + 8))
        let second = (word(one + 16) ^ word(other + 16)) | (word(one + 24) ^ word(other + 24))
        return first | second == 0
    }

    @inline(__always)
    private static func word(_ pointer: UnsafeRawPointer) -> UInt64 {
        pointer.loadUnaligned(as: UInt64.self)
    }
}
