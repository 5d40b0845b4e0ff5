import Bytes
import Testing
import WebSocket

@Suite struct FrameWriterTests {
    private static func frame(_ opcode: Opcode, _ payload: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        payload.withUnsafeBytes { FrameWriter.append(opcode, payload: $0, to: &writer) }
        return writer.withUnsafeBytes { Array($0) }
    }

    private static func close(_ code: CloseCode?, _ reason: StaticString) -> [UInt8] {
        var writer = ByteWriter()
        FrameWriter.appendClose(code, reason: reason, to: &writer)
        return writer.withUnsafeBytes { Array($0) }
    }

    /// RFC 6455 section 5.7, the frames without a mask.
    @Test func writesTheExamples() {
        let hello = Array("Hello".utf8)
        #expect(Self.frame(.text, hello) == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        #expect(Self.frame(.ping, hello) == [0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        #expect(Self.frame(.binary, .init(repeating: 7, count: 256)).prefix(4) == [0x82, 0x7E, 0x01, 0x00])
        let long = Self.frame(.binary, .init(repeating: 7, count: 65_536))
        #expect(long.prefix(10) == [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0])
        #expect(long.count == 10 + 65_536)

        var writer = ByteWriter()
        FrameWriter.appendHeader(.text, finished: false, payloadBytes: 3, to: &writer)
        writer.append("Hel")
        FrameWriter.appendHeader(.continuation, finished: true, payloadBytes: 2, to: &writer)
        writer.append("lo")
        #expect(
            writer.withUnsafeBytes { Array($0) } == [0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F])
    }

    @Test(
        arguments: [
            (0, [0x82, 0]), (125, [0x82, 125]), (126, [0x82, 126, 0, 126]),
            (65_535, [0x82, 126, 0xFF, 0xFF]),
            (65_536, [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
            (Int.max, [0x82, 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
        ] as [(Int, [UInt8])])
    func writesTheShortestLength(payloadBytes: Int, header: [UInt8]) {
        var writer = ByteWriter()
        FrameWriter.appendHeader(.binary, finished: true, payloadBytes: payloadBytes, to: &writer)
        #expect(writer.withUnsafeBytes { Array($0) } == header)
        #expect(FrameWriter.headerBytes(payloadBytes: payloadBytes) == header.count)
    }

    @Test func writesCloseFrames() {
        #expect(Self.close(nil, "") == [0x88, 0x00])
        #expect(Self.close(.normalClosure, "") == [0x88, 0x02, 0x03, 0xE8])
        #expect(Self.close(.goingAway, "bye") == [0x88, 0x05, 0x03, 0xE9, 0x62, 0x79, 0x65])
        #expect(Self.close(CloseCode(rawValue: 4999), "") == [0x88, 0x02, 0x13, 0x87])
    }

    /// 120 times `x`, then what decides.
    @Test func cutsReasonsWhereACharacterEnds() {
        let whole: StaticString = """
            xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
            xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxabc
            """
        let oneMore: StaticString = """
            xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
            xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxabcd
            """
        let fits: StaticString = """
            xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
            xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx€
            """
        let euro: StaticString = """
            xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
            xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxa€
            """
        let face: StaticString = """
            xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
            xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx😀
            """
        let start = String(repeating: "x", count: 120)
        for (reason, shown) in [
            (whole, start + "abc"), (oneMore, start + "abc"), (fits, start + "€"), (euro, start + "a"),
            (face, start),
        ] {
            let frame = Self.close(.policyViolation, reason)
            #expect(frame.prefix(4) == [0x88, UInt8(2 + shown.utf8.count), 0x03, 0xF0])
            #expect(String(validating: frame.dropFirst(4), as: UTF8.self) == shown)
        }
    }

    @Test func refusesFramesThatNobodyMaySend() async {
        await #expect(processExitsWith: .failure) {
            var writer = ByteWriter()
            FrameWriter.appendClose(CloseCode(rawValue: 1006), reason: "", to: &writer)
        }
        await #expect(processExitsWith: .failure) {
            var writer = ByteWriter()
            FrameWriter.appendHeader(.ping, finished: true, payloadBytes: 126, to: &writer)
        }
    }
}
