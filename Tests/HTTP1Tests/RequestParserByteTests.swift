import HTTP1
import Testing

/// All 256 bytes in each place of a head.
@Suite struct RequestParserByteTests {
    private static let tokens = Set(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    private static let names = Set(
        "-._~!$&'()*+,;=%0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)

    /// The bytes that are taken between two texts. The others get 400.
    private static func taken(_ before: String, _ after: String, following: String = "") -> Set<UInt8> {
        var taken: Set<UInt8> = []
        for byte in UInt8.min...UInt8.max {
            let head = Array(before.utf8) + [byte] + Array(after.utf8)
            let bytes = head + Array(following.utf8)
            let outcome = HeadReader.whole(bytes)
            for cut in [before.utf8.count, before.utf8.count + 1] {
                var reader = HeadReader()
                if reader.look(at: bytes, cuts: [cut]) != outcome { Issue.record("\(byte), cut at \(cut)") }
            }
            switch outcome {
            case .complete(_, head.count): taken.insert(byte)
            case .refused(.badRequest, _): break
            default: Issue.record("\(byte): \(outcome)")
            }
        }
        return taken
    }

    /// RFC 9110 section 9.1: a method is a token.
    @Test func takesTokensForMethods() {
        #expect(Self.taken("GE", "T / HTTP/1.1\r\nHost: a\r\n\r\n") == Self.tokens)
    }

    /// Names are scanned eight bytes at a step, in which no byte may be taken for another by what stands beside
    /// it.
    @Test(arguments: 0...8)
    func takesTokensBesideAnyOther(offset: Int) {
        let start = "X" + String(repeating: "a", count: offset)
        for beside in ["-", "a", "z", "A", "0", "~"] {
            let after = "bcdefghijk: v\r\nHost: a\r\n\r\n"
            let expected = Self.tokens.union([0x3A])
            #expect(Self.taken("GET / HTTP/1.1\r\n\(start)\(beside)", after) == expected, "after \(beside)")
        }
    }

    /// Visible ASCII except the fragment's mark (RFC 9112 section 3.2), wherever the byte stands in the steps
    /// that targets are scanned in.
    @Test(arguments: [0, 1, 5, 6, 7, 8, 15, 20])
    func takesVisibleTargets(offset: Int) {
        let expected = Set(0x21...0x7E as ClosedRange<UInt8>).subtracting([0x23])
        for start in ["/", "/?", "/%"] {
            let before = "GET " + start + String(repeating: "p", count: offset)
            #expect(Self.taken(before, "b HTTP/1.1\r\nHost: a\r\n\r\n") == expected)
            #expect(Self.taken(before, "0123456789 HTTP/1.1\r\nHost: a\r\n\r\n") == expected)
        }
    }

    /// A query and a percent sign are found wherever they stand, and so is what ends the target.
    @Test(arguments: 0...17)
    func findsTheQueryAnywhere(before: Int) {
        let path = "/" + String(repeating: "p", count: before)
        for after in 0...17 {
            let rest = String(repeating: "q", count: after)
            let targets: [(String, Reading)] = [
                (path + rest, Reading(path: path + rest)),
                (path + "?" + rest, Reading(path: path, query: rest, flags: .query)),
                (path + "%" + rest, Reading(path: path + "%" + rest, flags: .pathEncoded)),
                (path + "?%" + rest, Reading(path: path, query: "%" + rest, flags: .query)),
                (path + "??" + rest, Reading(path: path, query: "?" + rest, flags: .query)),
                (path + "%?" + rest, Reading(path: path + "%", query: rest, flags: [.query, .pathEncoded])),
                (path + "\"$@>&" + rest, Reading(path: path + "\"$@>&" + rest)),
            ]
            for (target, reading) in targets {
                let head = AcceptedHead.line("GET \(target) HTTP/1.1", reading)
                let outcome = HeadReader.whole(head.bytes)
                if outcome != .complete(reading, consumed: head.bytes.count) {
                    Issue.record("\(target): \(outcome)")
                }
            }
        }
    }

    /// RFC 9110 section 5.1: a field name is a token.
    @Test func takesTokensForNames() {
        let taken = Self.taken("GET / HTTP/1.1\r\nHost: a\r\nX", "Y: b\r\n\r\n")
        #expect(taken == Self.tokens.union([0x3A]))
        #expect(Self.taken("GET / HTTP/1.1\r\nHost: a\r\n", ": b\r\n\r\n") == Self.tokens)
    }

    /// RFC 9110 section 5.5: visible ASCII, blanks and what is past ASCII; wherever the byte stands in the
    /// steps that values are scanned in.
    @Test(arguments: [0, 1, 6, 7, 8, 15, 20])
    func takesTextForValues(offset: Int) {
        let expected = Set((0x20...0xFF).filter { $0 != 0x7F } + [0x09] as [UInt8])
        let before = "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "v", count: offset)
        #expect(Self.taken(before, "\r\n\r\n") == expected)
        #expect(Self.taken(before, "0123456789\r\n\r\n") == expected)
    }

    /// RFC 3986 section 3.2.2: a registered name; and the colon of an empty port.
    @Test func takesNamesForHosts() {
        // A blank at the end is not a part of the value.
        let ends: Set<UInt8> = [0x3A, 0x20, 0x09]
        #expect(Self.taken("GET / HTTP/1.1\r\nHost: a", "\r\n\r\n") == Self.names.union(ends))
        #expect(Self.taken("GET / HTTP/1.1\r\nHost: a", "b\r\n\r\n") == Self.names)
        let taken = Self.taken("GET http://a", "b HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(taken == Self.names.union("/?".utf8))
    }

    /// RFC 9110 section 8.6.
    @Test func takesDigitsForLengths() {
        let taken = Self.taken("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1", "2\r\n\r\n")
        #expect(taken == Set("0123456789".utf8))
    }

    /// RFC 9112 section 2.3. Any minor version is read as HTTP/1.1 or, 0, as HTTP/1.0.
    @Test func takesDigitsForMinorVersions() {
        let taken = Self.taken("GET / HTTP/1.", "\r\nHost: a\r\n\r\n")
        #expect(taken == Set("0123456789".utf8))
    }

    /// Another name than `Host` in any case is another field, so that `Host` is missing.
    @Test func knowsHostByItsLetters() {
        let start = "GET / HTTP/1.1\r\n"
        #expect(Self.taken(start, "ost: a\r\n\r\n") == Set("Hh".utf8))
        #expect(Self.taken(start + "H", "st: a\r\n\r\n") == Set("Oo".utf8))
        #expect(Self.taken(start + "Ho", "t: a\r\n\r\n") == Set("Ss".utf8))
        #expect(Self.taken(start + "Hos", ": a\r\n\r\n") == Set("Tt".utf8))
        #expect(Self.taken(start + "Host", " a\r\n\r\n") == Set(":".utf8))
    }

    /// RFC 9112 section 2.3: the version is case-sensitive.
    @Test(arguments: [0, 1, 2, 3, 4, 6, 8, 9])
    func knowsTheVersionByItsBytes(offset: Int) {
        let version = Array("HTTP/1.1\r\n".utf8)
        let before = "GET / " + String(decoding: version[..<offset], as: UTF8.self)
        let after = String(decoding: version[(offset + 1)...], as: UTF8.self) + "Host: a\r\n\r\n"
        #expect(Self.taken(before, after) == [version[offset]])
    }

    /// A line ends in CR LF and in nothing else, wherever it stands (RFC 9112 section 2.2).
    @Test func takesNothingElseForALineEnd() {
        let ends = [
            ("\r", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), ("GET / HTTP/1.1\r", "Host: a\r\n\r\n"),
            ("GET / HTTP/1.1\r\nHost: a\r", "Y: b\r\n\r\n"), ("GET / HTTP/1.1\r\nHost: a\r\n\r", ""),
        ]
        for (before, after) in ends {
            // So that a line feed ends what is read.
            let taken = Self.taken(before, after, following: "\n")
            #expect(taken == [0x0A])
        }
        #expect(Self.taken("GET / HTTP/1.1", "\nHost: a\r\n\r\n") == [0x0D])
        #expect(Self.taken("GET / HTTP/1.1\r\nHost: a", "\nY: b\r\n\r\n") == [0x0D])
        #expect(Self.taken("GET / HTTP/1.1\r\nHost: a\r\n", "\n") == [0x0D])
    }
}
