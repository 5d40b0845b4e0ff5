import HTTP1

/// Reads requests one after another as a session does: all bytes since the head began are presented again,
/// each time in another place; bodies are read once.
struct RequestStream: ~Copyable {
    /// The requests that were taken.
    private(set) var taken: [TakenRequest] = []
    /// Why the rest is refused.
    private(set) var fault: HTTPFault?

    private enum Phase {
        case head
        case length(Int)
        case chunks(ChunkedDecoder)
    }

    private let limits: HTTPLimits
    private var parser: RequestParser
    private var memory = HeadMemory()
    private var phase = Phase.head
    private var request: TakenRequest?
    private var kept: [UInt8] = []

    init(limits: HTTPLimits) {
        self.limits = limits
        parser = RequestParser(limits: limits)
    }

    /// Reads a piece of the stream.
    mutating func receive(_ piece: ArraySlice<UInt8>) {
        guard fault == nil else { return }
        let bytes = kept + piece
        var offset = 0
        while fault == nil {
            let isMoreLeft =
                switch phase {
                case .head: readHead(bytes, &offset)
                case .length(let missing): readLength(missing, bytes, &offset)
                case .chunks(let decoder): readChunks(decoder, bytes, &offset)
                }
            if !isMoreLeft { break }
        }
        kept = Array(bytes[offset...])
    }

    private mutating func readHead(_ bytes: [UInt8], _ offset: inout Int) -> Bool {
        guard offset < bytes.count else { return false }
        let rest = Array(bytes[offset...])
        switch ExactBytes.lend(rest, to: { parser.parse(UnsafeBufferPointer($0).span, recalling: &memory) }) {
        case .incomplete:
            return false
        case .invalid(let fault):
            self.fault = fault
            return false
        case .complete(let consumed):
            RequestTarget.expect(consumed > 0 && consumed <= rest.count, "\(consumed) bytes of a head")
            RequestTarget.expect(consumed <= limits.headBytesMax, "a head of \(consumed) bytes")
            request = TakenRequest(parser.head, headBytes: Array(rest[..<consumed]))
            offset += consumed
            switch parser.head.framing {
            case .none: endRequest()
            case .length(let length): phase = .length(length)
            case .chunked: phase = .chunks(ChunkedDecoder())
            }
            return true
        }
    }

    private mutating func readLength(_ missing: Int, _ bytes: [UInt8], _ offset: inout Int) -> Bool {
        let part = bytes[offset...].prefix(missing)
        request?.framedBody += part
        request?.body += part
        offset += part.count
        phase = .length(missing - part.count)
        if part.count == missing { endRequest() }
        return part.count == missing
    }

    private mutating func readChunks(
        _ decoder: ChunkedDecoder, _ bytes: [UInt8], _ offset: inout Int
    ) -> Bool {
        var decoder = decoder
        let before = offset
        let step = ExactBytes.lend(bytes) {
            decoder.next(UnsafeBufferPointer($0).span, &offset, limits: limits)
        }
        phase = .chunks(decoder)
        RequestTarget.expect(offset >= before && offset <= bytes.count, "offset \(before) to \(offset)")
        request?.framedBody += bytes[before..<offset]
        switch step {
        case .incomplete:
            RequestTarget.expect(offset == bytes.count, "\(bytes.count - offset) bytes are left")
            return false
        case .data(let part):
            let isPart = !part.isEmpty && part.lowerBound >= before && part.upperBound == offset
            RequestTarget.expect(isPart, "data \(part) between \(before) and \(offset)")
            request?.body += bytes[part]
        case .finished:
            endRequest()
        case .invalid(let fault):
            self.fault = fault
            return false
        }
        return true
    }

    private mutating func endRequest() {
        if let request { taken.append(request) }
        request = nil
        phase = .head
        parser.reset()
    }
}
