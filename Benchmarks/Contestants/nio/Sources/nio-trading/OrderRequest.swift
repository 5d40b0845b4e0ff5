/// The body of `POST /orders`.
struct OrderRequest: Decodable {
    let stocks: String
    let quantity: Int

    var isValid: Bool {
        (1...64).contains(stocks.utf8.count) && (1...9_007_199_254_740_991).contains(quantity)
    }
}
