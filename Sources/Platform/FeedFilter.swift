import Orders

/// Which events a subscriber wants to hear: those of some orders, or of some states, or both.
struct FeedFilter {
    /// The orders that one subscriber may name.
    static let ordersMax = 64

    /// The orders; empty for all.
    var orderIDs: [Int64] = []
    /// The states; empty for all.
    var statuses: [OrderStatus] = []

    /// Whether everything is wanted.
    var isEmpty: Bool { orderIDs.isEmpty && statuses.isEmpty }

    func accepts(_ event: OrderEvent) -> Bool {
        (statuses.isEmpty || statuses.contains(event.status))
            && (orderIDs.isEmpty || orderIDs.contains(event.orderID))
    }
}
