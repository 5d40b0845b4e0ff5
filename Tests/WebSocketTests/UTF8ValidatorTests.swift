import Testing
import WebSocket

@Suite struct UTF8ValidatorTests {
    private static func isValid(_ bytes: [UInt8]) -> Bool {
        var validator = UTF8Validator()
        return validator.validate(bytes.span) && validator.isComplete
    }

    /// Feeds the next bytes. (The macros cannot take a span.)
    private static func takes(_ bytes: some Sequence<UInt8>, _ validator: inout UTF8Validator) -> Bool {
        validator.validate(Array(bytes).span)
    }

    /// The position of the first byte that is refused, fed one by one; nil when all are taken.
    private static func refusal(_ bytes: [UInt8]) -> Int? {
        var validator = UTF8Validator()
        for (index, byte) in bytes.enumerated() where !validator.validate([byte].span) { return index }
        return nil
    }

    @Test(arguments: [
        "", "Hello-µ@ßöäüàá-UTF-8!!", "κόσμε", "\u{0}", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}",
        "\u{E000}", "\u{FFFD}", "\u{FFFE}", "\u{FFFF}", "\u{10000}", "\u{1FFFE}", "\u{10FFFE}", "\u{10FFFF}",
    ])
    func takes(text: String) {
        #expect(Self.isValid(Array(text.utf8)))
        #expect(Self.refusal(Array(text.utf8)) == nil)
    }

    /// Each with the position of the first byte that no continuation can mend.
    @Test(
        arguments: [
            // Stray continuation bytes, and bytes that never occur.
            ([0x80], 0), ([0xBF], 0), ([0x41, 0x80], 1), ([0x80, 0xBF, 0x80], 0), ([0xFE], 0), ([0xFF], 0),
            ([0xFE, 0xFE, 0xFF, 0xFF], 0), ([0xF5], 0), ([0xF8, 0x88, 0x80, 0x80, 0x80], 0),
            ([0xFC, 0x84], 0),
            // A lead that something else follows.
            ([0xC2, 0x20], 1), ([0xE1, 0x41], 1), ([0xE1, 0x80, 0x41], 2), ([0xF1, 0x80, 0x80, 0x41], 3),
            ([0xDF, 0xDF], 1), ([0xEF, 0xBF, 0xEF], 2),
            // Overlong forms.
            ([0xC0, 0xAF], 0), ([0xC1, 0xBF], 0), ([0xE0, 0x80, 0xAF], 1), ([0xE0, 0x9F, 0xBF], 1),
            ([0xF0, 0x80, 0x80, 0xAF], 1), ([0xF0, 0x8F, 0xBF, 0xBF], 1),
            // Surrogates, alone and paired.
            ([0xED, 0xA0, 0x80], 1), ([0xED, 0xAF, 0xBF], 1), ([0xED, 0xBF, 0xBF], 1),
            ([0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80], 1),
            // Past U+10FFFF.
            ([0xF4, 0x90, 0x80, 0x80], 1), ([0xF4, 0xBF, 0xBF, 0xBF], 1), ([0xF7, 0xBF, 0xBF, 0xBF], 0),
            // Text that goes wrong at the end: U+110000 after a Greek word.
            ([0xCE, 0xBA, 0xE1, 0xBD, 0xB9, 0xCF, 0x83, 0xCE, 0xBC, 0xCE, 0xB5, 0xF4, 0x90, 0x80, 0x80], 12),
        ] as [([UInt8], Int)])
    func refuses(bytes: [UInt8], position: Int) {
        #expect(!Self.isValid(bytes))
        #expect(Self.refusal(bytes) == position)
    }

    @Test func tellsWhereCharactersEnd() {
        for text in ["µ", "κ", "€", "\u{10000}", "\u{10FFFF}"] {
            let bytes = Array(text.utf8)
            for count in 1..<bytes.count {
                var validator = UTF8Validator()
                #expect(Self.takes(bytes[..<count], &validator))
                #expect(!validator.isComplete)
                #expect(Self.takes(bytes[count...], &validator))
                #expect(validator.isComplete)
            }
        }
    }

    /// Stretches of ASCII are passed over quickly; not inside a character, wherever it was cut.
    @Test(arguments: [1, 7, 8, 16, 64, 72])
    func takesNoASCIIInsideACharacter(count: Int) {
        let plain = [UInt8](repeating: 0x61, count: count)
        for before in 0...33 {
            // "é" up to `before`, so that a stretch ends at each place of the open character.
            let text = (before % 2 == 0 ? "" : "a") + String(repeating: "é", count: before / 2)
            let head = Array(text.utf8) + [0xC3]
            #expect(!Self.isValid(head + plain + [0xA9]))
            #expect(Self.isValid(head + [0xA9] + plain))

            var validator = UTF8Validator()
            #expect(Self.takes(head, &validator))
            #expect(!Self.takes(plain + [0xA9], &validator))
        }
    }

    @Test func staysRefused() {
        var validator = UTF8Validator()
        #expect(!Self.takes([0xFF], &validator))
        #expect(!Self.takes("plain text, more than sixteen bytes of it".utf8, &validator))
        #expect(!Self.takes([], &validator))
        #expect(!validator.isComplete)
    }

    /// All sequences of two bytes: a prefix is taken exactly when some ending makes it text.
    @Test func refusesExactlyTheImpossible() {
        let endings: [[UInt8]] = [
            [], [0x80], [0x90], [0xA0], [0x80, 0x80], [0x90, 0x80], [0xA0, 0x80], [0x80, 0x80, 0x80],
            [0x90, 0x80, 0x80], [0xA0, 0x80, 0x80],
        ]
        var possibleCount = 0
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let prefix = [first, second]
                let possible = endings.contains { String(validating: prefix + $0, as: UTF8.self) != nil }
                var validator = UTF8Validator()
                if validator.validate(prefix.span) != possible { Issue.record("\(prefix)") }
                if possible { possibleCount += 1 }
            }
        }
        #expect(possibleCount > 128 * 128)
    }

    /// A fault at every place of a text that is long enough for the stretches of ASCII to matter.
    @Test(arguments: [0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 71, 72, 128, 200])
    func findsAFaultAnywhere(count: Int) {
        let text = [UInt8](repeating: 0x61, count: count)
        #expect(Self.isValid(text))
        for position in 0..<count {
            for fault in [0x80, 0xC3, 0xFF] as [UInt8] {
                var broken = text
                broken[position] = fault
                #expect(!Self.isValid(broken))
            }
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func equalsTheStandardLibrary(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var valid = 0
        let rounds = 400
        for _ in 0..<rounds {
            var bytes = random.text(scalars: Int.random(in: 0...20, using: &random))
            if !bytes.isEmpty, random.once(in: 2) {
                let position = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[position] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: position)
                default: bytes.insert(UInt8.random(in: 0x80...0xFF, using: &random), at: position)
                }
            }
            let expected = String(validating: bytes, as: UTF8.self) != nil
            if expected { valid += 1 }
            if Self.isValid(bytes) != expected { Issue.record("\(bytes), expected \(expected)") }

            var validator = UTF8Validator()
            var offset = 0
            var taken = true
            while offset < bytes.count {
                let end = min(bytes.count, offset + Int.random(in: 1...90, using: &random))
                taken = validator.validate(bytes[offset..<end].span)
                offset = end
            }
            if (taken && validator.isComplete) != expected { Issue.record("\(bytes) in pieces") }
        }
        #expect(valid > rounds / 4 && valid < rounds * 3 / 4 + rounds / 10)
    }
}
