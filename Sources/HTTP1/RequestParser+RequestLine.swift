import Bytes

// The request line (RFC 9112 section 3).
extension RequestParser {
    /// Answers where the next line begins; nil while the line has not arrived whole.
    @inline(__always)
    mutating func readRequestLine(_ bytes: Span<UInt8>) throws(HTTPFault) -> Int? {
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

    @inline(__always)
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
    @inline(__always)
    private mutating func readMethod(_ bytes: Span<UInt8>) throws(HTTPFault) -> Int? {
        let at = lineStart
        // "GET " and "POST", as one word: what is asked most.
        if at &+ 5 <= bytes.count {
            let word = loadWord(bytes, at, as: UInt32.self)
            if word == 0x2054_4547 {
                head.method = .get
                return at &+ 3
            }
            if word == 0x5453_4F50, bytes[at &+ 4] == ASCII.space {
                head.method = .post
                return at &+ 4
            }
        }
        return try readAnyMethod(bytes)
    }

    @inline(never)
    private mutating func readAnyMethod(_ bytes: Span<UInt8>) throws(HTTPFault) -> Int? {
        let at = ByteClass.endOfToken(bytes, from: lineStart)
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

    @inline(__always)
    private mutating func readVersion(_ bytes: Span<UInt8>, from start: Int) throws(HTTPFault) -> Int? {
        // "HTTP/1.1" and CR LF, as two words.
        if start &+ 10 <= bytes.count, loadWord(bytes, start, as: UInt64.self) == 0x312E_312F_5054_5448,
            loadWord(bytes, start &+ 8, as: UInt16.self) == 0x0A0D
        {
            return start &+ 10
        }
        return try readAnyVersion(bytes, from: start)
    }

    @inline(never)
    private mutating func readAnyVersion(_ bytes: Span<UInt8>, from start: Int) throws(HTTPFault) -> Int? {
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
    @inline(never)
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
}
