import Bytes

/// Writes the frames of a server: not masked, and with the shortest header that holds the length (RFC 6455
/// sections 5.1 and 5.2).
public enum FrameWriter {
    /// The longest reason in a close frame, in bytes: a control payload without the code.
    public static let closeReasonBytesMax = FrameHeader.controlPayloadBytesMax - 2

    /// The size of the header of a frame with that many bytes of payload: 2, 4 or 10 bytes.
    public static func headerBytes(payloadBytes: Int) -> Int {
        if payloadBytes <= FrameHeader.controlPayloadBytesMax { return 2 }
        return payloadBytes <= UInt16.max ? 4 : 10
    }

    /// Appends a header; its payload, of exactly `payloadBytes`, is to be appended after it.
    ///
    /// - Parameters:
    ///   - finished: whether the frame ends its message; always true of a control frame.
    ///   - payloadBytes: at most 125 in a control frame.
    public static func appendHeader(
        _ opcode: Opcode, finished: Bool, payloadBytes: Int, to writer: inout ByteWriter
    ) {
        precondition(payloadBytes >= 0)
        if opcode.isControl {
            precondition(finished && payloadBytes <= FrameHeader.controlPayloadBytesMax)
        }
        writer.append((finished ? 0x80 : 0) | opcode.rawValue)
        switch headerBytes(payloadBytes: payloadBytes) {
        case 2:
            writer.append(UInt8(payloadBytes))
        case 4:
            writer.append(126)
            writer.append(UInt8(payloadBytes >> 8))
            writer.append(UInt8(payloadBytes & 0xFF))
        default:
            writer.append(127)
            for shift in stride(from: 56, through: 0, by: -8) {
                writer.append(UInt8(truncatingIfNeeded: payloadBytes >> shift))
            }
        }
    }

    /// Appends a whole message, or control frame, in one frame.
    public static func append(
        _ opcode: Opcode, payload: UnsafeRawBufferPointer, to writer: inout ByteWriter
    ) {
        writer.reserve(headerBytes(payloadBytes: payload.count) + payload.count)
        appendHeader(opcode, finished: true, payloadBytes: payload.count, to: &writer)
        writer.append(payload)
    }

    /// Appends a close frame (RFC 6455 section 5.5.1).
    ///
    /// - Parameters:
    ///   - code: one that is valid on the wire; nil for a frame without a payload.
    ///   - reason: cut after ``closeReasonBytesMax`` bytes, where a character ends; empty without a code.
    public static func appendClose(_ code: CloseCode?, reason: StaticString, to writer: inout ByteWriter) {
        precondition(reason.hasPointerRepresentation)
        let text = UnsafeRawBufferPointer(start: reason.utf8Start, count: reason.utf8CodeUnitCount)
        guard let code else {
            precondition(text.isEmpty)
            appendHeader(.close, finished: true, payloadBytes: 0, to: &writer)
            return
        }
        precondition(code.isValidOnTheWire)
        let shown = UnsafeRawBufferPointer(rebasing: text[..<reasonEnd(text)])
        appendHeader(.close, finished: true, payloadBytes: 2 + shown.count, to: &writer)
        writer.append(UInt8(code.rawValue >> 8))
        writer.append(UInt8(code.rawValue & 0xFF))
        writer.append(shown)
    }

    /// Where a reason is cut: never before a byte that continues a character.
    private static func reasonEnd(_ text: UnsafeRawBufferPointer) -> Int {
        guard text.count > closeReasonBytesMax else { return text.count }
        var end = closeReasonBytesMax
        while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }
}
