import Orders
@testable import Platform
import TestKit
import Testing

/// Requests that are sent again, and orders with a delay of their own.
@Suite struct RetryTests {
    private static let body = #"{"stocks":"AAPL","quantity":10}"#

    @Test func theSameKeyAndOrderIsTheSameOrder() {
        let venue = Venue()
        let client = venue.connect()
        let first = client.post(Self.body, fields: "Idempotency-Key: \"a-1\"\r\n")
        #expect(first.status == 201 && first["Idempotency-Replayed"] == nil)
        venue.advance(milliseconds: 6_000)
        #expect(venue.platform.store.order(4)?.status == .executed)
        for body in [Self.body, #" { "quantity" : 10, "stocks" : "\u0041APL" } "#] {
            let again = client.post(body, fields: "Idempotency-Key: \"a-1\"\r\n")
            #expect(again.status == 201 && again.text == first.text)
            #expect(again["Location"] == first["Location"] && again["Idempotency-Replayed"] == "true")
        }
        #expect(venue.platform.store.count == 4)
        #expect(venue.lastSequence == 2)
    }

    @Test func anotherOrderUnderTheSameKeyIsRefused() {
        let venue = Venue()
        let client = venue.connect()
        #expect(client.post(Self.body, fields: "Idempotency-Key: k\r\n").status == 201)
        for body in [#"{"stocks":"AAPL","quantity":11}"#, #"{"stocks":"MSFT","quantity":10}"#] {
            #expect(client.post(body, fields: "Idempotency-Key: k\r\n").status == 422)
        }
        #expect(client.post(Self.body, fields: "Idempotency-Key: K\r\n")["Location"] == "/orders/5")
        #expect(client.post("{}", fields: "Idempotency-Key: k\r\n").status == 400)
        #expect(venue.platform.store.count == 5)
    }

    @Test func aRefusedOrderLeavesItsKeyFree() {
        let venue = Venue()
        let client = venue.connect()
        #expect(client.post("{}", fields: "Idempotency-Key: k\r\n").status == 400)
        #expect(client.post(Self.body, fields: "Idempotency-Key: k\r\n").status == 201)
        let full = Venue { $0.ordersMax = 4 }
        let trader = full.connect()
        #expect(trader.post(Self.body, fields: "Idempotency-Key: a\r\n").status == 201)
        #expect(trader.post(Self.body, fields: "Idempotency-Key: b\r\n").status == 503)
        #expect(trader.post(Self.body, fields: "Idempotency-Key: a\r\n").status == 201)
    }

    @Test func aKeyExpiresAfterTenMinutes() {
        let venue = Venue()
        let client = venue.connect()
        #expect(client.post(Self.body, fields: "Idempotency-Key: k\r\n").status == 201)
        venue.network.skip(milliseconds: 599_999)
        let again = venue.connect().post(Self.body, fields: "Idempotency-Key: k\r\n")
        #expect(again["Location"] == "/orders/4")
        venue.network.skip(milliseconds: 1)
        let later = venue.connect().post(Self.body, fields: "Idempotency-Key: k\r\n")
        #expect(later["Location"] == "/orders/5")
    }

    @Test(arguments: ["", "a b", "é", String(repeating: "k", count: 256)])
    func aKeyThatIsNoneIsRefused(key: String) {
        let venue = Venue()
        let response = venue.connect().post(Self.body, fields: "Idempotency-Key: \(key)\r\n")
        #expect(response.status == 400 && response.text.contains("\"field\": \"Idempotency-Key\""))
        #expect(venue.platform.store.count == 3)
    }

    @Test func theLongestKeyIsTaken() {
        let key = "Idempotency-Key: \(String(repeating: "k", count: 255))\r\n"
        let venue = Venue()
        #expect(venue.connect().post(Self.body, fields: key).status == 201)
    }

    @Test func theOldestKeysGoFirst() {
        var keys = IdempotencyKeys(countMax: 3)
        func bytes(_ number: Int) -> [UInt8] { Array("key \(number)".utf8) }
        for number in 1...10 {
            keys.remember(bytes(number).span, orderID: Int64(number), at: UInt64(number))
            #expect(keys.count == min(number, 3))
            for old in 1...10 {
                let expected = old <= number && old > number - 3 ? Int64(old) : nil
                #expect(keys.orderID(for: bytes(old).span, at: UInt64(number)) == expected)
            }
        }
        // Expired one after the other, they make room.
        let expiry = IdempotencyKeys.expiryMilliseconds * 1_000_000
        #expect(keys.orderID(for: bytes(9).span, at: expiry + 8) == 9)
        #expect(keys.orderID(for: bytes(9).span, at: expiry + 9) == nil)
        #expect(keys.count == 1)
        for number in 11...14 { keys.remember(bytes(number).span, orderID: Int64(number), at: expiry + 9) }
        #expect(keys.count == 3)
        #expect((12...14).allSatisfy { keys.orderID(for: bytes($0).span, at: expiry + 9) == Int64($0) })
    }

    // MARK: A delay of its own

    @Test(arguments: [0, 1, 7, 600_000])
    func anOrderIsExecutedAfterTheDelayThatItAsksFor(delay: UInt64) {
        let venue = Venue()
        let client = venue.connect()
        #expect(client.post(Self.body, fields: "Execution-Delay-Ms: \(delay)\r\n").status == 201)
        if delay > 0 {
            venue.network.skip(milliseconds: delay - 1)
            venue.network.settle()
            #expect(venue.platform.store.order(4)?.status == .pending)
            venue.network.skip(milliseconds: 1)
        }
        venue.network.settle()
        #expect(venue.platform.store.order(4)?.status == .executed)
    }

    @Test(arguments: ["600001", "-1", "", "1.5", "1e3", "abc", "99999999999999999999"])
    func aDelayOutOfRangeIsRefused(delay: String) {
        let venue = Venue()
        let response = venue.connect().post(Self.body, fields: "Execution-Delay-Ms: \(delay)\r\n")
        #expect(response.status == 400 && response.text.contains("0 to 600000"))
        #expect(venue.platform.store.count == 3)
    }
}
