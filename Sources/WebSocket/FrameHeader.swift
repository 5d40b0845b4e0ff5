/// The header of a frame that a client sent (RFC 6455 section 5.2): 6, 8 or 14 bytes, of which the last four
/// are the masking key.
///
/// It is read in the order in which it arrives, so that each rule is applied as soon as its bytes are there,
/// and a header cut anywhere is refused for the same fault as a whole one: first the two bytes that every
/// header has, then the length, then the key.
public struct FrameHeader: Equatable, Sendable {
    /// The bytes that every header begins with.
    public static let startBytes = 2
    /// The longest header of a client, in bytes.
    public static let bytesMax = 14
    /// The longest payload of a control frame, in bytes (RFC 6455 section 5.5).
    public static let controlPayloadBytesMax = 125
    /// The longest control frame, in bytes: its length always fits the first two.
    public static let controlBytesMax = startBytes + MaskingKey.bytes + controlPayloadBytesMax

    /// What the frame is.
    public let opcode: Opcode
    /// Whether the frame ends its message.
    public let isFinal: Bool
    /// The 7 bits of length: the length itself up to 125; 126 and 127 announce 2 and 8 bytes of it.
    let lengthCode: UInt8

    /// Reads the first two bytes of a header.
    public init(_ first: UInt8, _ second: UInt8) throws(FrameFault) {
        guard first & 0x70 == 0 else { throw .reservedBits }
        guard let opcode = Opcode(rawValue: first & 0x0F) else { throw .reservedOpcode }
        self.opcode = opcode
        isFinal = first & 0x80 != 0
        lengthCode = second & 0x7F
        if opcode.isControl {
            guard isFinal else { throw .fragmentedControl }
            guard lengthCode <= Self.controlPayloadBytesMax else { throw .longControl }
        }
        guard second & 0x80 != 0 else { throw .notMasked }
    }

    /// Where the masking key begins, counted from the start of the header.
    public var keyOffset: Int {
        switch lengthCode {
        case 0...125: 2
        case 126: 4
        default: 10
        }
    }

    /// The size of the whole header, in bytes.
    public var count: Int { keyOffset + MaskingKey.bytes }

    /// The length of the payload, from all the bytes that have arrived since the start of the header; nil
    /// while those of the length are not all there. The result is never negative.
    public func payloadBytes(in bytes: Span<UInt8>) throws(FrameFault) -> Int? {
        switch lengthCode {
        case 0...125:
            return Int(lengthCode)
        case 126:
            guard bytes.count >= keyOffset else { return nil }
            let length = Int(bytes[2]) << 8 | Int(bytes[3])
            guard length > Self.controlPayloadBytesMax else { throw .lengthNotMinimal }
            return length
        default:
            guard bytes.count >= keyOffset else { return nil }
            var length: UInt64 = 0
            for index in 2..<10 { length = length << 8 | UInt64(bytes[index]) }
            guard let inRange = Int(exactly: length) else { throw .lengthOutOfRange }
            guard inRange > UInt16.max else { throw .lengthNotMinimal }
            return inRange
        }
    }
}
