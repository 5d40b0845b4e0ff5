import HTTP1
import Testing

/// Feeds a `ChunkedDecoder` as a session does: each piece from an offset, which is where the last head ended.
struct ChunkReader {
    static let limits = HTTPLimits(bodyBytesMax: 1_000)

    private var decoder = ChunkedDecoder()
    private let limits: HTTPLimits
    private var data: [UInt8] = []
    private var used = 0
    private var end: ChunkOutcome?

    init(limits: HTTPLimits = ChunkReader.limits) { self.limits = limits }

    var outcome: ChunkOutcome { end ?? .incomplete(data) }

    mutating func take(_ piece: some Collection<UInt8>, after prefix: [UInt8] = []) {
        guard end == nil else { return }
        let bytes = prefix + piece
        var offset = prefix.count
        while end == nil {
            let before = offset
            let step = ExactBytes.lend(bytes) { decoder.next($0, &offset, limits: limits) }
            guard offset >= before, offset <= bytes.count else {
                Issue.record("offset \(before) to \(offset) of \(bytes.count)")
                return
            }
            used += offset - before
            switch step {
            case .incomplete:
                if offset != bytes.count { Issue.record("incomplete at \(offset) of \(bytes.count)") }
                return
            case .data(let range):
                if range.isEmpty || range.lowerBound < before || range.upperBound != offset {
                    Issue.record("data \(range) between \(before) and \(offset)")
                }
                data += bytes[range]
            case .finished:
                end = .finished(data, used: used)
            case .invalid(let fault):
                end = .refused(
                    fault.status, used: used, limitBytes: fault.limitBytes, givenBytes: fault.givenBytes)
            }
        }
    }

    /// Decodes a body whole, cut in two at every byte, and byte by byte; all have to amount to the same.
    static func everyWay(
        _ bytes: [UInt8], limits: HTTPLimits = ChunkReader.limits,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> ChunkOutcome {
        var whole = ChunkReader(limits: limits)
        whole.take(bytes, after: Array("head".utf8))
        func compare(_ other: ChunkReader, _ how: @autoclosure () -> String) {
            guard other.outcome != whole.outcome else { return }
            Issue.record(
                "\(how()): \(other.outcome); whole: \(whole.outcome)", sourceLocation: sourceLocation)
        }
        for cut in 0...bytes.count {
            var halves = ChunkReader(limits: limits)
            halves.take(bytes[..<cut])
            halves.take(bytes[cut...])
            compare(halves, "cut at \(cut)")
        }
        var single = ChunkReader(limits: limits)
        for byte in bytes { single.take([byte]) }
        compare(single, "byte by byte")
        return whole.outcome
    }
}
