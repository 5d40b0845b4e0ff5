import HTTP1
import Testing

@Suite struct ChunkedDecoderTests {
    /// Each with its data.
    @Test(
        arguments: [
            ("0\r\n\r\n", ""),
            ("5\r\nhello\r\n0\r\n\r\n", "hello"),
            ("1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n", "abcdef"),
            ("a\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
            ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
            ("1b\r\nabcdefghijklmnopqrstuvwxyz!\r\n0\r\n\r\n", "abcdefghijklmnopqrstuvwxyz!"),
            ("1B\r\nabcdefghijklmnopqrstuvwxyz!\r\n0\r\n\r\n", "abcdefghijklmnopqrstuvwxyz!"),
            ("05\r\nhello\r\n00\r\n\r\n", "hello"),
            ("0000000000000005\r\nhello\r\n0000000000000000\r\n\r\n", "hello"),
            // Line ends, sizes and ends of bodies as data.
            ("7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n\r\n"),
            ("3\r\n\u{0}\u{7F}\n\r\n0\r\n\r\n", "\u{0}\u{7F}\n"),
            ("2\r\n\u{E9}\r\n0\r\n\r\n", "\u{E9}"),
            ("5\r\n5\r\nhe\r\n0\r\n\r\n", "5\r\nhe"),
            // Extensions (RFC 9112 section 7.1.1).
            ("5;x\r\nhello\r\n0;y\r\n\r\n", "hello"),
            ("5;x=y\r\nhello\r\n0\r\n\r\n", "hello"),
            ("5;x=y;z\r\nhello\r\n0\r\n\r\n", "hello"),
            ("5;x=\"a b;c\td\"\r\nhello\r\n0\r\n\r\n", "hello"),
            ("5 ;x\r\nhello\r\n0\t;y\r\n\r\n", "hello"),
            ("5 \t ; \tx \t= \ty \t; z\r\nhello\r\n0\r\n\r\n", "hello"),
            ("5;x=\u{E9}\r\nhello\r\n0\r\n\r\n", "hello"),
            // Trailers (RFC 9112 section 7.1.2), which change nothing.
            ("5\r\nhello\r\n0\r\nX: y\r\n\r\n", "hello"),
            ("0\r\nX:\r\nY: a\tb: \u{E9}\r\n!#$%&'*+-.^_`|~0z:\r\n\r\n", ""),
            ("5\r\nhello\r\n0;x\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n", "hello"),
        ] as [(String, String)])
    func takes(text: String, data: String) {
        let body = Array(text.utf8)
        let expected = ChunkOutcome.finished(Array(data.utf8), used: body.count)
        #expect(ChunkReader.everyWay(body) == expected)
        // What follows is the next request's.
        #expect(ChunkReader.everyWay(body + Array("5\r\nGET / HTTP/1.1\r\n\r\n".utf8)) == expected)
        for end in 0..<body.count {
            var reader = ChunkReader()
            reader.take(body[..<end])
            if case .incomplete = reader.outcome { continue }
            Issue.record("\(reader.outcome) of \(end) bytes")
        }
    }

    @Test(
        arguments: [
            // Sizes.
            "\r\n", "\n", ";x\r\n", " 5\r\n", "\t5\r\n", "x\r\n", "g\r\n", "0x5\r\n", "-5\r\n", "-0\r\n",
            "+5\r\n",
            "5x\r\n", "5 5\r\n", "5 \r\n", "5\t\r\n", "0 \r\n", "5,5\r\n", "5.0\r\n", "5:\r\n", "\"5\"\r\n",
            "\u{665}\r\n", "\u{0}5\r\n", "5\u{0}\r\n", "@\r\n", "`\r\n", "G\r\n", "/\r\n",
            // More than a number of bytes, or more digits than one has.
            "00000000000000005\r\n", "00000000000000000\r\n", "10000000000000000\r\n",
            "10000000000000005\r\n",
            "FFFFFFFFFFFFFFFF\r\n", "ffffffffffffffff\r\n", "FFFFFFFFFFFFFFFFF\r\n", "8000000000000000\r\n",
            "FFFFFFFFFFFFFFFB\r\n",
            // Line ends.
            "5\nhello\r\n", "5\rhello\r\n", "5\r\r\nhello\r\n", "5;x\nhello\r\n", "5;x\rhello\r\n",
            "5;x\r\r\nhello\r\n", "5;x=\"\r\n\"\nhello\r\n", "0\n\r\n", "0\r\r\n", "0\r\n\n", "0\r\n\rX",
            // Extensions.
            "5;x\u{0}\r\n", "5;x\u{7F}\r\n", "5;x\u{1B}\r\n", "5 x\r\n", "5 =x\r\n", "5 \u{0};x\r\n",
            // Data that does not end where it should.
            "5\r\nhello!\r\n0\r\n\r\n", "5\r\nhello0\r\n\r\n", "5\r\nhello\n0\r\n\r\n",
            "5\r\nhello\r0\r\n\r\n",
            "5\r\nhello\r\r\n0\r\n\r\n", "5\r\nhell\r\n0\r\n\r\n", "5\r\nhello\r\n\r\n0\r\n\r\n",
            "5\r\nhello\r\nx\r\n", "5\r\nhello\r\n 0\r\n\r\n", "5\r\nhello\r\n;\r\n",
            // Trailers.
            "0\r\n X: y\r\n\r\n", "0\r\n\tX: y\r\n\r\n", "0\r\n: y\r\n\r\n", "0\r\nX\r\n\r\n",
            "0\r\nX y\r\n\r\n",
            "0\r\nX : y\r\n\r\n", "0\r\nX Y: y\r\n\r\n", "0\r\nX: y\n\r\n", "0\r\nX: y\rZ: z\r\n\r\n",
            "0\r\nX: y\r\n z\r\n\r\n", "0\r\nX: \u{0}\r\n\r\n", "0\r\nX: \u{7F}\r\n\r\n",
            "0\r\nX\u{0}: y\r\n\r\n",
            "0\r\nX: y\r\n\n", "0\r\nX: y\r\n\rZ", "0\r\nX: y\r\r\n\r\n", "0\r\n\u{E9}: y\r\n\r\n",
        ])
    func refuses(text: String) {
        #expect(ChunkReader.everyWay(Array(text.utf8)).status == .badRequest)
        #expect(ChunkReader.everyWay(Array(("3\r\nabc\r\n" + text).utf8)).status == .badRequest)
    }

    /// All 256 bytes in each place of the framing. What follows is taken if the byte was.
    @Test func takesExactlyTheFraming() {
        let text = Set(0x20...0xFF as ClosedRange<UInt8>).subtracting([0x7F]).union([0x09])
        let names = Set("!#$%&'*+-.^_`|~0123456789".utf8).union(0x41...0x5A).union(0x61...0x7A)
        let places: [(String, String, Set<UInt8>)] = [
            ("", "\r\n", Set("0123456789abcdefABCDEF".utf8)),
            ("1", "\r\n", Set("0123456789abcdefABCDEF;".utf8)),
            ("1 ", ";x\r\n", Set(" \t;".utf8)),
            ("1", "\na\r\n", [0x0D]),
            ("1\r", "a\r\n", [0x0A]),
            ("1;x", "y\r\n", text),
            ("1;x\r", "a\r\n", [0x0A]),
            ("1\r\n", "\r\n", Set(0...0xFF)),
            ("1\r\na", "\n", [0x0D]),
            ("1\r\na\r", "0\r\n\r\n", [0x0A]),
            ("0\r\nX", "Y: z\r\n\r\n", names.union([0x3A])),
            ("0\r\n", ": z\r\n\r\n", names),
            ("0\r\nX:", "z\r\n\r\n", text),
            ("0\r\nX:\r", "Y:\r\n\r\n", [0x0A]),
            ("0\r\nX:\r\n", "\n", [0x0D]),
            ("0\r\n\r", "", [0x0A]),
        ]
        for (before, after, expected) in places {
            var taken: Set<UInt8> = []
            for byte in UInt8.min...UInt8.max {
                var reader = ChunkReader()
                reader.take(Array(before.utf8) + [byte] + Array(after.utf8))
                if reader.outcome.status != .badRequest { taken.insert(byte) }
            }
            #expect(taken == expected, "between \(before.debugDescription) and \(after.debugDescription)")
        }
    }

    /// A size after one that was long begins anew.
    @Test func countsTheDigitsOfEachSize() {
        let body = String(repeating: "0000000000000001\r\na\r\n", count: 40) + "0000000000000000\r\n\r\n"
        let expected = ChunkOutcome.finished([UInt8](repeating: 0x61, count: 40), used: body.utf8.count)
        #expect(ChunkReader.everyWay(Array(body.utf8)) == expected)
    }

    @Test func limitsTheBody() {
        let limits = HTTPLimits(bodyBytesMax: 10)
        let data = Array("0123456789".utf8)
        for text in ["a\r\n0123456789\r\n0\r\n\r\n", "6\r\n012345\r\n4\r\n6789\r\n0\r\n\r\n"] {
            let outcome = ChunkReader.everyWay(Array(text.utf8), limits: limits)
            #expect(outcome == .finished(data, used: text.utf8.count))
        }
        // By the size alone, before the data.
        for (text, given) in [
            ("b\r\n", 11), ("6\r\n012345\r\n5\r\n", 11), ("a\r\n0123456789\r\n1\r\n", 11), ("3e8\r\n", 1_000),
            ("7FFFFFFFFFFFFFFF\r\n", Int.max), ("1\r\na\r\n7ffffffffffffffe\r\n", Int.max),
            ("1\r\na\r\n7fffffffffffffff\r\n", nil),
        ] as [(String, Int?)] {
            let outcome = ChunkReader.everyWay(Array((text + "0123456789ab").utf8), limits: limits)
            #expect(
                outcome
                    == .refused(.contentTooLarge, used: text.utf8.count, limitBytes: 10, givenBytes: given))
        }
        let none = HTTPLimits(bodyBytesMax: 0)
        #expect(ChunkReader.everyWay(Array("0\r\n\r\n".utf8), limits: none) == .finished([], used: 5))
        #expect(ChunkReader.everyWay(Array("1\r\na".utf8), limits: none).status == .contentTooLarge)
    }

