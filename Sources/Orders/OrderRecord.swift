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

    init(stocksCount: Int, quantity: Int64) {
        text = InlineArray(repeating: 0)
        self.stocksCount = UInt8(stocksCount)
        self.quantity = quantity
    }

    /// Stores the text of the record at `record`, in the arena when it is long.
    static func store(
        _ stocks: Span<UInt8>, in record: UnsafeMutablePointer<OrderRecord>, spillingTo arena: inout TextArena
    ) {
        let text = UnsafeMutableRawPointer(record)
        if stocks.count <= inlineBytesMax {
            stocks.withUnsafeBytes { source in
                guard let start = source.baseAddress else { return }
                text.copyMemory(from: start, byteCount: source.count)
            }
        } else {
            text.storeBytes(of: UInt(bitPattern: arena.append(stocks)), as: UInt.self)
        }
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
