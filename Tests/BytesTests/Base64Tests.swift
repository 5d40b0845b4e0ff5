import Bytes
import Testing

@Suite struct Base64Tests {
    private static func encoded(_ bytes: [UInt8]) -> String {
        var writer = ByteWriter()
        Base64.append(bytes.span, to: &writer)
        return writer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    private static func decodedCount(_ text: some Sequence<UInt8>) -> Int? {
        Base64.decodedCount(Array(text).span)
    }

    /// The vectors of RFC 4648 section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func matchesTheStandard(text: String, encoding: String) {
        #expect(Self.encoded(Array(text.utf8)) == encoding)
        #expect(Self.decodedCount(encoding.utf8) == text.utf8.count)
    }

    @Test func usesTheWholeAlphabet() {
        var packed: [UInt8] = []
        for value in stride(from: UInt32(0), to: 64, by: 4) {
            let group = value << 18 | (value + 1) << 12 | (value + 2) << 6 | (value + 3)
            packed += [UInt8(group >> 16), UInt8(group >> 8 & 0xFF), UInt8(group & 0xFF)]
        }
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        #expect(Self.encoded(packed) == alphabet)
        #expect(Self.decodedCount(alphabet.utf8) == 48)
    }

    @Test func appendsToWhatIsThere() {
        var writer = ByteWriter()
        writer.append("key: ")
        Base64.append([0xFF, 0xFE].span, to: &writer)
        #expect(writer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == "key: //4=")
    }

    @Test func takesExactlyTheAlphabet() {
        let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(
                Self.decodedCount([0x41, byte, 0x41, 0x41]) == (alphabet.contains(byte) ? 3 : nil))
        }
    }

    @Test(arguments: [
        "A", "AA", "AAA", "AAAAA", "AAAAA=", "A===", "====", "=", "AA=A", "A=AA", "=AAA", "AA==AAAA",
        "AAA=AAAA",
        "AA A", "AA-_", "AAA\n", "AAAA\r\n",
    ])
    func refusesWhatIsNot(text: String) {
        #expect(Self.decodedCount(text.utf8) == nil)
    }

    /// RFC 4648 section 3.5 leaves these to the decoder.
    @Test func takesBitsThatThePaddingLeavesOver() {
        #expect(Self.decodedCount("AB==".utf8) == 1)
        #expect(Self.decodedCount("AAB=".utf8) == 2)
    }
}
