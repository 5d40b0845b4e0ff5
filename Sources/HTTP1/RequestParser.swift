import Bytes

/// Reads request heads (RFC 9112 sections 2 to 6), strictly: whatever two readers could take for different
/// requests is refused.
///
/// One pass over borrowed bytes, no allocation. A head that is not whole yet is presented again with more
/// behind it; whole lines are then not read again, and the last one not before its end has arrived.
public struct RequestParser: Sendable {
    /// What became of the bytes.
    public enum Result {
        /// ``RequestParser/head`` is whole; it ended after so many bytes.
        case complete(consumed: Int)
        /// The head goes on past these bytes.
        case incomplete
        /// The request has to be refused and the connection closed.
        case invalid(HTTPFault)
    }

    /// The head, whole after ``Result/complete(consumed:)``.
    public private(set) var head = RequestHead()

    private let limits: HTTPLimits
    /// Where the first line begins that has not been read.
    private var lineStart = 0
    /// How many bytes were there at the last look.
    private var seen = 0
    private var requestLineIsRead = false
    private var fields = FieldsSeen()
    /// The last `Host` that was well-formed: most requests have the same.
    private var lastHost = RememberedBytes()

    /// The fields that must not come twice.
    private struct FieldsSeen: OptionSet {
        let rawValue: UInt8
        static let host = FieldsSeen(rawValue: 1 << 0)
        static let contentLength = FieldsSeen(rawValue: 1 << 1)
        static let transferEncoding = FieldsSeen(rawValue: 1 << 2)
        static let origin = FieldsSeen(rawValue: 1 << 3)
        static let webSocketKey = FieldsSeen(rawValue: 1 << 4)
        static let webSocketVersion = FieldsSeen(rawValue: 1 << 5)
        static let expect = FieldsSeen(rawValue: 1 << 6)
        static let unknownCoding = FieldsSeen(rawValue: 1 << 7)
    }

    /// A parser at the beginning of a head.
    public init(limits: HTTPLimits) {
        self.limits = limits
    }

    /// Forgets the last head: the next bytes begin another.
    @inline(__always)
    public mutating func reset() {
        head.reset()
        lineStart = 0
        seen = 0
        requestLineIsRead = false
        fields = []
    }

    /// Whether a part of a head has been seen, so that its sender may be asked to hurry.
    public var hasBegun: Bool { seen > 0 }

    /// Looks at all bytes that have arrived since the head began.
    public mutating func parse(_ bytes: Span<UInt8>) -> Result {
        if seen > 0, !hasLineEnd(bytes) {
            seen = bytes.count
            return overLimit(bytes.count).map(Result.invalid) ?? .incomplete
        }
        do throws(HTTPFault) {
            if !requestLineIsRead {
                try skipEmptyLines(bytes)
                guard let next = try readRequestLine(bytes) else { return try pause(bytes) }
                requestLineIsRead = true
                lineStart = next
            }
            while true {
                switch try readField(bytes) {
                case .next(let next):
                    lineStart = next
                case .end(let end):
                    if end > limits.headBytesMax { throw headTooLarge(end) }
                    try checkWhole()
                    return .complete(consumed: end)
                case .incomplete:
                    return try pause(bytes)
                }
            }
        } catch {
            return .invalid(error)
        }
    }

    private func hasLineEnd(_ bytes: Span<UInt8>) -> Bool {
        var at = seen
        while at < bytes.count {
            if bytes[at] == ASCII.lineFeed { return true }
            at &+= 1
        }
        return false
    }

    private mutating func pause(_ bytes: Span<UInt8>) throws(HTTPFault) -> Result {
        seen = bytes.count
        if let fault = overLimit(bytes.count) { throw fault }
        return .incomplete
    }

    private func overLimit(_ count: Int) -> HTTPFault? {
        if !requestLineIsRead, count - lineStart > limits.requestLineBytesMax {
            return lineTooLong(count - lineStart)
        }
        return count > limits.headBytesMax ? headTooLarge(count) : nil
    }

