/// An order as it is stored; its id is its place in the list.
struct Order {
    /// The name of the stock as a JSON string, with its quotes: it is escaped once and then only copied.
    let stocksJSON: String
    let quantity: Int
    var status: Status

    enum Status: String {
        case pending = "PENDING"
        case executed = "EXECUTED"
        case cancelled = "CANCELLED"
    }
}
