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
        var offset = 0
        while offset < text.count {
            var word: UInt64 = 0
            if text.count - offset >= 8 {
                word = text.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            } else {
                for place in offset..<text.count { word = word << 8 | UInt64(text[place]) }
            }
            hash = (hash ^ hash >> 29 ^ word) &* factor
            offset += 8
        }
        hash ^= hash >> 32
        return UInt32(truncatingIfNeeded: (hash &* factor) >> 32)
    }

    @usableFromInline
    init(id: Int64, quantity: Int64, stocks: UnsafeBufferPointer<UInt8>, status: OrderStatus) {
        self.id = id
        self.quantity = quantity
        self.stocks = stocks
        self.status = status
    }
}
