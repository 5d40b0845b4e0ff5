/// Frames read the plain way, all of them at once, as RFC 6455 section 5 has them.
struct PlainFrames {
    private(set) var received: [ReceivedFrame] = []

    private let bytes: [UInt8]
    private let messageBytesMax: Int
    private let fragmentsMax: Int
    private var at = 0
    private var opcode: UInt8?
    private var message: [UInt8] = []
    private var fragments = 0

    init(_ bytes: [UInt8], messageBytesMax: Int, fragmentsMax: Int) {
        self.bytes = bytes
        self.messageBytesMax = messageBytesMax
        self.fragmentsMax = fragmentsMax
        while readFrame() {}
    }

    private mutating func fail(_ code: UInt16) -> Bool {
        received.append(.failed(code))
        return false
    }

    /// Answers whether there may be another one.
    private mutating func readFrame() -> Bool {
        guard bytes.count - at >= 2 else { return false }
        let isFinal = bytes[at] >= 0x80
        let opcode = bytes[at] & 0x0F
        let isControl = opcode >= 8
        let shortLength = bytes[at + 1] & 0x7F
        guard bytes[at] & 0x70 == 0, [0, 1, 2, 8, 9, 10].contains(opcode), bytes[at + 1] >= 0x80 else {
            return fail(1002)
        }
        if isControl, !isFinal || shortLength > 125 { return fail(1002) }
        if !isControl {
            if (opcode == 0) != (self.opcode != nil) { return fail(1002) }
            if fragments == fragmentsMax { return fail(1008) }
        }
        let lengthBytes = shortLength == 126 ? 2 : shortLength == 127 ? 8 : 0
        guard bytes.count - at >= 2 + lengthBytes else { return false }
        let extended = bytes[(at + 2)...].prefix(lengthBytes).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let length = lengthBytes == 0 ? UInt64(shortLength) : extended
        if lengthBytes == 2, length < 126 { return fail(1002) }
        if lengthBytes == 8, length < 65_536 || length >> 63 == 1 { return fail(1002) }
        if !isControl, length > UInt64(messageBytesMax - message.count) { return fail(1009) }
        let payloadStart = at + 2 + lengthBytes + 4
        guard bytes.count >= payloadStart else { return false }
        let key = Array(bytes[payloadStart - 4..<payloadStart])
        let masked = bytes[payloadStart...].prefix(Int(length))
        let payload = masked.enumerated().map { $0.element ^ key[$0.offset % 4] }
        at = payloadStart + payload.count
        let isWhole = payload.count == Int(length)
        return isControl
            ? isWhole && takeControl(opcode, payload)
            : takeData(opcode, payload, endsMessage: isWhole && isFinal) && isWhole
    }

    private mutating func takeData(_ opcode: UInt8, _ payload: [UInt8], endsMessage: Bool) -> Bool {
        if opcode != 0 { self.opcode = opcode }
        guard let kind = self.opcode else { return false }
        message += payload
        fragments += 1
        if kind == 1, !(endsMessage ? PlainFrames.isText(message) : PlainFrames.mayBecomeText(message)) {
            return fail(1007)
        }
        guard endsMessage else { return true }
        received.append(.message(opcode: kind, message))
        self.opcode = nil
        message = []
        fragments = 0
        return true
    }

    private mutating func takeControl(_ opcode: UInt8, _ payload: [UInt8]) -> Bool {
        switch opcode {
        case 9: received.append(.ping(payload))
        case 10: received.append(.pong(payload))
        default: return takeClose(payload)
        }
        return true
    }

    private mutating func takeClose(_ payload: [UInt8]) -> Bool {
        if payload.isEmpty {
            received.append(.close(code: nil, reason: []))
            return false
        }
        guard payload.count >= 2 else { return fail(1002) }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        let isKnown = (1000...1014).contains(code) && ![1004, 1005, 1006].contains(code)
        guard isKnown || (3000...4999).contains(code) else { return fail(1002) }
        let reason = Array(payload[2...])
        guard PlainFrames.isText(reason) else { return fail(1007) }
        received.append(.close(code: code, reason: reason))
        return false
    }

    private static func isText(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

    /// Whether some bytes more could make it text: a character may be cut anywhere.
    private static func mayBecomeText(_ bytes: [UInt8]) -> Bool {
        if isText(bytes) { return true }
        guard let start = bytes.suffix(3).lastIndex(where: { $0 >= 0xC0 }) else { return false }
        for second: UInt8 in [0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF] {
            for count in 0...2 {
                let more =
                    (bytes.count - start == 1 ? [second] : [0x80]) + Array(repeating: 0x80, count: count)
                if isText(bytes + more) { return true }
            }
        }
        return false
    }
}
