import HTTP1
import Testing

/// Requests with bytes changed at random: never a trap, never another answer for another cut.
@Suite struct RequestParserMutationTests {
    /// Ends every line and head that a change has left open.
    private static let ending = Array("\r\n\r\n".utf8)
    private static let interesting = Array("\r\n\t :,/*?#%@[]0159.HTPa\u{0}\u{7F}".utf8) + [0x80, 0xFF]

    @Test(arguments: 0..<20 as Range<UInt64>)
    func answersTheSameHoweverCut(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var completeCount = 0
        var refusedCount = 0
        for _ in 0..<150 {
            let bytes = Self.mutated(&random) + Self.ending
            let expected = HeadReader.whole(bytes)
            switch expected {
            case .complete(_, let consumed):
                completeCount += 1
                if let complaint = Self.complaint(bytes[..<consumed]) {
                    Issue.record("\(complaint): \(Self.text(bytes))")
                }
            case .refused:
                refusedCount += 1
            case .incomplete:
                Issue.record("incomplete: \(Self.text(bytes))")
            }
            for _ in 0..<3 {
                var reader = HeadReader()
                let outcome = reader.look(at: bytes, cuts: Self.cuts(bytes.count, &random))
                if outcome != expected {
                    Issue.record("\(outcome); whole: \(expected): \(Self.text(bytes))")
                }
            }
        }
        #expect(completeCount > 15)
        #expect(refusedCount > 15)
    }

    private static func mutated(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes = AcceptedHead.all.randomElement(using: &random)!.bytes
        for _ in 0..<Int.random(in: 1...2, using: &random) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[at] = interesting.randomElement(using: &random)!
            case 2: bytes.remove(at: at)
            case 3: bytes.insert(interesting.randomElement(using: &random)!, at: at)
            case 4:
                let end = min(bytes.count, at + Int.random(in: 1...20, using: &random))
                bytes.insert(contentsOf: Array(bytes[at..<end]), at: at)
            default:
                let end = min(bytes.count, at + Int.random(in: 1...5, using: &random))
                bytes.removeSubrange(at..<end)
            }
        }
        return bytes
    }

    private static func cuts(_ count: Int, _ random: inout SeededGenerator) -> [Int] {
        let cutCount = Int.random(in: 1...8, using: &random)
        return (0..<cutCount).map { _ in Int.random(in: 0...count, using: &random) }.sorted()
    }

    /// What must not be in any head that is taken: a line end that is none, a control byte, a fold.
    private static func complaint(_ head: ArraySlice<UInt8>) -> String? {
        guard head.suffix(4).elementsEqual(ending) else { return "the head does not end in an empty line" }
        for (offset, byte) in head.enumerated() {
            switch byte {
            case 0x0D where head[offset + 1] == 0x0A: break
            case 0x0A where offset > 0 && head[offset - 1] == 0x0D:
                let next = offset + 1 < head.count ? head[offset + 1] : 0x58
                if next == 0x20 || next == 0x09 { return "a fold at \(offset)" }
            case 0x09, 0x20..<0x7F, 0x80...: break
            default: return "the byte \(byte) at \(offset)"
            }
        }
        return nil
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self).debugDescription
    }
}
