/// An input as a row of decisions and texts. Past its end all is 0.
struct Script {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether all has been read.
    var isAtEnd: Bool { offset >= bytes.count }

    /// The next byte.
    mutating func byte() -> UInt8 {
        guard offset < bytes.count else { return 0 }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// One of several values, by the next byte.
    mutating func one<Value>(of values: [Value]) -> Value { values[Int(byte()) % values.count] }

    /// So many bytes, or as many as there are.
    mutating func text(_ count: Int) -> [UInt8] {
        let end = min(bytes.count, offset + count)
        defer { offset = end }
        return Array(bytes[min(offset, end)..<end])
    }

    /// All that is left.
    mutating func rest() -> [UInt8] { text(bytes.count) }
}
