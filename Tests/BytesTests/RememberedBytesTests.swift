import Bytes
import Testing

@Suite struct RememberedBytesTests {
    /// Some that remember up to 100, to be asked with arrays.
    private final class Memory {
        private var bytes = RememberedBytes(bytesMax: 100)
        var count: Int { bytes.count }
        func remember(_ given: [UInt8]) -> Bool { bytes.remember(given.span) }
        func matches(_ given: [UInt8]) -> Bool { bytes.matches(given.span) }
        func begins(_ given: [UInt8], from start: Int) -> Bool { bytes.begins(given.span, from: start) }
    }

    private static func text(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(33 + $0 % 90) } }

    @Test(arguments: 8...100)
    func tellsTheSameBytesFromOthers(count: Int) {
        let remembered = Memory()
        let bytes = Self.text(count)
        #expect(!remembered.matches(bytes))
        #expect(remembered.remember(bytes))
        #expect(remembered.count == count)
        #expect(remembered.matches(bytes))
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 1
            #expect(!remembered.matches(other))
        }
        #expect(!remembered.matches(bytes + [0]))
        #expect(!remembered.matches(Array(bytes.dropLast())))
    }

    @Test(arguments: [0, 1, 7, 101, 200])
    func whatIsTooShortOrTooLongIsNotRemembered(count: Int) {
        let remembered = Memory()
        let bytes = Self.text(count)
        #expect(!remembered.remember(bytes))
        #expect(!remembered.matches(bytes))
        #expect(!remembered.begins(bytes, from: 0))
        // What was remembered before still is.
        #expect(remembered.remember(Self.text(12)))
        #expect(!remembered.remember(bytes))
        #expect(remembered.matches(Self.text(12)))
    }

    @Test func bytesAreLookedForAtAnyOffset() {
        let remembered = Memory()
        #expect(remembered.remember(Self.text(13)))
        for offset in 0...9 {
            let bytes = Array(repeating: 1, count: offset) + Self.text(13)
            #expect(remembered.begins(bytes, from: offset))
            #expect(remembered.begins(bytes + [7], from: offset))
            #expect(!remembered.begins(Array(bytes.dropLast()), from: offset))
            #expect(!remembered.begins(bytes, from: offset + 1))
            #expect(!remembered.begins(bytes, from: bytes.count))
        }
    }
}
