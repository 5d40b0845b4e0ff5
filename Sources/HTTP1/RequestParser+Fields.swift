import Bytes

// The header fields (RFC 9112 section 5).
extension RequestParser {
    enum FieldStep {
        case next(Int)
        case end(Int)
        case incomplete
    }

    @inline(__always)
    mutating func readField(
        _ bytes: Span<UInt8>, recalling memory: inout HeadMemory
    ) throws(HTTPFault) -> FieldStep {
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
        try take(
            bytes, name: lineStart..<nameEnd, value: valueStart..<valueEnd, recalling: &memory)
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
        _ bytes: Span<UInt8>, name nameRange: Range<Int>, value: Range<Int>,
        recalling memory: inout HeadMemory
    ) throws(HTTPFault) {
        let name = bytes.extracting(nameRange)
        switch name.count {
        case 4 where name.isToken("host"):
            try once(.host)
            try takeHost(bytes, value, recalling: &memory)
        case 6 where name.isToken("origin"):
            try once(.origin)
            head.flags.insert(.origin)
            head.origin = ByteRange(value.lowerBound, value.upperBound)
        case 6 where name.isToken("expect"):
            try once(.expect)
            guard bytes.extracting(value).equalsLowercase("100-continue") else {
                throw HTTPFault(.expectationFailed, "The only expectation known here is 100-continue.")
            }
            head.flags.insert(.expectContinue)
        case 7 where name.isToken("upgrade"):
            FieldList.forEach(in: bytes.extracting(value)) { element in
                if element.equalsLowercase("websocket") { head.flags.insert(.upgradeWebSocket) }
            }
        case 10 where name.isToken("connection"):
            FieldList.forEach(in: bytes.extracting(value)) { element in
                if element.equalsLowercase("close") { head.flags.insert(.close) }
                if element.equalsLowercase("keep-alive") { head.flags.insert(.keepAlive) }
                if element.equalsLowercase("upgrade") { head.flags.insert(.connectionUpgrade) }
            }
        case 13 where name.isToken("if-none-match"):
            // The lines of a list may come apart; then nothing matches, which is always right.
            let isFirst = fields.insert(.ifNoneMatch).inserted
            head.ifNoneMatch = isFirst ? ByteRange(value.lowerBound, value.upperBound) : .none
        case 13 where name.isToken("last-event-id"):
            try once(.lastEventID)
            head.flags.insert(.lastEventID)
            head.lastEventID = ByteRange(value.lowerBound, value.upperBound)
        case 15 where name.isToken("idempotency-key"):
            try once(.idempotencyKey)
            head.flags.insert(.idempotencyKey)
            head.idempotencyKey = ByteRange(value.lowerBound, value.upperBound)
        case 18 where name.isToken("execution-delay-ms"):
            try once(.executionDelay)
            head.flags.insert(.executionDelay)
            head.executionDelay = ByteRange(value.lowerBound, value.upperBound)
        case 14 where name.isToken("content-length"):
            try once(.contentLength)
            try takeContentLength(bytes.extracting(value))
        case 17 where name.isToken("transfer-encoding"):
            try once(.transferEncoding)
            try takeTransferEncoding(bytes.extracting(value))
        case 17 where name.isToken("sec-websocket-key"):
            try once(.webSocketKey)
            head.webSocketKey = ByteRange(value.lowerBound, value.upperBound)
        case 21 where name.isToken("sec-websocket-version"):
            try once(.webSocketVersion)
            head.webSocketVersion = ByteRange(value.lowerBound, value.upperBound)
        case 29 where name.isToken("access-control-request-method"):
            fields.insert(.accessControl)
            head.accessControlRequestMethod = ByteRange(value.lowerBound, value.upperBound)
        case 30 where name.isToken("access-control-request-headers"):
            fields.insert(.accessControl)
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

    private mutating func takeHost(
        _ bytes: Span<UInt8>, _ value: Range<Int>, recalling memory: inout HeadMemory
    ) throws(HTTPFault) {
        let host = bytes.extracting(value)
        if !memory.host.matches(host) {
            guard Authority.isValid(host) else { throw .malformed("Host is malformed.") }
            memory.host.remember(host)
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
}
