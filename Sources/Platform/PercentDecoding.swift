import Bytes

/// Percent-encoding in paths (RFC 3986 section 2.1).
enum PercentDecoding {
    /// Decodes a path into `target`, which has room for as many bytes. Answers how many there are; nil where
    /// a percent sign is not followed by two hexadecimal digits.
    ///
    /// An encoded slash does not separate segments: it is decoded to a byte that no route has.
    static func decode(_ path: Span<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>) -> Int? {
        precondition(target.count >= path.count)
        var count = 0
        var at = 0
        while at < path.count {
            var byte = path[at]
            at += 1
            if byte == 0x25 {
                guard at + 1 < path.count, let high = ASCII.hexValue(path[at]),
                    let low = ASCII.hexValue(path[at + 1])
                else { return nil }
                byte = high << 4 | low
                if byte == ASCII.slash { byte = 0 }
                at += 2
            }
            target[count] = byte
            count += 1
        }
        return count
    }

    /// Appends a text as the value of a query's parameter: all but unreserved characters encoded.
    static func appendEncoded(_ text: String, to output: inout ByteWriter) {
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                output.append(byte)
            default:
                output.append(0x25)
                output.append(digits[Int(byte >> 4)])
                output.append(digits[Int(byte & 0xF)])
            }
        }
    }
}
