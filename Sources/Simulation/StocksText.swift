/// What an order is for, in all the forms in which it is met.
struct StocksText {
    /// As a client writes it in JSON.
    let written: String
    /// As an answer has to write it.
    let told: String
    /// As it stands in a query (RFC 3986 section 2.1).
    let encoded: String

    init(_ written: String, _ told: String, _ text: String) {
        self.written = written
        self.told = told
        let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8
        encoded = text.utf8.map { byte in
            if unreserved.contains(byte) { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.utf8.count == 1 ? "0" : "") + digits
        }.joined()
    }

    static let all = [
        StocksText("\"AAPL\"", "\"AAPL\"", "AAPL"), StocksText("\"A\"", "\"A\"", "A"),
        StocksText("\"BRK.B\"", "\"BRK.B\"", "BRK.B"),
        StocksText("\"\\u0041\\u00e9\"", "\"A\u{E9}\"", "A\u{E9}"),
        StocksText("\"\u{1F4C8} up\"", "\"\u{1F4C8} up\"", "\u{1F4C8} up"),
        StocksText("\"\\ud83d\\udcc8\"", "\"\u{1F4C8}\"", "\u{1F4C8}"),
        StocksText("\"a \\\"b\\\" \\\\ \\/\"", "\"a \\\"b\\\" \\\\ /\"", "a \"b\" \\ /"),
        StocksText("\"\\u0001\\n\"", "\"\\u0001\\n\"", "\u{1}\n"),
        StocksText("\"exactly fourtn\"", "\"exactly fourtn\"", "exactly fourtn"),
        StocksText("\"one over fourte\"", "\"one over fourte\"", "one over fourte"),
        StocksText(
            "\"sixty-four bytes are the most that the text of an order can hold\"",
            "\"sixty-four bytes are the most that the text of an order can hold\"",
            "sixty-four bytes are the most that the text of an order can hold"),
    ]
}
