/// Where a stream is cut, drawn from two bytes of the input: the fuzzer can look for the cuts that matter
/// without a change of the stream.
struct Cuts {
    private let style: UInt8
    private var state: UInt64

    init(_ script: inout Script) {
        style = script.byte()
        state = UInt64(script.byte()) << 8 | UInt64(style)
    }

    /// Cuts a stream into pieces, none of them empty.
    mutating func pieces(of stream: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var rest = stream[...]
        while !rest.isEmpty {
            let piece = rest.prefix(nextCount(of: rest.count))
            pieces.append(piece)
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }

    private mutating func nextCount(of left: Int) -> Int {
        switch style % 4 {
        case 0: 1
        case 1: 1 + below(4)
        case 2: 1 + below(60)
        default: 1 + below(left)
        }
    }

    private mutating func below(_ limit: Int) -> Int {
        // Knuth's MMIX constants; the upper bits are the better ones.
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }
}