    private func lineTooLong(_ given: Int) -> HTTPFault {
        HTTPFault(
            .uriTooLong, "The request line is too long.", limitBytes: limits.requestLineBytesMax,
            givenBytes: given)
    }

    private func headTooLarge(_ given: Int) -> HTTPFault {
        HTTPFault(
            .requestHeaderFieldsTooLarge, "The head of the request is too large.",
            limitBytes: limits.headBytesMax, givenBytes: given)
    }

    /// Empty lines before a request are left over from a sloppy one before it (RFC 9112 section 2.2).
    private mutating func skipEmptyLines(_ bytes: Span<UInt8>) throws(HTTPFault) {
        while lineStart < bytes.count, bytes[lineStart] == ASCII.carriageReturn {
            guard lineStart &+ 1 < bytes.count else { return }
            guard bytes[lineStart &+ 1] == ASCII.lineFeed else {
                throw .malformed("A carriage return stands alone before the request line.")
            }
            lineStart &+= 2
            if lineStart > limits.requestLineBytesMax { throw lineTooLong(lineStart) }
        }
    }

    // MARK: The request line (RFC 9112 section 3)

    /// Answers where the next line begins; nil while the line has not arrived whole.
    private mutating func readRequestLine(_ bytes: Span<UInt8>) throws(HTTPFault) -> Int? {
        // Only as the last byte: an empty line that has not arrived whole.
        if lineStart < bytes.count, bytes[lineStart] == ASCII.carriageReturn { return nil }
        guard let methodEnd = try readMethod(bytes) else { return nil }
        let targetStart = methodEnd &+ 1
        var queryStart = -1
        var at = ByteClass.firstSpecialInTarget(bytes, from: targetStart)
        while at < bytes.count {
            switch bytes[at] {
            case 0x3F:
                if queryStart < 0 { queryStart = at &+ 1 }
            case 0x25:
                if queryStart < 0 { head.flags.insert(.pathEncoded) }
            case 0x23:
                throw .malformed("The request target must not have a fragment.")
            default:
                return try endRequestLine(bytes, target: targetStart..<at, queryStart: queryStart)
            }
            at = ByteClass.firstSpecialInTarget(bytes, from: at &+ 1)
        }
        return nil
    }

    private mutating func endRequestLine(
        _ bytes: Span<UInt8>, target: Range<Int>, queryStart: Int
    ) throws(HTTPFault) -> Int? {
        let (targetStart, at) = (target.lowerBound, target.upperBound)
        guard bytes[at] == ASCII.space, at > targetStart else {
            throw .malformed("The request line is not a method, a target and a version, one space apart.")
        }
        let targetEnd = at
        guard let lineEnd = try readVersion(bytes, from: at &+ 1) else { return nil }
        if lineEnd &- lineStart > limits.requestLineBytesMax { throw lineTooLong(lineEnd &- lineStart) }
        var pathEnd = targetEnd
        if queryStart >= 0 {
            head.flags.insert(.query)
            head.query = ByteRange(queryStart, targetEnd)
            pathEnd = queryStart &- 1
        }
        if bytes[targetStart] == ASCII.slash {
            head.path = ByteRange(targetStart, pathEnd)
        } else {
            try readOtherForm(bytes, targetStart..<targetEnd, pathEnd: pathEnd)
        }
        return lineEnd
    }

