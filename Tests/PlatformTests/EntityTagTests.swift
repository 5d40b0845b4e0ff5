import Bytes
import Orders
@testable import Platform
import Testing

/// The tags of states, and the lists of them that clients send.
@Suite struct EntityTagTests {
    @Test(arguments: [0, 1, 0x1234_5678, 0x9ABC_DEF0, 0xFFFF_FFFF, 0x0A0B_0C0D, 0xA000_2000] as [UInt32])
    func aTagIsTheNumberInEightDigits(value: UInt32) {
        var output = ByteWriter()
        EntityTag(value).append(to: &output)
        let digits = String(value, radix: 16)
        let expected = String(repeating: "0", count: 8 - digits.count) + digits
        #expect(String(decoding: output.unsafeBytes, as: UTF8.self) == expected)
    }

    /// Orders that differ in a little have tags that differ in about half of their bits.
    @Test func aLittleChangesTheWholeTag() {
        var seen: Set<UInt32> = []
        var bits = 0
        var before: UInt32 = 0
        for quantity in Int64(1)...500 {
            for stocks in ["A", "B", "AAPL", "AAPM", "exactly fourtn", "one over fourte"] {
                var store = OrderStore(
                    ordersMax: 8, delays: DelayPolicy(minMilliseconds: 1, maxMilliseconds: 1, seed: 1),
                    eventsMax: 8)
                _ = store.place(stocks: Array(stocks.utf8).span, quantity: quantity, at: 0)
                let pending = store.order(1)?.fingerprint ?? 0
                _ = store.cancel(1)
                for tag in [pending, store.order(1)?.fingerprint ?? 0] {
                    seen.insert(tag)
                    bits += (tag ^ before).nonzeroBitCount
                    before = tag
                }
            }
        }
        // 6,000 numbers of 32 bits collide less than once in a hundred times.
        #expect(seen.count >= 5_999)
        #expect((15 * 6_000...17 * 6_000).contains(bits))
    }
}
