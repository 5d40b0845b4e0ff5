/// SHA-1 by RFC 3174.
///
/// For the WebSocket handshake (RFC 6455 section 4.2.2) and for Redis, which both name this digest, and to
/// tell idempotency keys apart: none of them rests on its strength. Nothing here may use it as a safeguard.
public enum SHA1 {
    /// The size of a digest, in bytes.
    public static let digestBytes = 20

    /// The bytes that one round of the function takes in (RFC 3174 section 4).
    static let blockBytes = 64

    /// The digest of a whole message, without a heap allocation.
    public static func digest(_ message: Span<UInt8>) -> InlineArray<20, UInt8> {
        var state = State()
        var offset = 0
        while message.count - offset >= blockBytes {
            state.mix(message.extracting(offset..<offset + blockBytes))
            offset += blockBytes
        }
        pad(message.extracting(offset..<message.count), messageBytes: message.count, into: &state)

        var digest = InlineArray<20, UInt8>(repeating: 0)
        for index in 0..<digestBytes {
            let word = state.words[index / 4]
            digest[index] = UInt8(truncatingIfNeeded: word >> UInt32(24 - index % 4 * 8))
        }
        return digest
    }

    /// Mixes in what is left after the whole blocks: a 1 bit, zeros, and the length in bits, which spill into
    /// a second block when fewer than 9 bytes are free in the first (RFC 3174 section 4).
    private static func pad(_ rest: Span<UInt8>, messageBytes: Int, into state: inout State) {
        var block = InlineArray<64, UInt8>(repeating: 0)
        for index in rest.indices { block[index] = rest[index] }
        block[rest.count] = 0x80
        if rest.count + 9 > blockBytes {
            state.mix(block.span)
            block = InlineArray(repeating: 0)
        }
        let messageBits = UInt64(messageBytes) * 8
        for index in 0..<8 {
            block[blockBytes - 8 + index] = UInt8(truncatingIfNeeded: messageBits >> UInt64(56 - index * 8))
        }
        state.mix(block.span)
    }

    /// The five words that each block is mixed into.
    private struct State {
        var words: InlineArray<5, UInt32> = [
            0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0,
        ]

        /// RFC 3174 section 6.2, with the schedule of section 6.1 kept whole.
        mutating func mix(_ block: Span<UInt8>) {
            var schedule = InlineArray<80, UInt32>(repeating: 0)
            for index in 0..<16 {
                schedule[index] =
                    UInt32(block[index * 4]) << 24 | UInt32(block[index * 4 + 1]) << 16
                    | UInt32(block[index * 4 + 2]) << 8 | UInt32(block[index * 4 + 3])
            }
            for index in 16..<80 {
                let older = schedule[index - 14] ^ schedule[index - 16]
                schedule[index] = rotateLeft(schedule[index - 3] ^ schedule[index - 8] ^ older, by: 1)
            }

            var (a, b, c, d, e) = (words[0], words[1], words[2], words[3], words[4])
            for index in 0..<80 {
                let (mixed, constant): (UInt32, UInt32) =
                    switch index {
                    case 0..<20: ((b & c) | (~b & d), 0x5A82_7999)
                    case 20..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                    case 40..<60: ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
                    default: (b ^ c ^ d, 0xCA62_C1D6)
                    }
                let next = rotateLeft(a, by: 5) &+ mixed &+ e &+ schedule[index] &+ constant
                (e, d, c, b, a) = (d, c, rotateLeft(b, by: 30), a, next)
            }
            words[0] &+= a
            words[1] &+= b
            words[2] &+= c
            words[3] &+= d
            words[4] &+= e
        }

        private func rotateLeft(_ word: UInt32, by bits: UInt32) -> UInt32 {
            word << bits | word >> (32 - bits)
        }
    }
}
