import HTTP1
import Testing

/// Feeds a `RequestParser` as a session does: each time all bytes since the head began, in another place.
struct HeadReader {
    static let limits = HTTPLimits(bodyBytesMax: 1_000)

    private var parser: RequestParser
    private let memory = Memory()
    /// The fault of the last look.
    private(set) var fault: HTTPFault?

    init(limits: HTTPLimits = HeadReader.limits) { parser = RequestParser(limits: limits) }

    private final class Memory {
        var fields = HeadMemory()
    }

    var hasBegun: Bool { parser.hasBegun }

    mutating func reset() { parser.reset() }

    mutating func look(at bytes: [UInt8]) -> HeadOutcome {
        switch ExactBytes.lend(bytes, to: { parser.parse($0, recalling: &memory.fields) }) {
        case .incomplete:
            return .incomplete
        case .invalid(let fault):
            self.fault = fault
            return .refused(fault.status, reason: "\(fault.reason)")
        case .complete(let consumed):
            guard consumed > 0, consumed <= bytes.count else {
                Issue.record("\(consumed) of \(bytes.count) bytes are consumed")
                return .incomplete
            }
            return .complete(Reading(parser.head, of: bytes, headBytes: consumed), consumed: consumed)
        }
    }

    /// The first answer that is final, or the last one; `cuts` are the lengths of what is there at each look.
    mutating func look(at bytes: [UInt8], cuts: some Sequence<Int>) -> HeadOutcome {
        for cut in cuts {
            let outcome = look(at: Array(bytes[..<cut]))
            if outcome != .incomplete { return outcome }
        }
        return look(at: bytes)
    }

    static func whole(_ bytes: [UInt8], limits: HTTPLimits = HeadReader.limits) -> HeadOutcome {
        var reader = HeadReader(limits: limits)
        return reader.look(at: bytes)
    }

    /// Reads a head whole, cut in two at every byte, byte by byte, and by a parser that has read another
    /// before; all have to answer the same. The bytes end in a line feed, as a line is read when its end is
    /// there.
    static func everyWay(
        _ bytes: [UInt8], limits: HTTPLimits = HeadReader.limits,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> HeadOutcome {
        precondition(bytes.last == 0x0A)
        let expected = whole(bytes, limits: limits)
        func compare(_ outcome: HeadOutcome, _ how: @autoclosure () -> String) {
            guard outcome != expected else { return }
            Issue.record("\(how()): \(outcome); whole: \(expected)", sourceLocation: sourceLocation)
        }
        var reused = HeadReader(limits: limits)
        for cut in 0...bytes.count {
            // Left from the head before: an incomplete look, a refusal or a complete head.
            reused.reset()
            let first = reused.look(at: Array(bytes[..<cut]))
            if case .complete(_, let consumed) = expected, (first == .incomplete) != (cut < consumed) {
                Issue.record("\(first) of \(cut) bytes", sourceLocation: sourceLocation)
            }
            compare(first == .incomplete ? reused.look(at: bytes) : first, "cut at \(cut)")
        }
        var single = HeadReader(limits: limits)
        compare(single.look(at: bytes, cuts: 0..<bytes.count), "byte by byte")
        return expected
    }
}
