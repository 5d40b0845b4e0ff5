/// A frame as a client sends it, or breaks it.
struct ClientFrame {
    /// How the length is written.
    enum LengthForm { case minimal, twoBytes, eightBytes }

    var opcode: UInt8
    var payload: [UInt8] = []
    var isFinal = true
    var reservedBits: UInt8 = 0
    var key: [UInt8]? = [0x37, 0xFA, 0x21, 0x3D]
    var lengthForm = LengthForm.minimal
    /// A length other than the payload's.
    var announcedBytes: UInt64?

    var bytes: [UInt8] {
        let length = announcedBytes ?? UInt64(payload.count)
        let maskBit: UInt8 = key == nil ? 0 : 0x80
        var bytes = [(isFinal ? 0x80 : 0) | reservedBits << 4 | opcode]
        switch (lengthForm, length) {
        case (.minimal, 0...125):
            bytes.append(maskBit | UInt8(length))
        case (.minimal, 126...0xFFFF), (.twoBytes, _):
            bytes += [maskBit | 126, UInt8(length >> 8), UInt8(length & 0xFF)]
        default:
            bytes.append(maskBit | 127)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(56 - $0 * 8)) }
        }
        guard let key else { return bytes + payload }
        bytes += key
        bytes += payload.enumerated().map { $1 ^ key[$0 % 4] }
        return bytes
    }

    static func text(_ text: String, isFinal: Bool = true) -> ClientFrame {
        ClientFrame(opcode: 1, payload: Array(text.utf8), isFinal: isFinal)
    }

    static func text(_ bytes: [UInt8], isFinal: Bool = true) -> ClientFrame {
        ClientFrame(opcode: 1, payload: bytes, isFinal: isFinal)
    }

    static func binary(_ bytes: [UInt8], isFinal: Bool = true) -> ClientFrame {
        ClientFrame(opcode: 2, payload: bytes, isFinal: isFinal)
    }

    static func more(_ bytes: [UInt8], isFinal: Bool = false) -> ClientFrame {
        ClientFrame(opcode: 0, payload: bytes, isFinal: isFinal)
    }

    static func ping(_ bytes: [UInt8] = []) -> ClientFrame { ClientFrame(opcode: 9, payload: bytes) }

    static func pong(_ bytes: [UInt8] = []) -> ClientFrame { ClientFrame(opcode: 10, payload: bytes) }

    static func close(_ code: UInt16? = nil, reason: [UInt8] = []) -> ClientFrame {
        guard let code else { return ClientFrame(opcode: 8) }
        return ClientFrame(opcode: 8, payload: [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }
}
