import Bytes

/// The fields that tell which state an order's answer is of: one run of bytes that changes with each event,
/// and the order's own tag.
struct StateFields: ~Copyable {
    private var sequence: UInt64?
    private var bytes = ByteWriter(capacity: 64)

    /// Appends `Feed-Sequence: 17` and `ETag: "0badcafe"`.
    @inline(__always)
    mutating func append(sequence: UInt64, _ tag: EntityTag, to output: inout ByteWriter) {
        if sequence != self.sequence { update(sequence) }
        output.append(atMost: bytes.count &+ 11) { cursor in
            cursor.append(bytes.unsafeBytes)
            cursor.append(word: tag.digits)
            cursor.append("\"\r\n")
        }
    }

    private mutating func update(_ sequence: UInt64) {
        self.sequence = sequence
        bytes.reset()
        bytes.append("Feed-Sequence: ")
        bytes.append(decimal: sequence)
        bytes.append("\r\nETag: \"")
    }
}
