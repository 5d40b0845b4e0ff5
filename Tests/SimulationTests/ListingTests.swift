import Orders
import Testing
@testable import Simulation

/// What is asked for, as it is written.
@Suite struct ListingTests {
    @Test func aQueryIsEncodedAsItsLinkIs() {
        let stocks = StocksText("\"a b\"", "\"a b\"", "a b\u{E9}\n~")
        let listing = Listing(status: .pending, stocks: stocks, limit: 2, after: 1)
        #expect(listing.query == "?status=PENDING&stocks=a%20b%C3%A9%0A~&limit=2&after=1")
        #expect(
            listing.link(after: 9)
                == "</orders?status=PENDING&stocks=a%20b%C3%A9%0A~&limit=2&after=9>; rel=\"next\"")
        #expect(Listing().query.isEmpty)
    }

    @Test(arguments: [(0, "0"), (1, "0.001"), (100, "0.1"), (2_500, "2.5"), (1_000, "1")])
    func numbersAreWrittenAsAPersonDoes(thousandths: UInt64, text: String) {
        #expect(Decimal.text(thousandths) == text)
    }
}
