import Testing
import WebSocket

/// Streams from a seed: what was sent has to arrive, wherever the bytes are cut.
@Suite struct RandomStreamTests {
    private struct Stream {
        var bytes: [UInt8] = []
        var sent: [Received] = []

        init(messages: Int, using random: inout SplitMix64) {
            for _ in 0..<messages { appendMessage(using: &random) }
            if random.once(in: 2) {
                append(.close(1000, reason: Array("bye €".utf8)), using: &random)
                sent.append(.close(1000, Array("bye €".utf8)))
            }
        }

        private mutating func append(_ frame: ClientFrame, using random: inout SplitMix64) {
            var frame = frame
            frame.key = random.bytes(4)
            bytes += frame.bytes
        }

        private mutating func appendControl(using random: inout SplitMix64) {
            let payload = random.bytes(random.once(in: 4) ? 125 : Int.random(in: 0...9, using: &random))
            if random.once(in: 2) {
                append(.ping(payload), using: &random)
                sent.append(.ping(payload))
            } else {
                append(.pong(payload), using: &random)
                sent.append(.pong(payload))
            }
        }

        private mutating func appendMessage(using random: inout SplitMix64) {
            let isText = random.once(in: 2)
            let longest = random.once(in: 10) ? 70_000 : 300
            let payload =
                isText
                ? random.text(scalars: Int.random(in: 0...longest / 100, using: &random))
                : random.bytes(Int.random(in: 0...longest, using: &random))
            var offset = 0
            var fragments = 0
            while true {
                let remaining = payload.count - offset
                let size = random.once(in: 3) ? remaining : Int.random(in: 0...remaining, using: &random)
                let isFinal = fragments == 90 || (size == remaining && random.once(in: 2))
                append(
                    ClientFrame(
                        opcode: fragments > 0 ? 0 : isText ? 1 : 2,
                        payload: Array(payload[offset..<(isFinal ? payload.count : offset + size)]),
                        isFinal: isFinal),
                    using: &random)
                if isFinal { break }
                offset += size
                fragments += 1
                while random.once(in: 3) { appendControl(using: &random) }
            }
            sent.append(.message(isText ? .text : .binary, payload))
            while random.once(in: 3) { appendControl(using: &random) }
        }
    }

    private static func receive(_ stream: [UInt8], using random: inout SplitMix64) -> Receiver {
        var receiver = Receiver()
        var offset = 0
        let longest = [3, 20, 200, 5_000].randomElement(using: &random)!
        while offset < stream.count {
            let end = min(stream.count, offset + Int.random(in: 0...longest, using: &random))
            receiver.receive(Array(stream[offset..<end]))
            offset = end
        }
        return receiver
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func whatWasSentArrives(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let stream = Stream(messages: 8, using: &random)
        var whole = Receiver()
        whole.receive(stream.bytes)
        #expect(whole.received == stream.sent)
        #expect(whole.kind == nil)
        for _ in 0..<3 {
            #expect(Self.receive(stream.bytes, using: &random).received == stream.sent)
        }
    }

    /// A stream with a few bits turned: whatever comes of it, the cuts make no difference to it.
    @Test(arguments: 0..<60 as Range<UInt64>)
    func cutsMakeNoDifference(seed: UInt64) {
        var random = SplitMix64(seed: seed ^ 0xABCD)
        for _ in 0..<10 {
            var bytes = Array(Stream(messages: 2, using: &random).bytes.prefix(3_000))
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8(random.next() % 8)
            }
            var whole = Receiver()
            whole.receive(bytes)
            let cut = Self.receive(bytes, using: &random)
            #expect(cut.received == whole.received)
            #expect(cut.reason == whole.reason)
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func takesAnyBytes(seed: UInt64) {
        var random = SplitMix64(seed: seed ^ 0x5EED)
        for _ in 0..<100 {
            var bytes = random.bytes(Int.random(in: 0...60, using: &random))
            // Half of them with a start that is taken, so that more than the first two bytes is looked at.
            if bytes.count > 2, random.once(in: 2) {
                bytes[0] = [0x01, 0x02, 0x81, 0x82, 0x88, 0x89, 0x8A].randomElement(using: &random)!
                bytes[1] |= 0x80
            }
            let received = Receiver.everyWay(bytes)
            #expect(received.count <= bytes.count)
        }
    }
}