    /// Answers where the space after the method is.
    private mutating func readMethod(_ bytes: Span<UInt8>) throws(HTTPFault) -> Int? {
        var at = lineStart
        // "GET ", as one word: what is asked most.
        if at &+ 4 <= bytes.count, loadWord(bytes, at, as: UInt32.self) == 0x2054_4547 {
            head.method = .get
            return at &+ 3
        }
        at = ByteClass.endOfToken(bytes, from: at)
        guard at < bytes.count else { return nil }
        guard bytes[at] == ASCII.space, at > lineStart else {
            throw .malformed("The request line does not begin with a method and one space.")
        }
        let name = bytes.extracting(lineStart..<at)
        head.method =
            switch name.count {
            case 3 where name.equals("GET"): .get
            case 4 where name.equals("POST"): .post
            case 4 where name.equals("HEAD"): .head
            case 6 where name.equals("DELETE"): .delete
            case 7 where name.equals("OPTIONS"): .options
            default: .other
            }
        head.flags = name.equals("CONNECT") ? [.authorityForm] : []
        return at
    }

    private mutating func readVersion(_ bytes: Span<UInt8>, from start: Int) throws(HTTPFault) -> Int? {
        // "HTTP/1.1" and the line end are ten bytes.
        guard start &+ 10 <= bytes.count else {
            // A line that has ended, too: nothing more need come.
            for offset in 0..<(bytes.count - start)
            where bytes[start + offset] == ASCII.lineFeed
                || (offset < 5 && bytes[start + offset] != versionPrefix[offset])
            {
                throw .malformed("The request line does not end in a version and CR LF.")
            }
            return nil
        }
        // "HTTP/1.1" and CR LF, as two words.
        if loadWord(bytes, start, as: UInt64.self) == 0x312E_312F_5054_5448,
            loadWord(bytes, start &+ 8, as: UInt16.self) == 0x0A0D
        {
            return start &+ 10
        }
        let version = bytes.extracting(start..<start &+ 8)
        guard version.extracting(0..<5).equals("HTTP/"), ASCII.isDigit(version[5]), version[6] == 0x2E,
            ASCII.isDigit(version[7])
        else { throw .malformed("The request line does not end in a version and CR LF.") }
        guard bytes[start &+ 8] == ASCII.carriageReturn, bytes[start &+ 9] == ASCII.lineFeed else {
            throw .malformed("The request line does not end in a version and CR LF.")
        }
        guard version[5] == 0x31 else {
            throw HTTPFault(.httpVersionNotSupported, "Only HTTP/1.0 and HTTP/1.1 are spoken here.")
        }
        head.minorVersion = version[7] &- ASCII.zero
        return start &+ 10
    }

