/// The four bytes with which a client masks a frame's payload, and how far into them it is (RFC 6455
/// section 5.3).
///
/// Masking and unmasking are the same operation.
public struct MaskingKey: Equatable, Sendable {
    /// The size of a key, in bytes.
    public static let bytes = 4

    /// The key, turned so that the next byte of payload meets the lowest eight bits.
    private var key: UInt32

    /// A key from the four bytes at `offset`.
    public init(_ bytes: Span<UInt8>, at offset: Int) {
        key =
            UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2]) << 16
            | UInt32(bytes[offset + 3]) << 24
    }

    /// A key of which the lowest eight bits of `rawValue` meet the first byte.
    public init(rawValue: UInt32) { key = rawValue }

    /// Masks or unmasks, in place, the next part of a payload, whatever its size and alignment; the part
    /// after it goes on where this one ended.
    public mutating func apply(to payload: inout MutableSpan<UInt8>) {
        let count = payload.count
        let word = UInt64(key) << 32 | UInt64(key)
        payload.withUnsafeMutableBytes { bytes in
            var offset = 0
            let block = SIMD8<UInt64>(repeating: word.littleEndian)
            while count - offset >= 64 {
                let masked = bytes.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self)
                bytes.storeBytes(of: masked ^ block, toByteOffset: offset, as: SIMD8<UInt64>.self)
                offset += 64
            }
            while count - offset >= 8 {
                let masked = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                bytes.storeBytes(of: masked ^ word.littleEndian, toByteOffset: offset, as: UInt64.self)
                offset += 8
            }
            // Every step before this one was a multiple of four bytes, so the tail begins at the key's start.
            var tail = word
            while offset < count {
                bytes[offset] ^= UInt8(truncatingIfNeeded: tail)
                tail >>= 8
                offset += 1
            }
        }
        let turn = UInt32(count % Self.bytes) * 8
        key = key >> turn | key << ((32 - turn) % 32)
    }
}
