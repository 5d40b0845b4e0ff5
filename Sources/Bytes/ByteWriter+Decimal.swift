extension ByteWriter {
    /// Appends an integer in decimal ASCII digits, with a minus sign where it is negative.
    @inlinable
    public mutating func append(decimal value: some FixedWidthInteger) {
        if value < 0 { append(ASCII.minus) }
        let text = DecimalText(UInt64(value.magnitude))
        append(atMost: text.count) { $0.append(text) }
    }

    /// Appends a number that is not negative in hexadecimal digits, as chunk sizes are written.
    public mutating func append(hexadecimal value: Int) {
        precondition(value >= 0)
        let digits = max(1, (Int.bitWidth - value.leadingZeroBitCount + 3) / 4)
        for position in (0..<digits).reversed() {
            let digit = UInt8(truncatingIfNeeded: value >> (4 * position)) & 0xF
            append(digit < 10 ? ASCII.zero + digit : 0x57 + digit)
        }
    }
}