    /// A word of the bytes, the first of them lowest.
    @inline(__always)
    private func loadWord<Word: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: Span<UInt8>, _ offset: Int, as type: Word.Type
    ) -> Word {
        Word(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }

    private var versionPrefix: InlineArray<5, UInt8> { [0x48, 0x54, 0x54, 0x50, 0x2F] }

    /// The targets that are not a path: absolute, authority and asterisk form.
    private mutating func readOtherForm(
        _ bytes: Span<UInt8>, _ target: Range<Int>, pathEnd: Int
    ) throws(HTTPFault) {
        if head.flags.contains(.authorityForm) { return }
        if target.count == 1, bytes[target.lowerBound] == 0x2A {
            guard head.method == .options else {
                throw .malformed("The target * is for OPTIONS alone.")
            }
            head.flags.insert(.asterisk)
            return
        }
        let text = bytes.extracting(target)
        let authorityStart: Int
        if text.count > 7, text.extracting(0..<7).equalsLowercase("http://") {
            authorityStart = target.lowerBound &+ 7
        } else if text.count > 8, text.extracting(0..<8).equalsLowercase("https://") {
            authorityStart = target.lowerBound &+ 8
            head.flags.insert(.foreignScheme)
        } else {
            throw .malformed("The request target is neither a path nor an http URL.")
        }
        var authorityEnd = authorityStart
        while authorityEnd < pathEnd, bytes[authorityEnd] != ASCII.slash { authorityEnd &+= 1 }
        head.authority = ByteRange(authorityStart, authorityEnd)
        guard Authority.isValid(bytes.extracting(authorityStart..<authorityEnd)) else {
            throw .malformed("The request target's host is malformed.")
        }
        head.path = ByteRange(authorityEnd, pathEnd)
    }

    // MARK: Fields (RFC 9112 section 5)

    private enum FieldStep {
        case next(Int)
        case end(Int)
        case incomplete
    }

    @inline(__always)
    private mutating func readField(_ bytes: Span<UInt8>) throws(HTTPFault) -> FieldStep {
        var at = lineStart
        at = ByteClass.endOfToken(bytes, from: at)
        guard at < bytes.count else { return .incomplete }
        let nameEnd = at
        guard bytes[at] == ASCII.colon, nameEnd > lineStart else { return try readHeadEnd(bytes, at) }
        at &+= 1
        while at < bytes.count, bytes[at] == ASCII.space || bytes[at] == ASCII.tab { at &+= 1 }
        let valueStart = at
        at = ByteClass.firstControl(bytes, from: at)
        guard at < bytes.count else { return .incomplete }
        guard bytes[at] == ASCII.carriageReturn else {
            throw .malformed("A header field holds a control byte.")
        }
        guard at &+ 1 < bytes.count else { return .incomplete }
        guard bytes[at &+ 1] == ASCII.lineFeed else {
            throw .malformed("A header field holds a carriage return.")
        }
        var valueEnd = at
        while valueEnd > valueStart, bytes[valueEnd &- 1] == ASCII.space || bytes[valueEnd &- 1] == ASCII.tab
        {
            valueEnd &-= 1
        }
        // Checked before the field is kept, as its offsets would not fit past the limit.
        if at &+ 2 > limits.headBytesMax { throw headTooLarge(at &+ 2) }
        try take(bytes, name: lineStart..<nameEnd, value: valueStart..<valueEnd)
        return .next(at &+ 2)
    }

    private func readHeadEnd(_ bytes: Span<UInt8>, _ at: Int) throws(HTTPFault) -> FieldStep {
        let byte = bytes[at]
        if at == lineStart {
            if byte == ASCII.carriageReturn {
                guard at &+ 1 < bytes.count else { return .incomplete }
                if bytes[at &+ 1] == ASCII.lineFeed { return .end(at &+ 2) }
                throw .malformed("A carriage return stands alone in the head.")
            }
            if byte == ASCII.space || byte == ASCII.tab {
                throw .malformed("A header field is folded over two lines, which is obsolete.")
            }
            throw .malformed("A header line does not begin with a field name.")
        }
        if byte == ASCII.space || byte == ASCII.tab {
            throw .malformed("A space stands between a field name and its colon.")
        }
        throw .malformed("A header line is not a field name and a colon.")
    }

    /// Keeps the fields that the server acts on; the others have been checked and are passed over.
    private mutating func take(
        _ bytes: Span<UInt8>, name nameRange: Range<Int>, value: Range<Int>
    ) throws(HTTPFault) {
        let name = bytes.extracting(nameRange)
        switch name.count {
        case 4 where name.equalsLowercase("host"):
            try once(.host)
            try takeHost(bytes, value)
        case 6 where name.equalsLowercase("origin"):
            try once(.origin)
            head.flags.insert(.origin)
            head.origin = ByteRange(value.lowerBound, value.upperBound)
        case 6 where name.equalsLowercase("expect"):
            try once(.expect)
            guard bytes.extracting(value).equalsLowercase("100-continue") else {
                throw HTTPFault(.expectationFailed, "The only expectation known here is 100-continue.")
            }
            head.flags.insert(.expectContinue)
        case 7 where name.equalsLowercase("upgrade"):
            FieldList.forEach(in: bytes.extracting(value)) { element in
                if element.equalsLowercase("websocket") { head.flags.insert(.upgradeWebSocket) }
            }
        case 10 where name.equalsLowercase("connection"):
            FieldList.forEach(in: bytes.extracting(value)) { element in
                if element.equalsLowercase("close") { head.flags.insert(.close) }
                if element.equalsLowercase("keep-alive") { head.flags.insert(.keepAlive) }
                if element.equalsLowercase("upgrade") { head.flags.insert(.connectionUpgrade) }
            }
        case 14 where name.equalsLowercase("content-length"):
            try once(.contentLength)
            try takeContentLength(bytes.extracting(value))
        case 17 where name.equalsLowercase("transfer-encoding"):
            try once(.transferEncoding)
            try takeTransferEncoding(bytes.extracting(value))
        case 17 where name.equalsLowercase("sec-websocket-key"):
            try once(.webSocketKey)
            head.webSocketKey = ByteRange(value.lowerBound, value.upperBound)
        case 21 where name.equalsLowercase("sec-websocket-version"):
            try once(.webSocketVersion)
            head.webSocketVersion = ByteRange(value.lowerBound, value.upperBound)
        case 29 where name.equalsLowercase("access-control-request-method"):
            head.accessControlRequestMethod = ByteRange(value.lowerBound, value.upperBound)
        case 30 where name.equalsLowercase("access-control-request-headers"):
            head.accessControlRequestHeaders = ByteRange(value.lowerBound, value.upperBound)
        default:
            break
        }
    }

    private mutating func once(_ field: FieldsSeen) throws(HTTPFault) {
        guard fields.insert(field).inserted else {
            throw .malformed("A header field that may come once comes twice.")
        }
    }

    private mutating func takeHost(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(HTTPFault) {
        let host = bytes.extracting(value)
        if !lastHost.matches(host) {
            guard Authority.isValid(host) else { throw .malformed("Host is malformed.") }
            lastHost.remember(host)
        }
        // The authority of an absolute-form target stands, whatever Host says.
        if head.authority.isEmpty { head.authority = ByteRange(value.lowerBound, value.upperBound) }
    }

    private mutating func takeContentLength(_ value: Span<UInt8>) throws(HTTPFault) {
        var length = 0
        guard value.count > 0 else { throw .malformed("Content-Length is not a number.") }
        for offset in 0..<value.count {
            guard ASCII.isDigit(value[offset]) else { throw .malformed("Content-Length is not a number.") }
            let (product, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(value[offset] &- ASCII.zero))
            guard !overflow, !carry else { throw .malformed("Content-Length is not a number of bytes.") }
            length = sum
        }
        head.framing = length > 0 ? .length(length) : .none
    }

    private mutating func takeTransferEncoding(_ value: Span<UInt8>) throws(HTTPFault) {
        guard value.equalsLowercase("chunked") else {
            var chunkedCount = 0
            var endsChunked = false
            FieldList.forEach(in: value) { element in
                endsChunked = element.equalsLowercase("chunked")
                if endsChunked { chunkedCount += 1 }
            }
            if chunkedCount != 1 || !endsChunked {
                throw .malformed("Transfer-Encoding does not end in one chunked.")
            }
            // Answered when the head is whole: both length headers are worse.
            fields.insert(.unknownCoding)
            return
        }
        head.framing = .chunked
    }

    /// The rules that need the whole head.
    private func checkWhole() throws(HTTPFault) {
        if !fields.contains(.host), head.minorVersion >= 1 {
            throw .malformed("Host is missing.")
        }
        if fields.contains(.transferEncoding) {
            if fields.contains(.contentLength) {
                throw .malformed("Content-Length and Transfer-Encoding must not come together.")
            }
            if head.minorVersion == 0 {
                throw .malformed("HTTP/1.0 has no Transfer-Encoding.")
            }
            if fields.contains(.unknownCoding) {
                throw HTTPFault(.notImplemented, "The only transfer coding known here is chunked.")
            }
        }
        if case .length(let length) = head.framing, length > limits.bodyBytesMax {
            throw .bodyTooLarge(limitBytes: limits.bodyBytesMax, givenBytes: length)
        }
    }
}
