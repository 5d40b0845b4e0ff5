/// How the store keeps what never changes of an order: 24 bytes, of which 15 hold a short text itself or a
/// longer one's address.
///
/// Its state is kept elsewhere, as an ``OrderState``: an order that is executed was placed long ago, and to
/// go to its record would be to wait for memory.
@usableFromInline
struct OrderRecord: BitwiseCopyable {
    /// The longest text kept in the record: what is left of 24 bytes. Most symbols are far shorter.
    @inlinable static var inlineBytesMax: Int { 15 }

    /// The first member, so that the text of a record begins at the record's own address.
    @usableFromInline var text: InlineArray<15, UInt8>
    @usableFromInline var stocksCount: UInt8
    @usableFromInline var quantity: Int64

    /// Writes a record where there is none yet, its text to the arena when it is long. What is left of a
    /// short text's place stays as it is.
    @inline(__always)
    static func initialize(
        _ record: UnsafeMutablePointer<OrderRecord>, stocks: Span<UInt8>, quantity: Int64,
        spillingTo arena: inout TextArena
    ) {
        let text = UnsafeMutableRawPointer(record)
        if stocks.count <= inlineBytesMax {
            stocks.withUnsafeBytes { copy($0, to: text) }
        } else {
            text.storeBytes(of: UInt(bitPattern: arena.append(stocks)), as: UInt.self)
        }
        record.pointee.stocksCount = UInt8(stocks.count)
        record.pointee.quantity = quantity
    }

    /// Copies at most 15 bytes without a call: two words, which overlap where there are fewer than theirs.
    @inline(__always)
    private static func copy(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) {
        let count = bytes.count
        if count >= 8 {
            copyWord(bytes, 0, to: target, as: UInt64.self)
            copyWord(bytes, count &- 8, to: target, as: UInt64.self)
        } else if count >= 4 {
            copyWord(bytes, 0, to: target, as: UInt32.self)
            copyWord(bytes, count &- 4, to: target, as: UInt32.self)
        } else {
            for place in 0..<count {
                target.storeBytes(of: bytes[place], toByteOffset: place, as: UInt8.self)
            }
        }
    }

    @inline(__always)
    private static func copyWord<Word: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ offset: Int, to target: UnsafeMutableRawPointer, as type: Word.Type
    ) {
        target.storeBytes(
            of: bytes.loadUnaligned(fromByteOffset: offset, as: type), toByteOffset: offset, as: type)
    }

    /// The text of the record at `record`, which must stay where it is as long as the answer is used.
    @inlinable @inline(__always)
    static func stocks(of record: UnsafeMutablePointer<OrderRecord>) -> UnsafeBufferPointer<UInt8> {
        let text = UnsafeRawPointer(record)
        let count = Int(record.pointee.stocksCount)
        if count <= inlineBytesMax {
            return UnsafeBufferPointer(start: text.assumingMemoryBound(to: UInt8.self), count: count)
        }
        return UnsafeBufferPointer(
            start: UnsafePointer(bitPattern: text.load(as: UInt.self)).unsafelyUnwrapped, count: count)
    }
}
