import Testing
import WebSocket

@Suite struct MaskingKeyTests {
    private static let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]

    /// RFC 6455 section 5.7.
    @Test func masksTheExample() {
        var hello = Array("Hello".utf8)
        var key = MaskingKey(Self.key.span, at: 0)
        var span = hello.mutableSpan
        key.apply(to: &span)
        #expect(hello == [0x7F, 0x9F, 0x4D, 0x51, 0x58])
    }

    @Test func readsAKeyWhereItStands() {
        let key = MaskingKey([9, 0x37, 0xFA, 0x21, 0x3D].span, at: 1)
        #expect(key == MaskingKey(rawValue: 0x3D21_FA37))
    }

    /// Against a loop over single bytes: every alignment, length and position in the key, and not one byte
    /// beside the payload.
    @Test(arguments: Array(0...40) + [63, 64, 65, 71, 72, 127, 128, 131, 200])
    func equalsTheByteLoop(count: Int) {
        var random = SplitMix64(seed: UInt64(count))
        for alignment in 0..<16 {
            for phase in 0..<4 {
                let before = random.bytes(alignment + phase + count + 16)
                var expected = before
                for index in 0..<phase + count { expected[alignment + index] ^= Self.key[index % 4] }

                var masked = before
                var key = MaskingKey(Self.key.span, at: 0)
                masked.withUnsafeMutableBufferPointer { all in
                    for part in [
                        alignment..<alignment + phase, alignment + phase..<alignment + phase + count,
                    ] {
                        var span = UnsafeMutableBufferPointer(rebasing: all[part]).mutableSpan
                        key.apply(to: &span)
                    }
                }
                #expect(masked == expected, "alignment \(alignment), phase \(phase)")
            }
        }
    }

    @Test func goesOnWhereItEnded() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<200 {
            let before = random.bytes(Int.random(in: 0...300, using: &random))
            let expected = before.enumerated().map { $1 ^ Self.key[$0 % 4] }
            var masked = before
            var key = MaskingKey(Self.key.span, at: 0)
            masked.withUnsafeMutableBufferPointer { all in
                var offset = 0
                while offset < all.count {
                    let end = min(all.count, offset + Int.random(in: 0...50, using: &random))
                    var span = UnsafeMutableBufferPointer(rebasing: all[offset..<end]).mutableSpan
                    key.apply(to: &span)
                    offset = end
                }
            }
            #expect(masked == expected)
        }
    }
}
