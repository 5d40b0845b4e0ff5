@testable import Bytes
import Testing

@Suite struct JSONStringTests {
    private static func written(_ bytes: [UInt8]) -> String {
        var writer = ByteWriter()
        bytes.withUnsafeBufferPointer { writer.append(jsonString: $0) }
        return writer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    private static func count(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBufferPointer { ByteWriter.jsonStringByteCount($0) }
    }

    @Test(arguments: [
        ("", #""""#),
        ("AAPL", #""AAPL""#),
        ("\"", #""\"""#),
        ("\\", #""\\""#),
        ("a\"b\\c", #""a\"b\\c""#),
        ("\"\"", #""\"\"""#),
        ("/", #""/""#),
        ("\u{8}\u{9}\u{A}\u{C}\u{D}", #""\b\t\n\f\r""#),
        ("\u{0}", #""\u0000""#),
        ("\u{1}\u{B}\u{E}\u{F}\u{10}\u{1B}\u{1F}", #""\u0001\u000b\u000e\u000f\u0010\u001b\u001f""#),
        ("a\u{0}", #""a\u0000""#),
        ("\u{0}a", #""\u0000a""#),
        (" \u{7F}\u{80}\u{E9}\u{20AC}\u{2028}\u{1F4C8}", "\" \u{7F}\u{80}\u{E9}\u{20AC}\u{2028}\u{1F4C8}\""),
    ])
    func escapes(text: String, string: String) {
        #expect(Self.written(Array(text.utf8)) == string)
        #expect(Self.count(Array(text.utf8)) == string.utf8.count)
        var writer = ByteWriter()
        writer.append(jsonString: text)
        #expect(writer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == string)
    }

    /// RFC 8259 section 7: quotes, backslashes and control characters, and nothing else.
    @Test func escapesExactlyWhatItMust() {
        for byte in UInt8.min...UInt8.max {
            var writer = ByteWriter()
            [0x61, byte, 0x62].withUnsafeBufferPointer { writer.append(jsonString: $0) }
            let isEscaped = byte < 0x20 || byte == 0x22 || byte == 0x5C
            let bytes = writer.withUnsafeBytes { Array($0) }
            #expect((bytes == [0x22, 0x61, byte, 0x62, 0x22]) == !isEscaped)
            #expect(bytes.count == Self.count([0x61, byte, 0x62]))
            if isEscaped { #expect(bytes[2] == 0x5C) }
        }
    }

    /// Texts are looked at in words, of which the last overlaps the one before it.
    @Test func findsWhatItMustEscapeWhereverItStands() {
        for count in 1...33 {
            for place in 0..<count {
                for byte in [0x00, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x7F, 0x80, 0xFF]
                    as [UInt8]
                {
                    var text = [UInt8](repeating: 0x61, count: count)
                    text[place] = byte
                    let isEscaped = byte < 0x20 || byte == 0x22 || byte == 0x5C
                    let isPlain = text.withUnsafeBufferPointer { ByteWriter.isPlain($0) }
                    #expect(isPlain != isEscaped, "\(byte) at \(place) of \(count)")
                }
            }
        }
    }

    @Test func countsWhatItWrites() {
        // A stride that is coprime to 256 visits all bytes next to many others.
        for start in 0..<64 {
            let bytes = (0..<start).map { UInt8(truncatingIfNeeded: ($0 &* 37) ^ (start &* 11)) }
            var writer = ByteWriter()
            bytes.withUnsafeBufferPointer { writer.append(jsonString: $0) }
            #expect(writer.count == Self.count(bytes))
        }
    }

    @Test func takesAnEmptyBufferWithoutAnAddress() {
        var writer = ByteWriter()
        let nothing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        writer.append(jsonString: nothing)
        #expect(writer.withUnsafeBytes { Array($0) } == [0x22, 0x22])
        #expect(ByteWriter.jsonStringByteCount(nothing) == 2)
    }

    @Test func appendsToWhatIsThere() {
        var writer = ByteWriter()
        writer.append("{" as StaticString)
        writer.append(jsonString: "a\n")
        writer.append(":" as StaticString)
        writer.append(jsonString: "")
        #expect(writer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == #"{"a\n":"""#)
    }
}