    /// All extensions of a body count together.
    @Test(arguments: [
        ["8;2345678"], ["8 ;345678"], ["8\t;\t45678"], ["8;234", "8;234"], ["8;2", "8;2", "8;2", "8;2"],
    ])
    func limitsExtensions(lines: [String]) {
        let limits = HTTPLimits(bodyBytesMax: 100, chunkExtensionBytesMax: 8)
        let extensionBytes = lines.map { $0.utf8.count - 1 }.reduce(0, +)
        #expect(extensionBytes == 8)
        let chunks = lines.map { $0 + "\r\nabcdefgh\r\n" }.joined()
        let atLimit = ChunkReader.everyWay(Array((chunks + "0\r\n\r\n").utf8), limits: limits)
        #expect(atLimit.status == nil)
        #expect(atLimit != .incomplete([]))
        let past = lines.dropLast().map { $0 + "\r\nabcdefgh\r\n" }.joined() + lines.last! + "x\r\n"
        guard
            case .refused(.contentTooLarge, _, 8, 9) = ChunkReader.everyWay(Array(past.utf8), limits: limits)
        else {
            Issue.record("not refused")
            return
        }
    }

    @Test func limitsAnExtensionThatDoesNotEnd() {
        let body = Array(("5;" + String(repeating: "x", count: 20_000)).utf8)
        var reader = ChunkReader()
        reader.take(body.prefix(4_096))
        #expect(reader.outcome == .incomplete([]))
        reader.take(body.dropFirst(4_096))
        #expect(reader.outcome.status == .contentTooLarge)
    }

