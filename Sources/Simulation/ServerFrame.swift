/// A frame as a client reads it: not masked, in the shortest form (RFC 6455 sections 5.1 and 5.2).
package struct ServerFrame: Equatable {
    package let opcode: UInt8
    package let isFinal: Bool
    package let payload: [UInt8]

    /// A frame that a server may send.
    package init(_ opcode: UInt8, _ payload: [UInt8] = []) {
        self.opcode = opcode
        isFinal = true
        self.payload = payload
    }

    /// The frame at `offset`, which is moved past it; nil where it has not arrived whole. What is no server's
    /// frame has the opcode 255.
    init?(_ bytes: [UInt8], _ offset: inout Int) {
        guard bytes.count - offset >= 2 else { return nil }
        var at = offset + 2
        var length = Int(bytes[offset + 1])
        let lengthBytes = length == 126 ? 2 : length == 127 ? 8 : 0
        guard bytes.count - at >= lengthBytes else { return nil }
        if lengthBytes > 0 { length = bytes[at..<at + lengthBytes].reduce(0) { $0 << 8 | Int($1) } }
        at += lengthBytes
        let isValid =
            bytes[offset + 1] < 0x80 && bytes[offset] & 0x70 == 0
            && (lengthBytes == 0 || length > (lengthBytes == 2 ? 125 : 0xFFFF))
        guard isValid else {
            opcode = 255
            isFinal = true
            payload = Array(bytes[offset...])
            offset = bytes.count
            return
        }
        guard bytes.count - at >= length else { return nil }
        opcode = bytes[offset] & 0x0F
        isFinal = bytes[offset] & 0x80 != 0
        payload = Array(bytes[at..<at + length])
        offset = at + length
    }

    /// The payload as text.
    package var text: String { String(decoding: payload, as: UTF8.self) }

    /// The code of a close frame; nil for another frame and for an empty one.
    package var closeCode: UInt16? {
        opcode == 8 && payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : nil
    }
}
