import Testing
import WebSocket

@Suite struct WebSocketLimitsTests {
    private static func limits(bytes: Int = 100_000, fragments: Int = 100) -> WebSocketLimits {
        WebSocketLimits(messageBytesMax: bytes, fragmentsMax: fragments)
    }

    @Test(arguments: [0, 1, 125, 126, 127, 65_535, 65_536])
    func limitsTheBytesOfAFrame(limit: Int) {
        let payload = [UInt8](repeating: 0x61, count: limit)
        let limits = Self.limits(bytes: limit)
        #expect(
            Receiver.everyWay(ClientFrame.text(payload).bytes, limits: limits) == [.message(.text, payload)])

        let tooLong = ClientFrame.text(payload + [0x61]).bytes
        #expect(Receiver.everyWay(tooLong, limits: limits) == [.failed(1009)])
        // By the length alone, before the key and the payload.
        let lengthEnd = limit + 1 <= 125 ? 2 : limit + 1 <= 65_535 ? 4 : 10
        #expect(Receiver.bytesUntilFailure(tooLong, limits: limits) == lengthEnd)
    }

    @Test func limitsTheBytesOfAMessage() {
        let limits = Self.limits(bytes: 10)
        let start = ClientFrame.text("12345", isFinal: false).bytes + ClientFrame.ping([1]).bytes
        let atLimit = start + ClientFrame.more(Array("67890".utf8), isFinal: true).bytes
        // The next message counts from nothing; control frames do not count.
        #expect(
            Receiver.everyWay(atLimit + atLimit, limits: limits)
                == [.ping([1]), .text("1234567890"), .ping([1]), .text("1234567890")])
        let onePast = start + ClientFrame.more(Array("678901".utf8), isFinal: true).bytes
        #expect(Receiver.everyWay(onePast, limits: limits) == [.ping([1]), .failed(1009)])
        #expect(Receiver.bytesUntilFailure(onePast, limits: limits) == start.count + 2)
        let full = start + ClientFrame.more(Array("67890".utf8)).bytes
        #expect(
            Receiver.everyWay(full + ClientFrame.more([], isFinal: true).bytes, limits: limits).last
                == .text("1234567890"))
        #expect(
            Receiver.everyWay(full + ClientFrame.more([0x31]).bytes, limits: limits).last == .failed(1009))
    }

    @Test(arguments: [1, 2, 3, 40])
    func limitsTheFragmentsOfAMessage(limit: Int) {
        let limits = Self.limits(fragments: limit)
        func message(fragments: Int) -> [UInt8] {
            var stream: [UInt8] = []
            for index in 0..<fragments {
                stream +=
                    ClientFrame(
                        opcode: index == 0 ? 1 : 0, payload: index % 3 == 0 ? [0x61] : [],
                        isFinal: index == fragments - 1
                    ).bytes
                stream += ClientFrame.pong().bytes
            }
            return stream
        }
        let text = Received.message(.text, .init(repeating: 0x61, count: (limit + 2) / 3))
        let atLimit = message(fragments: limit)
        let twice = Receiver.everyWay(atLimit + atLimit, limits: limits)
        #expect(twice.filter { $0 != .pong([]) } == [text, text])

        let onePast = message(fragments: limit + 1)
        let refused = Receiver.everyWay(onePast, limits: limits)
        #expect(refused.filter { $0 != .pong([]) } == [.failed(1008)])
        // By the first two bytes of the frame that is one too many.
        #expect(Receiver.bytesUntilFailure(onePast, limits: limits) == atLimit.count + 2)
    }

    @Test func limitsEmptyFragments() {
        let limits = Self.limits(fragments: 5)
        let start = ClientFrame.binary([], isFinal: false).bytes
        let four = Array(repeating: ClientFrame.more([]).bytes, count: 4).joined()
        #expect(Receiver.everyWay(start + four, limits: limits) == [])
        let stream = start + four + ClientFrame.more([]).bytes
        #expect(Receiver.everyWay(stream, limits: limits) == [.failed(1008)])
        #expect(Receiver.bytesUntilFailure(stream, limits: limits) == 5 * 6 + 2)
    }

    @Test func keepsNoMoreThanItSays() {
        let ping = ClientFrame.ping(.init(repeating: 1, count: 125)).bytes
        #expect(ping.count - 1 == WebSocketState.keptBytesMax)
        #expect(FrameHeader.bytesMax - 1 < WebSocketState.keptBytesMax)
        var receiver = Receiver()
        receiver.receive(ping.dropLast())
        #expect(receiver.received == [])
        receiver.receive([ping[ping.count - 1]])
        #expect(receiver.received == [.ping(.init(repeating: 1, count: 125))])
    }

    @Test func refusesLimitsThatAreNone() async {
        await #expect(processExitsWith: .failure) {
            _ = WebSocketLimits(messageBytesMax: 1, fragmentsMax: 0)
        }
        await #expect(processExitsWith: .failure) {
            _ = WebSocketLimits(messageBytesMax: -1, fragmentsMax: 1)
        }
    }
}
