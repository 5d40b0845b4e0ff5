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

    @usableFromInline
    init(id: Int64, quantity: Int64, stocks: UnsafeBufferPointer<UInt8>, status: OrderStatus) {
        self.id = id
        self.quantity = quantity
        self.stocks = stocks
        self.status = status
    }
}
