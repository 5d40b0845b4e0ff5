import Bytes

/// Takes a chunked body apart (RFC 9112 section 7.1), wherever it was cut: a byte is looked at once.
public struct ChunkedDecoder: Sendable {
    /// What comes next.
    public enum Step {
        /// All bytes are used up; the body goes on.
        case incomplete
        /// A part of the body, by its offsets in the bytes.
        case data(Range<Int>)
        /// The body, its trailers included, has ended.
        case finished
        /// The body has to be refused and the connection closed.
        case invalid(HTTPFault)
    }

    private enum State {
        case size, blankAfterSize, chunkExtension, sizeLineFeed
        case data
        case dataCarriageReturn, dataLineFeed
        case trailerStart, trailerName, trailerValue, trailerLineFeed, endLineFeed
    }

    private var state = State.size
    private var remaining = 0
    private var digits = 0
    private var bodyBytes = 0
    private var extensionBytes = 0
    private var trailerBytes = 0

    /// A decoder at the beginning of a body.
    public init() {}

    /// Sixteen hexadecimal digits are all that can be a number; zeros before them only hide things.
    private static let sizeDigitsMax = 16

    /// Looks at `bytes` from `offset`, which it moves past what it used.
    public mutating func next(_ bytes: Span<UInt8>, _ offset: inout Int, limits: HTTPLimits) -> Step {
        while offset < bytes.count {
            if case .data = state {
                let end = min(bytes.count, offset &+ remaining)
                let part = offset..<end
                remaining &-= part.count
                if remaining == 0 { state = .dataCarriageReturn }
                offset = end
                return .data(part)
            }
            let byte = bytes[offset]
            offset &+= 1
            do throws(HTTPFault) {
                if try take(byte, limits) { return .finished }
            } catch {
                return .invalid(error)
            }
        }
        return .incomplete
    }

    /// Takes one byte of the framing. Answers whether it was the last of the body.
    private mutating func take(_ byte: UInt8, _ limits: HTTPLimits) throws(HTTPFault) -> Bool {
        switch state {
        case .size, .blankAfterSize, .chunkExtension:
            try takeSizeLine(byte, limits)
        case .sizeLineFeed:
            try require(byte, ASCII.lineFeed)
            try beginChunk(limits)
        case .dataCarriageReturn:
            try require(byte, ASCII.carriageReturn)
            state = .dataLineFeed
        case .dataLineFeed:
            try require(byte, ASCII.lineFeed)
            state = .size
            digits = 0
        case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed:
            try takeTrailer(byte, limits)
        case .endLineFeed:
            try require(byte, ASCII.lineFeed)
            return true
        case .data:
            preconditionFailure("data is not framing")
        }
        return false
    }

    private mutating func takeSizeLine(_ byte: UInt8, _ limits: HTTPLimits) throws(HTTPFault) {
        if state == .size {
            if let value = ASCII.hexValue(byte) {
                digits &+= 1
                guard digits <= Self.sizeDigitsMax, remaining >> 59 == 0 else {
                    throw .malformed("A chunk size is not a number of bytes.")
                }
                remaining = remaining << 4 | Int(value)
                return
            }
            guard digits > 0 else { throw .malformed("A chunk does not begin with its size.") }
        } else {
            extensionBytes &+= 1
            if extensionBytes > limits.chunkExtensionBytesMax {
                throw HTTPFault(
                    .contentTooLarge, "The chunk extensions are too long.",
                    limit: .chunkExtensions(limits.chunkExtensionBytesMax), givenBytes: extensionBytes)
            }
        }
        let isBlank = byte == ASCII.space || byte == ASCII.tab
        switch (state, byte) {
        case (.size, ASCII.carriageReturn), (.chunkExtension, ASCII.carriageReturn):
            state = .sizeLineFeed
        case (.size, 0x3B), (.blankAfterSize, 0x3B):
            state = .chunkExtension
        case (.size, _) where isBlank, (.blankAfterSize, _) where isBlank:
            // Blanks may stand before an extension, and nowhere else (RFC 9112 section 7.1.1).
            state = .blankAfterSize
        case (.chunkExtension, _) where isBlank || (byte > 0x20 && byte != 0x7F):
            break
        default:
            throw .malformed("A chunk size is followed by something else than an extension or CR LF.")
        }
    }

    private mutating func beginChunk(_ limits: HTTPLimits) throws(HTTPFault) {
        if remaining == 0 {
            state = .trailerStart
            return
        }
        guard remaining <= limits.bodyBytesMax &- bodyBytes else {
            let (given, overflow) = bodyBytes.addingReportingOverflow(remaining)
            throw .bodyTooLarge(limitBytes: limits.bodyBytesMax, givenBytes: overflow ? nil : given)
        }
        bodyBytes &+= remaining
        state = .data
    }

    /// Trailers are checked as fields are, and dropped: nothing here has a use for one.
    private mutating func takeTrailer(_ byte: UInt8, _ limits: HTTPLimits) throws(HTTPFault) {
        // The empty line that ends the body is not a part of the section.
        if state != .trailerStart || byte != ASCII.carriageReturn { trailerBytes &+= 1 }
        if trailerBytes > limits.trailerBytesMax {
            throw HTTPFault(
                .requestHeaderFieldsTooLarge, "The trailer section is too large.",
                limit: .trailers(limits.trailerBytesMax), givenBytes: trailerBytes)
        }
        switch state {
        case .trailerStart where byte == ASCII.carriageReturn:
            state = .endLineFeed
        case .trailerStart where ByteClass.isToken(byte):
            state = .trailerName
        case .trailerName where byte == ASCII.colon:
            state = .trailerValue
        case .trailerName where ByteClass.isToken(byte):
            break
        case .trailerValue where byte == ASCII.carriageReturn:
            state = .trailerLineFeed
        case .trailerValue where byte == ASCII.tab || (byte >= 0x20 && byte != 0x7F):
            break
        case .trailerLineFeed where byte == ASCII.lineFeed:
            state = .trailerStart
        default:
            throw .malformed("A trailer line is not a field.")
        }
    }

    private func require(_ byte: UInt8, _ wanted: UInt8) throws(HTTPFault) {
        guard byte == wanted else {
            throw .malformed("A chunk does not end where its size says, with CR LF.")
        }
    }
}
