import Orders

/// Which orders are meant: those of a state, or of a text, or of both.
struct OrderFilter {
    var status: OrderStatus?
    /// What the order is for, to the byte.
    var stocks: String?

    func accepts(_ order: Order) -> Bool {
        if let status, order.status != status { return false }
        guard let stocks else { return true }
        return stocks.utf8.elementsEqual(order.stocks)
    }
}