    /// The section is all lines with their ends, without the empty line that ends the body.
    @Test(arguments: [["X: 45678"], ["X:34", "Y:"]])
    func limitsTrailers(lines: [String]) {
        let limits = HTTPLimits(bodyBytesMax: 100, trailerBytesMax: 10)
        let atLimit = Array(("0\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n").utf8)
        #expect(atLimit.count == 15)
        #expect(ChunkReader.everyWay(atLimit, limits: limits) == .finished([], used: 15))
        let past = Array(("0\r\n" + lines.joined(separator: "\r\n") + "x\r\n\r\n").utf8)
        guard
            case .refused(.requestHeaderFieldsTooLarge, _, 10, 11) = ChunkReader.everyWay(
                past, limits: limits)
        else {
            Issue.record("not refused")
            return
        }
    }

    @Test func takesNoTrailersWhereNoneMayBe() {
        let limits = HTTPLimits(bodyBytesMax: 100, trailerBytesMax: 0)
        #expect(ChunkReader.everyWay(Array("0\r\n\r\n".utf8), limits: limits) == .finished([], used: 5))
        let outcome = ChunkReader.everyWay(Array("0\r\nX:\r\n\r\n".utf8), limits: limits)
        #expect(outcome.status == .requestHeaderFieldsTooLarge)
    }
}
