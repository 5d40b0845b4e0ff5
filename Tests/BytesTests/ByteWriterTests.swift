import Bytes
import Testing

@Suite struct ByteWriterTests {
    @Test(arguments: [
        0, 1, 9, 10, 99, 100, 999, 1_000, 9_999, 10_000, 99_999, 123_456_789, -1, -10, Int.max, Int.min,
    ])
    func writesDecimals(value: Int) {
        var writer = ByteWriter()
        writer.append(decimal: value)
        #expect(writer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == String(value))
    }
}
