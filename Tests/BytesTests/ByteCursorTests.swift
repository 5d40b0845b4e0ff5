import Bytes
import Testing

@Suite struct ByteCursorTests {
    private static func written(_ size: Int, _ write: (inout ByteCursor) -> Void) -> String {
        var writer = ByteWriter(capacity: 1)
        writer.append("<" as StaticString)
        writer.append(atMost: size, write)
        writer.append(">" as StaticString)
        return String(decoding: writer.unsafeBytes, as: UTF8.self)
    }

    @Test func writesPartsIntoTheRoomOfAll() {
        let text = Self.written(24) { cursor in
            cursor.append("ab" as StaticString)
            cursor.append(0x63)
            Array("def".utf8).withUnsafeBytes { cursor.append($0) }
            cursor.append(word: 0x6E6D_6C6B_6A69_6867)
            cursor.append(DecimalText(7))
            cursor.append(DecimalText(42))
            cursor.append(DecimalText(90_817))
        }
        #expect(text == "<abcdefghijklmn74290817>")
    }

    @Test(arguments: 0...40)
    func writesShortTexts(count: Int) {
        let bytes = (0..<count).map { UInt8(0x41 + $0) }
        let text = Self.written(count) { cursor in
            bytes.withUnsafeBufferPointer { cursor.append(short: $0) }
        }
        #expect(text == "<" + String(decoding: bytes, as: UTF8.self) + ">")
    }

    @Test func nothingIsNothing() {
        #expect(Self.written(10) { _ in } == "<>")
        #expect(Self.written(0) { $0.append(short: UnsafeBufferPointer(start: nil, count: 0)) } == "<>")
    }

    @Test func refusesWhatIsOurOwnMistake() async {
        await #expect(processExitsWith: .failure) {
            var writer = ByteWriter(capacity: 100)
            writer.append(atMost: 1) { $0.append("ab" as StaticString) }
        }
    }
}
