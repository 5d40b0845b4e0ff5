import Bytes
import Testing

@Suite struct DecimalTextTests {
    private static func isRight(_ value: UInt64) -> Bool {
        let text = DecimalText(value)
        var writer = ByteWriter()
        writer.append(atMost: text.count) { $0.append(text) }
        return String(decoding: writer.unsafeBytes, as: UTF8.self) == String(value)
    }

    /// Wherever a division by 10,000, 100 or 10 could be off by one, and what has zeros inside.
    @Test func numbersOfOneWord() {
        var wrong: [UInt64] = []
        for value in UInt64(0)..<10_100 where !Self.isRight(value) { wrong.append(value) }
        for high in UInt64(1)..<10_000 {
            for low in [0, 1, 99, 100, 5_000, 9_999] as [UInt64] where !Self.isRight(high * 10_000 + low) {
                wrong.append(high * 10_000 + low)
            }
        }
        #expect(wrong == [])
    }

    /// The last of one word and the first of two, up to the largest number.
    @Test(arguments: [99_999_999, 100_000_000, 4_294_967_295, 9_007_199_254_740_991, .max] as [UInt64])
    func longNumbers(value: UInt64) {
        #expect(Self.isRight(value))
    }
}
