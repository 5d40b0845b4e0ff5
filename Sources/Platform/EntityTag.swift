import Bytes
import HTTP1

/// The name of one state of what is at an address (RFC 9110 section 8.8.3): eight hexadecimal digits.
struct EntityTag {
    /// The digits, the first of them lowest.
    let digits: UInt64

    init(_ value: UInt32) {
        // The digits of all eight nibbles at once, the highest in the lowest byte.
        var spread = UInt64(value)
        spread = (spread & 0xFFFF) << 32 | spread >> 16
        spread = (spread & 0x00FF_0000_00FF) << 16 | (spread >> 8) & 0x00FF_0000_00FF
        spread = (spread & 0x000F_000F_000F_000F) << 8 | (spread >> 4) & 0x000F_000F_000F_000F
        let letters = (spread &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        digits = spread &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }

    /// Appends the eight digits.
    @inline(__always)
    func append(to output: inout ByteWriter) {
        withUnsafeBytes(of: digits.littleEndian) { output.append($0) }
    }

    /// Whether a list of tags, as `If-None-Match` has it, holds this one (RFC 9110 section 13.1.2).
    func isIn(_ list: Span<UInt8>) -> Bool {
        if list.equals("*") { return true }
        var wanted = ByteWriter(capacity: 10)
        wanted.append(ASCII.quote)
        append(to: &wanted)
        wanted.append(ASCII.quote)
        return list.withUnsafeBufferPointer { bytes in
            bytes.split(separator: 0x2C).contains { part in
                var tag = part.drop { $0 == ASCII.space || $0 == ASCII.tab }
                while let last = tag.last, last == ASCII.space || last == ASCII.tab { tag.removeLast() }
                // A weak tag is as good where nothing is changed.
                if tag.starts(with: [0x57, ASCII.slash]) { tag.removeFirst(2) }
                return tag.elementsEqual(wanted.unsafeBuffer)
            }
        }
    }
}
