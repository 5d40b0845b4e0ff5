/// An order as a client places it.
struct Placement {
    let stocks: StocksText
    let quantity: Int64
    /// Under which it may be sent again.
    var key: String?
    /// The order's own delay, where the client asks for one.
    var delayMilliseconds: UInt32?
}
