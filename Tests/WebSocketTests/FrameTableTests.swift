import Testing
import WebSocket

/// One stream of a client, and what it amounts to.
struct FrameCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let stream: [UInt8]
    let received: [Received]

    init(_ name: String, _ frames: [ClientFrame], _ received: [Received]) {
        self.init(name, bytes: frames.flatMap(\.bytes), received)
    }

    init(_ name: String, bytes: [UInt8], _ received: [Received]) {
        testDescription = name
        stream = bytes
        self.received = received
    }
}

/// Every stream is also fed cut at every byte.
@Suite struct FrameTableTests {
    private static let hello = Array("Hello".utf8)

    @Test(arguments: [
        // RFC 6455 section 5.7, the masked frames.
        FrameCase(
            "the standard's text", bytes: [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58],
            [.text("Hello")]),
        FrameCase(
            "the standard's pong", bytes: [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58],
            [.pong(hello)]),
        FrameCase("nothing", [], []),
        FrameCase("an empty text", [.text("")], [.text("")]),
        FrameCase("an empty binary", [.binary([])], [.message(.binary, [])]),
        FrameCase(
            "a key of zeros", [ClientFrame(opcode: 2, payload: [1, 2, 3], key: [0, 0, 0, 0])],
            [.message(.binary, [1, 2, 3])]),
        FrameCase(
            "not UTF-8, but binary", [.binary([0xFF, 0xC0, 0x80])], [.message(.binary, [0xFF, 0xC0, 0x80])]),
        FrameCase(
            "125 bytes", [.binary(.init(repeating: 5, count: 125))],
            [.message(.binary, .init(repeating: 5, count: 125))]),
        FrameCase(
            "126 bytes", [.binary(.init(repeating: 6, count: 126))],
            [.message(.binary, .init(repeating: 6, count: 126))]),
        FrameCase(
            "65,535 bytes", [.binary(.init(repeating: 7, count: 65_535))],
            [.message(.binary, .init(repeating: 7, count: 65_535))]),
        FrameCase(
            "65,536 bytes", [.binary(.init(repeating: 8, count: 65_536))],
            [.message(.binary, .init(repeating: 8, count: 65_536))]),
        FrameCase(
            "three messages", [.text("a"), .binary([1]), .text("b")],
            [.text("a"), .message(.binary, [1]), .text("b")]),
        FrameCase(
            "two fragments", [.text("Hel", isFinal: false), .more(Array("lo".utf8), isFinal: true)],
            [.text("Hello")]),
        FrameCase(
            "an empty last fragment", [.text("Hello", isFinal: false), .more([], isFinal: true), .ping()],
            [.text("Hello"), .ping([])]),
        FrameCase(
            "an empty first fragment", [.text("", isFinal: false), .more(hello, isFinal: true)],
            [.text("Hello")]),
        FrameCase(
            "empty fragments only",
            [.binary([], isFinal: false), .more([]), .more([]), .more([], isFinal: true)],
            [.message(.binary, [])]),
        FrameCase(
            "a character cut by a fragment",
            [.text([0xE2, 0x82], isFinal: false), .more([0xAC], isFinal: true)],
            [.text("€")]),
        FrameCase(
            "control frames inside a message",
            [
                .text("Hel", isFinal: false), .ping([1]), .more([]), .pong([2]),
                .more(Array("lo".utf8), isFinal: true),
            ],
            [.ping([1]), .pong([2]), .text("Hello")]),
        FrameCase(
            "a ping inside a character",
            [.text([0xF0, 0x9F], isFinal: false), .ping([0xFF]), .more([0x98, 0x80], isFinal: true)],
            [.ping([0xFF]), .text("😀")]),
        FrameCase("an empty ping", [.ping()], [.ping([])]),
        FrameCase(
            "a ping of 125 bytes", [.ping(.init(repeating: 9, count: 125))],
            [.ping(.init(repeating: 9, count: 125))]),
        FrameCase("a pong that nobody asked for", [.pong([1]), .text("a")], [.pong([1]), .text("a")]),
        FrameCase("a close without a code", [.close()], [.close(nil, [])]),
        FrameCase("a close", [.close(1000)], [.close(1000, [])]),
        FrameCase(
            "a close with a reason", [.close(1001, reason: Array("até".utf8))],
            [.close(1001, Array("até".utf8))]),
        FrameCase(
            "a close with the longest reason", [.close(3000, reason: .init(repeating: 0x61, count: 123))],
            [.close(3000, .init(repeating: 0x61, count: 123))]),
        FrameCase(
            "a close inside a message", [.text("Hel", isFinal: false), .close(1000)], [.close(1000, [])]),
        FrameCase(
            "nothing counts after a close", [.close(1000), .text("a"), .ping(), ClientFrame(opcode: 7)],
            [.close(1000, [])]),
    ])
    func takes(entry: FrameCase) {
        #expect(Receiver.everyWay(entry.stream) == entry.received)
    }

