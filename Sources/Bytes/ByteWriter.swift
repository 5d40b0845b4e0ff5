/// A growable run of bytes in one allocation that it owns.
///
/// Everything that leaves the server is written through one of these. It never shrinks by itself: call
/// ``reset(keeping:)`` to give memory back. Not copyable, so that a reader's borrowed pointer cannot be
/// invalidated by a second owner.
public struct ByteWriter: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<UInt8>?
    @usableFromInline var capacityBytes: Int

    /// How many bytes have been written and not removed.
    @inlinable
    public var count: Int { countBytes }
    @usableFromInline var countBytes: Int

    /// An empty writer; nothing is allocated while `capacity` is 0.
    @inlinable
    public init(capacity: Int = 0) {
        precondition(capacity >= 0)
        base = capacity > 0 ? .allocate(capacity: capacity) : nil
        capacityBytes = capacity
        countBytes = 0
    }

    @inlinable
    deinit { base?.deallocate() }

    /// How many bytes fit before the next allocation.
    @inlinable
    public var capacity: Int { capacityBytes }

    /// Whether nothing has been written.
    @inlinable
    public var isEmpty: Bool { countBytes == 0 }

    /// Makes room for `extra` more bytes, at least doubling when it has to grow.
    @inlinable @inline(__always)
    public mutating func reserve(_ extra: Int) {
        if capacityBytes &- countBytes < extra { grow(by: extra) }
    }

    @usableFromInline @inline(never)
    mutating func grow(by extra: Int) {
        precondition(extra >= 0)
        let wanted = max(countBytes + extra, capacityBytes * 2, 64)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: wanted)
        if let base {
            moved.update(from: base, count: countBytes)
            base.deallocate()
        }
        base = moved
        capacityBytes = wanted
    }

    /// Appends one byte.
    @inlinable @inline(__always)
    public mutating func append(_ byte: UInt8) {
        reserve(1)
        base.unsafelyUnwrapped[countBytes] = byte
        countBytes &+= 1
    }

    /// Appends the bytes of a literal.
    @inlinable @inline(__always)
    public mutating func append(_ literal: StaticString) {
        precondition(literal.hasPointerRepresentation)
        append(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends borrowed bytes.
    @inlinable @inline(__always)
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        UnsafeMutableRawPointer(base.unsafelyUnwrapped + countBytes)
            .copyMemory(from: source, byteCount: bytes.count)
        countBytes &+= bytes.count
    }

    /// Appends borrowed bytes.
    @inlinable @inline(__always)
    public mutating func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// Appends `size` bytes, the value of which `fill` writes; it is handed exactly `size` writable bytes.
    @inlinable @inline(__always)
    public mutating func append(count size: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        precondition(size >= 0)
        reserve(size)
        guard size > 0 else { return }
        fill(base.unsafelyUnwrapped + countBytes)
        countBytes &+= size
    }

    /// Overwrites one byte that was written before, at `offset` from the start.
    @inlinable
    public mutating func overwrite(at offset: Int, with byte: UInt8) {
        precondition(offset >= 0 && offset < countBytes)
        base.unsafelyUnwrapped[offset] = byte
    }

    /// Removes what was written past `size` bytes.
    @inlinable
    public mutating func truncate(to size: Int) {
        precondition(size >= 0 && size <= countBytes)
        countBytes = size
    }

    /// Forgets what was written, and frees the allocation if it holds more than `capacity` bytes.
    @inlinable
    public mutating func reset(keeping capacity: Int = .max) {
        countBytes = 0
        if capacityBytes > capacity {
            base?.deallocate()
            base = nil
            capacityBytes = 0
        }
    }

    /// Lends what was written, until the body returns.
    @inlinable @inline(__always)
    public borrowing func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: countBytes))
    }

    /// Lends what was written for changes in place, until the body returns.
    @inlinable @inline(__always)
    public mutating func withUnsafeMutableBytes<Result, Failure: Error>(
        _ body: (UnsafeMutableBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeMutableBufferPointer(start: base, count: countBytes))
    }

    /// What was written, borrowed: valid until the writer is next changed or goes away.
    @inlinable
    public var unsafeBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base, count: countBytes)
    }

    /// As ``unsafeBytes``, as bytes of type.
    @inlinable
    public var unsafeBuffer: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: base, count: countBytes)
    }
}
