/// One change of one order's state. Takes 8 bytes in the ``EventLog``.
public struct OrderEvent: Equatable, Sendable, BitwiseCopyable {
    /// The order's id in the 32 bits that ``OrderStore/ordersMaxLimit`` allows.
    @usableFromInline let number: UInt32

    /// The state that the order has reached.
    public let status: OrderStatus

    /// The order that changed.
    @inlinable
    public var orderID: Int64 { Int64(number) }

    /// An event of the order `orderID`, which must lie in 1...``OrderStore/ordersMaxLimit``.
    public init(orderID: Int64, status: OrderStatus) {
        precondition(orderID >= 1 && orderID <= OrderStore.ordersMaxLimit)
        number = UInt32(orderID)
        self.status = status
    }
}
