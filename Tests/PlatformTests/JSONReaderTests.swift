@testable import Platform
import TestKit
import Testing

/// JSON by its grammar (RFC 8259), against what is not.
@Suite struct JSONReaderTests {
    /// Whether the whole text is one JSON value, as the reader sees it.
    private static func accepts(_ bytes: [UInt8]) -> Bool {
        var reader = JSONReader()
        do throws(JSONReader.SyntaxError) {
            reader.skipBlanks(bytes.span)
            try reader.skipValue(bytes.span)
            reader.skipBlanks(bytes.span)
        } catch {
            #expect(error.offset >= 0 && error.offset <= bytes.count)
            return false
        }
        return reader.offset == bytes.count
    }

    @Test(arguments: [
        "0", "-0", "1", "10", "-1.5", "0.0", "1e5", "1E-5", "1.25e+10", "123456789012345678901234567890",
        "true",
        "false", "null", "\"\"", "\"a\"", #""\u0000\uD834\uDD1E\"""#, "[]", "[ ]", "[1]", "[1,2 , 3]", "{}",
        "{ }",
        #"{"a":1}"#, #"{"a":1,"a":2}"#, #"{"":[{}]}"#, " \t\r\n[null]\n ", "[[],[[]]]",
        #"{"a":{"b":[true,false]}}"#,
        #""\ud800""#, #""\udfff\ud800""#,
    ])
    func aTextIsAccepted(text: String) {
        let bytes = Array(text.utf8)
        #expect(Self.accepts(bytes))
        // A number goes on where it is cut; every other value has its end.
        let isNumber = bytes.first.map { $0 == 0x2D || (0x30...0x39).contains($0) } ?? false
        let end = bytes.lastIndex { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } ?? 0
        for cut in 0...end where !isNumber { #expect(!Self.accepts(Array(bytes[..<cut])), "cut at \(cut)") }
    }

    @Test(arguments: [
        "", " ", "00", "01", "-", "-a", "+1", "1.", ".1", "1.e1", "1e", "1e+", "1e1.5", "0x10", "1_000",
        "1 2",
        "Infinity", "NaN", "True", "TRUE", "nulL", "truefalse", "\"", "\"\\\"", "\"\\a\"", "\"\\u\"",
        "\"\\u12\"",
        "\"\\u123g\"", "\"\\U0041\"", "\"\u{1}\"", "\"\n\"", "'a'", "[", "]", "[,]", "[1,]", "[,1]", "[1 2]",
        "[1,,2]",
        "[1}", "{", "}", "{]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{1:1}",
        "{null:1}",
        "{\"a\":1 \"b\":2}", "{\"a\"::1}", "[1];", "//\n1", "1#", "\u{FEFF}1", "\u{A0}1", "[1]\u{0}",
        "\u{C}1", "\u{B}1",
    ])
    func aTextIsRefused(text: String) {
        #expect(!Self.accepts(Array(text.utf8)))
    }

    /// Damaged texts: whatever becomes of them, the reader stays inside, comes to an end, and says where.
    @Test func damagedTextsAreReadToTheirFault() {
        var generator = SeededGenerator(seed: 7)
        let text = Array(#" {"stocks":"A\n\ud83d\udcc8","quantity":-12.5e+3,"x":[true,false,null,{}]} "#.utf8)
        let alphabet = Array(#"{}[]":,\u09afAF-+.eE tn/"#.utf8) + [0x00, 0x0A, 0x1F, 0x7F, 0x80, 0xFF]
        var acceptedCount = 0
        for _ in 0..<5_000 {
            var damaged = text
            for _ in 0...generator.below(3) {
                let offset = generator.below(damaged.count)
                switch generator.below(3) {
                case 0: damaged.remove(at: offset)
                case 1: damaged.insert(alphabet[generator.below(alphabet.count)], at: offset)
                default: damaged[offset] = alphabet[generator.below(alphabet.count)]
                }
            }
            if Self.accepts(damaged) { acceptedCount += 1 }
        }
        // Both happen, or the damage is none.
        #expect(acceptedCount > 100 && acceptedCount < 4_000)
    }

    @Test(arguments: [
        ("0", JSONReader.Number.integer(0)), ("-7", .integer(-7)), ("9223372036854775807", .integer(.max)),
        ("-9223372036854775807", .integer(-.max)), ("9223372036854775808", .integer(nil)),
        ("99999999999999999999", .integer(nil)), ("92233720368547758079", .integer(nil)), ("1.0", .other),
        ("1e0", .other),
        ("0e1", .other),
    ])
    func aNumberIsAnIntegerOrNot(text: String, number: JSONReader.Number) throws {
        var reader = JSONReader()
        let bytes = Array(text.utf8)
        #expect(try reader.readNumber(bytes.span) == number)
        #expect(reader.offset == bytes.count)
    }
}
