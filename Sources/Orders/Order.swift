/// One order as it was when it was read from the store.
///
/// The status is a copy and does not follow later changes. ``stocks`` is borrowed: it stays valid, and its
/// bytes stay the same, as long as the ``OrderStore`` lives, because records and texts never move and are
/// never deleted.
public struct Order {
    /// The number of the order, from 1 up, without gaps.
    public let id: Int64
    /// How many units, 1 to ``OrderStore/quantityMax``.
    public let quantity: Int64
    /// What is traded: 1 to ``OrderStore/stocksBytesMax`` bytes, exactly those that were placed.
    public let stocks: UnsafeBufferPointer<UInt8>
    /// Where the order stood when it was read.
    public let status: OrderStatus

    /// The order as it was when it was placed.
    public var asPlaced: Order { Order(id: id, quantity: quantity, stocks: stocks, status: .pending) }

    /// A number that is the same as long as all else but the id is, and by all likelihood another when not.
    public var fingerprint: UInt32 {
        let factor: UInt64 = 0x9E37_79B9_7F4A_7C15  // 2^64 divided by the golden ratio, odd
        var hash = (UInt64(bitPattern: quantity) << 2 | UInt64(status.rawValue)) &* factor
        let text = UnsafeRawBufferPointer(stocks)
        func mix(_ word: UInt64) { hash = (hash ^ hash &>> 29 ^ word) &* factor }
        // The last word overlaps the one before it, so the length tells texts apart that only repeat a byte.
        mix(UInt64(text.count))
        if text.count >= 8 {
            var offset = 0
            while offset &+ 8 < text.count {
                mix(text.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset &+= 8
            }
            mix(text.loadUnaligned(fromByteOffset: text.count &- 8, as: UInt64.self))
        } else if text.count >= 4 {
            let first = text.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
            let last = text.loadUnaligned(fromByteOffset: text.count &- 4, as: UInt32.self)
            mix(UInt64(first) | UInt64(last) &<< 32)
        } else {
            var word: UInt64 = 0
            for byte in text { word = word &<< 8 | UInt64(byte) }
            mix(word)
        }
        hash ^= hash >> 32
        return UInt32(truncatingIfNeeded: (hash &* factor) >> 32)
    }

    /// An order with all that is known of it.
    @inlinable
    public init(id: Int64, quantity: Int64, stocks: UnsafeBufferPointer<UInt8>, status: OrderStatus) {
        self.id = id
        self.quantity = quantity
        self.stocks = stocks
        self.status = status
    }
}
