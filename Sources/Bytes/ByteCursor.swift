/// A place in a ``ByteWriter`` from which bytes are written that have been given room for all together:
/// ``ByteWriter/append(atMost:_:)``. By itself it checks nothing.
public struct ByteCursor: ~Copyable {
    /// How many bytes there is room for behind what is meant to be written: a whole word may be stored of
    /// which only the beginning counts.
    @inlinable static var slackBytes: Int { 8 }

    @usableFromInline var position: UnsafeMutablePointer<UInt8>

    @inlinable @inline(__always)
    init(_ position: UnsafeMutablePointer<UInt8>) { self.position = position }

    /// Writes one byte.
    @inlinable @inline(__always)
    public mutating func append(_ byte: UInt8) {
        position[0] = byte
        position += 1
    }

    /// Writes the bytes of a literal.
    @inlinable @inline(__always)
    public mutating func append(_ literal: StaticString) {
        UnsafeMutableRawPointer(position)
            .copyMemory(from: literal.utf8Start, byteCount: literal.utf8CodeUnitCount)
        position += literal.utf8CodeUnitCount
    }

    /// Writes borrowed bytes.
    @inlinable @inline(__always)
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        UnsafeMutableRawPointer(position).copyMemory(from: source, byteCount: bytes.count)
        position += bytes.count
    }

    /// Writes eight bytes, the lowest first.
    @inlinable @inline(__always)
    public mutating func append(word: UInt64) { store(word, at: 0, advancing: 8) }

    /// Writes borrowed bytes of which there are mostly few: up to 16 without a call.
    @inlinable @inline(__always)
    public mutating func append(short bytes: UnsafeBufferPointer<UInt8>) {
        let (source, count) = (UnsafeRawBufferPointer(bytes), bytes.count)
        guard count >= 4, count <= 16 else { return append(source) }
        // Two words, which overlap where there are fewer bytes.
        if count >= 8 {
            let (first, last) = (
                source.loadUnaligned(as: UInt64.self),
                source.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            )
            store(first, at: 0, advancing: 0)
            store(last, at: count &- 8, advancing: count)
        } else {
            let (first, last) = (
                source.loadUnaligned(as: UInt32.self),
                source.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            )
            store(first, at: 0, advancing: 0)
            store(last, at: count &- 4, advancing: count)
        }
    }

    /// Writes a number in decimal digits.
    @inlinable @inline(__always)
    public mutating func append(_ text: DecimalText) {
        if text.count <= DecimalText.wordDigitsMax {
            // What is not of the number is written over by what follows.
            store(text.word, at: 0, advancing: text.count)
        } else {
            text.writeMany(to: position)
            position += text.count
        }
    }

    @inlinable @inline(__always)
    mutating func store<Word: FixedWidthInteger & BitwiseCopyable>(
        _ word: Word, at offset: Int, advancing count: Int
    ) {
        UnsafeMutableRawPointer(position + offset).storeBytes(of: word.littleEndian, as: Word.self)
        position += count
    }
}

extension ByteWriter {
    /// Appends up to `size` bytes, which `write` writes: room is looked for once, and not for each of its
    /// parts.
    @inlinable @inline(__always)
    public mutating func append(atMost size: Int, _ write: (inout ByteCursor) -> Void) {
        reserve(size &+ ByteCursor.slackBytes)
        let start = base.unsafelyUnwrapped + countBytes
        var cursor = ByteCursor(start)
        write(&cursor)
        let written = cursor.position - start
        precondition(written >= 0 && written <= size, "more was written than there was to be room for")
        countBytes &+= written
    }
}