    /// After each, a ping that must not be answered any more.
    @Test(arguments: [
        FrameCase("not masked", [ClientFrame(opcode: 1, payload: hello, key: nil)], [.failed(1002)]),
        FrameCase("an empty frame not masked", [ClientFrame(opcode: 1, key: nil)], [.failed(1002)]),
        FrameCase(
            "a ping not masked", [.text("a"), ClientFrame(opcode: 9, key: nil)], [.text("a"), .failed(1002)]),
        FrameCase("a close not masked", [ClientFrame(opcode: 8, key: nil)], [.failed(1002)]),
        FrameCase("RSV1", [ClientFrame(opcode: 1, payload: hello, reservedBits: 4)], [.failed(1002)]),
        FrameCase("RSV2", [ClientFrame(opcode: 2, payload: hello, reservedBits: 2)], [.failed(1002)]),
        FrameCase("RSV3", [ClientFrame(opcode: 9, payload: hello, reservedBits: 1)], [.failed(1002)]),
        FrameCase(
            "RSV1 inside a message", [.text("a", isFinal: false), ClientFrame(opcode: 0, reservedBits: 4)],
            [.failed(1002)]),
        FrameCase("all reserved bits on a close", [ClientFrame(opcode: 8, reservedBits: 7)], [.failed(1002)]),
        FrameCase("a fragmented ping", [ClientFrame(opcode: 9, isFinal: false)], [.failed(1002)]),
        FrameCase("a fragmented pong", [ClientFrame(opcode: 10, isFinal: false)], [.failed(1002)]),
        FrameCase("a fragmented close", [ClientFrame(opcode: 8, isFinal: false)], [.failed(1002)]),
        FrameCase("a ping of 126 bytes", [.ping(.init(repeating: 9, count: 126))], [.failed(1002)]),
        FrameCase(
            "a close of 126 bytes", [.close(1000, reason: .init(repeating: 9, count: 124))], [.failed(1002)]),
        FrameCase("a pong of 65,536 bytes", [.pong(.init(repeating: 9, count: 65_536))], [.failed(1002)]),
        FrameCase(
            "a ping with a length that is not minimal",
            [ClientFrame(opcode: 9, payload: [1], lengthForm: .twoBytes)],
            [.failed(1002)]),
        FrameCase("a continuation of nothing", [.more(hello, isFinal: true)], [.failed(1002)]),
        FrameCase("a continuation of nothing, not final", [.more(hello)], [.failed(1002)]),
        FrameCase(
            "a continuation of what has ended", [.text("a"), .more(hello, isFinal: true)],
            [.text("a"), .failed(1002)]),
        FrameCase("a text inside a text", [.text("a", isFinal: false), .text("b")], [.failed(1002)]),
        FrameCase(
            "a binary inside a text", [.text("a", isFinal: false), .ping([1]), .binary([2], isFinal: false)],
            [.ping([1]), .failed(1002)]),
        FrameCase("a text inside an empty start", [.text("", isFinal: false), .text("b")], [.failed(1002)]),
        FrameCase(
            "125 in two bytes of length",
            [ClientFrame(opcode: 2, payload: .init(repeating: 1, count: 125), lengthForm: .twoBytes)],
            [.failed(1002)]),
        FrameCase(
            "0 in two bytes of length", [ClientFrame(opcode: 2, lengthForm: .twoBytes)], [.failed(1002)]),
        FrameCase(
            "65,535 in eight bytes of length",
            [ClientFrame(opcode: 2, payload: .init(repeating: 1, count: 65_535), lengthForm: .eightBytes)],
            [.failed(1002)]),
        FrameCase(
            "1 in eight bytes of length", [ClientFrame(opcode: 2, payload: [1], lengthForm: .eightBytes)],
            [.failed(1002)]),
        FrameCase(
            "2^63 bytes", [ClientFrame(opcode: 2, lengthForm: .eightBytes, announcedBytes: 1 << 63)],
            [.failed(1002)]),
        FrameCase(
            "2^64 - 1 bytes", [ClientFrame(opcode: 2, lengthForm: .eightBytes, announcedBytes: .max)],
            [.failed(1002)]),
        FrameCase(
            "2^63 - 1 bytes", [ClientFrame(opcode: 2, lengthForm: .eightBytes, announcedBytes: .max >> 1)],
            [.failed(1009)]),
        FrameCase(
            "2^63 - 1 bytes inside a message",
            [
                .binary([1], isFinal: false),
                ClientFrame(opcode: 0, lengthForm: .eightBytes, announcedBytes: .max >> 1),
            ],
            [.failed(1009)]),
        FrameCase("a close of one byte", [ClientFrame(opcode: 8, payload: [3])], [.failed(1002)]),
        FrameCase("a close reason not UTF-8", [.close(1000, reason: [0x61, 0xFF])], [.failed(1007)]),
        FrameCase(
            "a close reason that ends inside a character", [.close(1000, reason: [0xE2, 0x82])],
            [.failed(1007)]),
        FrameCase("a text not UTF-8", [.text([0x61, 0xFF, 0x62])], [.failed(1007)]),
        FrameCase("a text that ends inside a character", [.text([0xE2, 0x82])], [.failed(1007)]),
        FrameCase(
            "a message that ends inside a character",
            [.text([0x61, 0xE2], isFinal: false), .more([], isFinal: true)],
            [.failed(1007)]),
        FrameCase(
            "a character broken by a fragment",
            [.text([0xE2], isFinal: false), .ping(), .more([0x61], isFinal: true)],
            [.ping([]), .failed(1007)]),
        FrameCase("a surrogate", [.text("a"), .text([0xED, 0xA0, 0x80])], [.text("a"), .failed(1007)]),
    ])
    func refuses(entry: FrameCase) {
        #expect(Receiver.everyWay(entry.stream + ClientFrame.ping([7]).bytes) == entry.received)
    }

