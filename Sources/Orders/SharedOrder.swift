/// One order of a shared market, as it was when the market was asked for it: unlike an ``Order`` it owns its
/// text.
public struct SharedOrder: Equatable, Sendable {
    /// The number of the order, from 1 up.
    public let id: Int64
    /// How many units, 1 to ``OrderStore/quantityMax``.
    public let quantity: Int64
    /// What is traded: 1 to ``OrderStore/stocksBytesMax`` bytes, exactly those that were placed.
    public let stocks: [UInt8]
    /// Where the order stood.
    public let status: OrderStatus

    /// An order with all that is known of it.
    public init(id: Int64, quantity: Int64, stocks: [UInt8], status: OrderStatus) {
        self.id = id
        self.quantity = quantity
        self.stocks = stocks
        self.status = status
    }

    /// Lends the order, as one of the store's, until the body returns.
    public func withOrder<Result>(_ body: (Order) -> Result) -> Result {
        stocks.withUnsafeBufferPointer { stocks in
            body(Order(id: id, quantity: quantity, stocks: stocks, status: status))
        }
    }
}
