/// What a subscriber says: whole messages, control frames, and now and then what no client may send.
struct Message {
    /// What answers it, if anything does.
    var expected: FrameExpectation.Kind?
    /// Whether it is refused as soon as that can be known.
    var isFaulty = false
    /// Whether nothing that follows counts.
    var isLast = false
    var bytes: [UInt8]

    /// Sizes around those at which a header changes its form.
    private static let sizes = [0, 1, 4, 7, 64, 124, 125, 126, 127, 128, 255, 256]
    private static let largeSizes = [65_534, 65_535, 65_536]

    /// Anything. `bytesMax` is the largest message taken.
    static func any(bytesMax: Int, _ generator: inout SeededGenerator) -> Message {
        switch generator.below(24) {
        case 0...6: return ping(&generator)
        case 7, 8: return Message(bytes: frame(10, text(generator.below(126), &generator), &generator))
        case 9...17: return data(bytesMax: bytesMax, &generator)
        case 18...21: return fragmented(&generator)
        case 22: return generator.once(in: 3) ? close(&generator) : ping(&generator)
        default: return generator.once(in: 3) ? faulty(bytesMax: bytesMax, &generator) : ping(&generator)
        }
    }

    private static func ping(_ generator: inout SeededGenerator) -> Message {
        let payload = text(min(125, generator.one(of: sizes)), &generator)
        return Message(expected: .pong(payload), bytes: frame(9, payload, &generator))
    }

    private static func data(bytesMax: Int, _ generator: inout SeededGenerator) -> Message {
        let size =
            generator.once(in: 12) ? generator.one(of: largeSizes + [bytesMax]) : generator.one(of: sizes)
        let payload = text(min(size, bytesMax), &generator)
        return Message(bytes: frame(generator.once(in: 2) ? 1 : 2, payload, &generator))
    }

    /// A message in parts, with a ping between two of them.
    private static func fragmented(_ generator: inout SeededGenerator) -> Message {
        let payload = text(generator.one(of: sizes), &generator)
        let pinged = text(generator.below(20), &generator)
        let first = generator.below(payload.count + 1)
        let second = first + generator.below(payload.count - first + 1)
        let bytes =
            frame(1, Array(payload[..<first]), isFinal: false, &generator)
            + frame(0, Array(payload[first..<second]), isFinal: false, &generator)
            + frame(9, pinged, &generator) + frame(0, Array(payload[second...]), &generator)
        return Message(expected: .pong(pinged), bytes: bytes)
    }

    private static func close(_ generator: inout SeededGenerator) -> Message {
        guard generator.once(in: 2) else {
            return Message(expected: .close(nil), isLast: true, bytes: frame(8, [], &generator))
        }
        return Message(
            expected: .close(1000), isLast: true,
            bytes: frame(8, [0x03, 0xE8] + Array("bye".utf8), &generator))
    }

    private static func faulty(bytesMax: Int, _ generator: inout SeededGenerator) -> Message {
        let (code, bytes): (UInt16, [UInt8]) =
            switch generator.below(6) {
            case 0: (1002, ClientFrame(1, [65], key: nil).bytes)
            case 1: (1007, frame(1, [0xC3, 0x28], &generator))
            case 2: (1009, frame(2, Array(repeating: 7, count: bytesMax + 1), &generator))
            case 3: (1002, frame(0, [65], &generator))
            case 4: (1002, frame(8, [0x03, 0xEC], &generator))
            default: (1002, frame(3, [], &generator))
            }
        return Message(expected: .close(code), isFaulty: true, isLast: true, bytes: bytes)
    }

    private static func frame(
        _ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, _ generator: inout SeededGenerator
    ) -> [UInt8] {
        let word = generator.next()
        let key = (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
        return ClientFrame(opcode, payload, isFinal: isFinal, key: key).bytes
    }

    private static func text(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        let start = UInt8(generator.below(26))
        return (0..<count).map { 0x61 + (start + UInt8($0 % 26)) % 26 }
    }
}
