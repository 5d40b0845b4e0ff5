/// An order that is to be placed in a shared market.
public struct MarketPlacement: Sendable {
    /// What became of it.
    public enum Outcome: Equatable, Sendable {
        /// It is pending under this id.
        case placed(Int64)
        /// An order was placed under its key before: that one, as it is now.
        case known(SharedOrder)
        /// The market has as many orders as this instance allows; nothing has changed.
        case full
    }

    /// What is traded: 1 to ``OrderStore/stocksBytesMax`` bytes.
    public let stocks: [UInt8]
    /// How many units, 1 to ``OrderStore/quantityMax``.
    public let quantity: Int64
    /// From being placed to its execution, in milliseconds of the engine's clock.
    public let delayMilliseconds: UInt32
    /// The most orders that the market may have with it.
    public let ordersMax: Int
    /// By what it is known if it is placed again; nil where it is not.
    public let key: [UInt8]?

    /// An order with all that has to be known of it.
    public init(
        stocks: [UInt8], quantity: Int64, delayMilliseconds: UInt32, ordersMax: Int, key: [UInt8]?
    ) {
        self.stocks = stocks
        self.quantity = quantity
        self.delayMilliseconds = delayMilliseconds
        self.ordersMax = ordersMax
        self.key = key
    }
}
