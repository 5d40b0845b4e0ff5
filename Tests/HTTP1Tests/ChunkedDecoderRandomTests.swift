import HTTP1
import Testing

/// Bodies in random chunks, random pieces and with random changes.
@Suite struct ChunkedDecoderRandomTests {
    private static func encoded(_ data: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        let extensions = ["", "", "", ";x", " ;x=\"a;\tb\"", "\t; x = y ; z"]
        var body: [UInt8] = []
        var rest = data[...]
        while !rest.isEmpty {
            let part = rest.prefix(Int.random(in: 1...40, using: &random))
            rest = rest.dropFirst(part.count)
            let zeros = String(repeating: "0", count: Int.random(in: 0...3, using: &random))
            let size = String(part.count, radix: 16, uppercase: Bool.random(using: &random))
            body += Array("\(zeros)\(size)\(extensions.randomElement(using: &random)!)\r\n".utf8)
            body += part + [0x0D, 0x0A]
        }
        let trailers = ["", "", "X: y\r\n", "X:\r\nY: a\tb\r\n"]
        return body + Array("0\(extensions[0])\r\n\(trailers.randomElement(using: &random)!)\r\n".utf8)
    }

    private static func outcome(_ bytes: [UInt8], _ random: inout SeededGenerator) -> ChunkOutcome {
        var reader = ChunkReader()
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...60, using: &random))
            reader.take(piece, after: [UInt8](repeating: 0x30, count: Int.random(in: 0...3, using: &random)))
            rest = rest.dropFirst(piece.count)
        }
        return reader.outcome
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func decodes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<30 {
            let count = Int.random(in: 0...250, using: &random)
            let data = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let body = Self.encoded(data, &random)
            let following = Array("GET".utf8)
            for _ in 0..<3 where Self.outcome(body + following, &random) != .finished(data, used: body.count)
            {
                Issue.record("\(body)")
            }
        }
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func answersTheSameHoweverCut(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var refusedCount = 0
        for _ in 0..<60 {
            let data = [UInt8](repeating: 0x61, count: Int.random(in: 0...100, using: &random))
            var bytes = Self.encoded(data, &random)
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                bytes[at] =
                    Bool.random(using: &random)
                    ? UInt8.random(in: 0...255, using: &random)
                    : Array("\r\n ;:0fF\u{0}".utf8).randomElement(using: &random)!
            }
            var whole = ChunkReader()
            whole.take(bytes)
            if whole.outcome.status != nil { refusedCount += 1 }
            for _ in 0..<3 {
                let outcome = Self.outcome(bytes, &random)
                if outcome != whole.outcome { Issue.record("\(outcome); whole: \(whole.outcome): \(bytes)") }
            }
        }
        #expect(refusedCount > 5 && refusedCount < 60)
    }
}
