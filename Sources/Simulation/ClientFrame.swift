/// A frame as a client sends it: masked (RFC 6455 section 5.3).
package struct ClientFrame {
    package var opcode: UInt8
    package var payload: [UInt8]
    package var isFinal: Bool
    package var key: [UInt8]?

    package init(
        _ opcode: UInt8, _ payload: [UInt8] = [], isFinal: Bool = true,
        key: [UInt8]? = [0x37, 0xFA, 0x21, 0x3D]
    ) {
        self.opcode = opcode
        self.payload = payload
        self.isFinal = isFinal
        self.key = key
    }

    /// A text message, or the first part of one.
    package static func text(_ text: String, isFinal: Bool = true) -> ClientFrame {
        ClientFrame(1, Array(text.utf8), isFinal: isFinal)
    }

    /// A further part of a message.
    package static func more(_ text: String, isFinal: Bool) -> ClientFrame {
        ClientFrame(0, Array(text.utf8), isFinal: isFinal)
    }

    /// A ping.
    package static func ping(_ text: String = "") -> ClientFrame { ClientFrame(9, Array(text.utf8)) }

    /// A pong.
    package static func pong(_ text: String = "") -> ClientFrame { ClientFrame(10, Array(text.utf8)) }

    /// A close frame, with a code or empty.
    package static func close(_ code: UInt16? = nil, _ reason: String = "") -> ClientFrame {
        guard let code else { return ClientFrame(8) }
        return ClientFrame(8, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(reason.utf8))
    }

    /// The frame as it is sent.
    package var bytes: [UInt8] {
        var bytes = [(isFinal ? 0x80 : 0) | opcode]
        let maskBit: UInt8 = key == nil ? 0 : 0x80
        switch payload.count {
        case 0...125:
            bytes.append(maskBit | UInt8(payload.count))
        case 126...0xFFFF:
            bytes += [maskBit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            bytes.append(maskBit | 127)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - $0 * 8)) }
        }
        guard let key else { return bytes + payload }
        return bytes + key + payload.indices.map { payload[$0] ^ key[$0 % 4] }
    }
}
