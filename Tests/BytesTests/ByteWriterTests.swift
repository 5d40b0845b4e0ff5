import Bytes
import Testing

@Suite struct ByteWriterTests {
    private static let stored: StaticString = "CD"

    private static func written(_ body: (inout ByteWriter) -> Void) -> String {
        var writer = ByteWriter()
        body(&writer)
        return writer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        0, 1, 9, 10, 99, 100, 999, 1_000, 9_999, 10_000, 99_999, 123_456_789, -1, -10, Int.max, Int.min,
    ])
    func writesDecimals(value: Int) {
        #expect(Self.written { $0.append(decimal: value) } == String(value))
    }

    @Test func writesDecimalsOfEveryWidth() {
        #expect(Self.written { $0.append(decimal: UInt64.max) } == "18446744073709551615")
        #expect(Self.written { $0.append(decimal: Int8.min) } == "-128")
        #expect(Self.written { $0.append(decimal: UInt8.max) } == "255")
        #expect(Self.written { $0.append(decimal: Int32.min) } == "-2147483648")
        #expect(Self.written { $0.append(decimal: UInt16(200)) } == "200")
    }

    /// Each power of ten, and the number before it.
    @Test func countsDigits() {
        #expect(DecimalText(0).count == 1)
        #expect(DecimalText(.max).count == 20)
        var power: UInt64 = 1
        for digits in 1...19 {
            #expect(DecimalText(power).count == digits)
            let next = power.multipliedReportingOverflow(by: 10)
            #expect(DecimalText(next.partialValue - 1).count == digits)
            #expect(Self.written { $0.append(decimal: next.partialValue - 1) } == "\(next.partialValue - 1)")
            power = next.partialValue
        }
        #expect(DecimalText(power).count == 20)
    }

    @Test(arguments: [0, 1, 9, 10, 15, 16, 17, 255, 256, 4_095, 4_096, 65_535, 65_536, 16_777_216, Int.max])
    func writesHexadecimals(value: Int) {
        #expect(Self.written { $0.append(hexadecimal: value) } == String(value, radix: 16))
    }

    @Test func appendsEveryKindOfBytes() {
        let nothing: [UInt8] = []
        let text = Self.written {
            $0.append(0x41)
            $0.append("literal" as StaticString)
            $0.append("" as StaticString)
            $0.append([0x20, 0x42].span)
            $0.append(nothing.span)
            $0.append(UnsafeRawBufferPointer(start: Self.stored.utf8Start, count: 2))
            $0.append(UnsafeRawBufferPointer(start: nil, count: 0))
            $0.append(count: 3) { target in target.update(repeating: 0x45, count: 3) }
            $0.append(count: 0) { _ in Issue.record("there is nothing to fill") }
        }
        #expect(text == "Aliteral BCDEEE")
    }

    /// What was written stays as it was when the allocation moves, and growing at least doubles.
    @Test func growsByDoubling() {
        var writer = ByteWriter()
        #expect(writer.capacity == 0)
        #expect(writer.isEmpty == true)
        var capacities: [Int] = []
        for index in 0..<10_000 {
            writer.append(UInt8(truncatingIfNeeded: index))
            if capacities.last != writer.capacity { capacities.append(writer.capacity) }
        }
        #expect(writer.count == 10_000)
        #expect(capacities == [64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384])
        let isIntact = writer.withUnsafeBytes { bytes in
            bytes.enumerated().allSatisfy { $0.element == UInt8(truncatingIfNeeded: $0.offset) }
        }
        #expect(isIntact)
    }

    @Test func growsToWhatIsAppended() {
        var writer = ByteWriter(capacity: 10)
        #expect(writer.capacity == 10)
        for _ in 0..<10 { writer.append(0x61) }
        #expect(writer.capacity == 10)
        writer.reserve(0)
        #expect(writer.capacity == 10)
        writer.append([UInt8](repeating: 0x62, count: 1_000).span)
        #expect(writer.capacity == 1_010)
        #expect(writer.count == 1_010)
        let ends = writer.withUnsafeBytes { [$0[0], $0[9], $0[10], $0[1_009]] }
        #expect(ends == [0x61, 0x61, 0x62, 0x62])
        writer.reserve(5)
        #expect(writer.capacity == 2_020)
        #expect(writer.count == 1_010)
    }

    @Test func resets() {
        var writer = ByteWriter(capacity: 100)
        writer.append("text" as StaticString)
        writer.reset()
        #expect(writer.isEmpty == true)
        #expect(writer.capacity == 100)
        writer.append("text" as StaticString)
        writer.reset(keeping: 100)
        #expect(writer.isEmpty == true)
        #expect(writer.capacity == 100)
        writer.append("text" as StaticString)
        writer.reset(keeping: 99)
        #expect(writer.isEmpty == true)
        #expect(writer.capacity == 0)
        #expect(writer.withUnsafeBytes { $0.count } == 0)
        writer.reset(keeping: 0)
        writer.append("more" as StaticString)
        #expect(writer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == "more")
    }

    @Test func truncatesAndOverwrites() {
        let text = Self.written {
            $0.append("0123456789" as StaticString)
            $0.truncate(to: 10)
            $0.truncate(to: 4)
            $0.overwrite(at: 0, with: 0x41)
            $0.overwrite(at: 3, with: 0x44)
            $0.append(0x45)
            $0.withUnsafeMutableBytes { $0[1] = 0x42 }
        }
        #expect(text == "AB2DE")
        #expect(
            Self.written {
                $0.truncate(to: 0)
                $0.append("0" as StaticString)
                $0.truncate(to: 0)
            } == "")
    }

    @Test func lendsWhatWasWritten() {
        var writer = ByteWriter()
        #expect(Array(writer.unsafeBytes) == [])
        #expect(Array(writer.unsafeBuffer) == [])
        writer.append("lent" as StaticString)
        #expect(Array(writer.unsafeBytes) == Array("lent".utf8))
        #expect(Array(writer.unsafeBuffer) == Array("lent".utf8))
    }

    @Test func refusesWhatIsOurOwnMistake() async {
        await #expect(processExitsWith: .failure) {
            var writer = ByteWriter()
            writer.append(0x41)
            writer.truncate(to: 2)
        }
        await #expect(processExitsWith: .failure) {
            var writer = ByteWriter(capacity: 10)
            writer.append(0x41)
            writer.overwrite(at: 1, with: 0x42)
        }
        await #expect(processExitsWith: .failure) {
            var writer = ByteWriter()
            writer.append(hexadecimal: -1)
        }
    }
}
