/// A rule or limit that a peer's frame breaks. The connection is to be failed with its code (RFC 6455
/// section 7.1.7).
public enum FrameFault: UInt8, Error, CaseIterable, Sendable {
    case reservedBits, reservedOpcode, fragmentedControl, longControl, notMasked
    case lengthNotMinimal, lengthOutOfRange
    case continuationWithoutStart, startInsideMessage
    case messageTooBig, tooManyFragments
    case textNotUTF8
    case closeWithoutCode, closeCodeInvalid, closeReasonNotUTF8

    /// The close code that goes with the fault.
    public var code: CloseCode {
        switch self {
        case .reservedBits, .reservedOpcode, .fragmentedControl, .longControl, .notMasked, .lengthNotMinimal,
            .lengthOutOfRange, .continuationWithoutStart, .startInsideMessage, .closeWithoutCode,
            .closeCodeInvalid:
            .protocolError
        case .textNotUTF8, .closeReasonNotUTF8: .invalidPayload
        case .messageTooBig: .messageTooBig
        // Not 1009: the same bytes in fewer frames would have been taken, so "too big" would mislead.
        case .tooManyFragments: .policyViolation
        }
    }

    /// One short sentence that names the rule, of at most 123 bytes, so that a close frame can carry it
    /// whole.
    public var reason: StaticString {
        switch self {
        case .reservedBits: "A reserved bit is set and no extension was agreed on."
        case .reservedOpcode: "The opcode is reserved."
        case .fragmentedControl: "A control frame must not be fragmented."
        case .longControl: "A control frame holds at most 125 bytes."
        case .notMasked: "A client must mask its frames."
        case .lengthNotMinimal: "The payload length must take the fewest bytes that hold it."
        case .lengthOutOfRange: "The highest bit of the payload length must be 0."
        case .continuationWithoutStart: "A continuation frame came without a message to continue."
        case .startInsideMessage: "A new message began before the last one had ended."
        case .messageTooBig: "The message is longer than this server takes."
        case .tooManyFragments: "The message has more fragments than this server takes."
        case .textNotUTF8: "A text message must be UTF-8."
        case .closeWithoutCode: "The payload of a close frame begins with a code of two bytes."
        case .closeCodeInvalid: "The close code may not stand in a close frame."
        case .closeReasonNotUTF8: "The reason in a close frame must be UTF-8."
        }
    }
}