    @Test(arguments: [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8])
    func refusesReservedOpcodes(opcode: UInt8) {
        for isFinal in [true, false] {
            let stream = ClientFrame(opcode: opcode, payload: [1, 2], isFinal: isFinal).bytes
            #expect(Receiver.everyWay(stream) == [.failed(1002)])
            let inside = ClientFrame.text("a", isFinal: false).bytes + stream
            #expect(Receiver.everyWay(inside) == [.failed(1002)])
        }
    }

    @Test(
        arguments: [
            0, 1, 999, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013,
            1014, 1015,
            1016, 1100, 2000, 2999, 3000, 3999, 4000, 4999, 5000, 65_535,
        ] as [UInt16])
    func checksCloseCodes(code: UInt16) {
        let valid = [1000...1003, 1007...1014, 3000...4999].contains { $0.contains(code) }
        let frame = ClientFrame.close(code, reason: Array("why".utf8))
        #expect(Receiver.everyWay(frame.bytes) == [valid ? .close(code, Array("why".utf8)) : .failed(1002)])
    }

    /// The rest of the header never has to arrive.
    @Test(
        arguments: [
            [0xC1, 0x85], [0xA1, 0xFF], [0x91, 0xFE], [0x83, 0x80], [0x8B, 0x80], [0x09, 0x80], [0x89, 0xFE],
            [0x88, 0xFF], [0x81, 0x05], [0x81, 0x7E], [0x81, 0x7F], [0x80, 0xFE], [0x00, 0xFF],
        ] as [[UInt8]])
    func refusesByTheFirstTwoBytes(start: [UInt8]) {
        #expect(Receiver.everyWay(start) == [.failed(1002)])
        #expect(Receiver.bytesUntilFailure(start) == 2)
    }

    @Test(arguments: [[0x81, 0xFE], [0x82, 0x81], [0x01, 0xFF], [0x02, 0xFE]] as [[UInt8]])
    func refusesAnotherStartByTheFirstTwoBytes(start: [UInt8]) {
        let first = ClientFrame.text("a", isFinal: false).bytes
        #expect(Receiver.bytesUntilFailure(first + start) == first.count + 2)
    }

    @Test func refusesTextAtTheFirstImpossibleByte() {
        // A Greek word, a surrogate, and more text, in one frame and with one byte in each frame.
        let text: [UInt8] =
            [0xCE, 0xBA, 0xE1, 0xBD, 0xB9, 0xCF, 0x83, 0xCE, 0xBC, 0xCE, 0xB5, 0xED, 0xA0, 0x80] + Self.hello
        #expect(Receiver.bytesUntilFailure(ClientFrame.text(text).bytes) == 6 + 13)
        var frames = ClientFrame.text([], isFinal: false).bytes
        for byte in text { frames += ClientFrame.more([byte]).bytes }
        #expect(Receiver.bytesUntilFailure(frames) == 6 + 13 * 7)
    }

    @Test func namesTheRule() {
        var receiver = Receiver()
        receiver.receive(ClientFrame(opcode: 1, payload: Self.hello, key: nil).bytes)
        #expect(receiver.reason == "A client must mask its frames.")
    }

    @Test func handsOnWhatHasArrived() {
        var receiver = Receiver()
        let frame = ClientFrame.text("Hello").bytes
        receiver.receive(Array(frame[..<6]))
        #expect(receiver.kind == nil)
        receiver.receive(Array(frame[6..<9]))
        #expect(receiver.kind == .text && receiver.partial == Array("Hel".utf8))
        #expect(receiver.received == [])
        receiver.receive(Array(frame[9...]))
        #expect(receiver.received == [.text("Hello")])
    }

    /// It stands in each of 10,000 connections.
    @Test func isSmall() {
        #expect(MemoryLayout<WebSocketState>.stride <= 48)
    }
}
