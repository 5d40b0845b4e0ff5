extension ByteWriter {
    /// Appends an integer in decimal ASCII digits, with a minus sign where it is negative.
    @inlinable
    public mutating func append(decimal value: some FixedWidthInteger) {
        if value < 0 { append(ASCII.minus) }
        let magnitude = UInt64(value.magnitude)
        let digits = decimalDigitCount(magnitude)
        append(atMost: digits) { $0.append(decimal: magnitude, digits: digits) }
    }

    /// Writes a number of so many digits.
    @usableFromInline
    static func write(decimal value: UInt64, digits: Int, to target: UnsafeMutablePointer<UInt8>) {
        var rest = value
        var position = digits
        // Two digits for each division, which is what takes time.
        while rest >= 100 {
            let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
            position &-= 2
            write(pair: pair, to: target + position)
            rest = quotient
        }
        if rest >= 10 {
            write(pair: rest, to: target)
        } else {
            target[0] = ASCII.zero &+ UInt8(truncatingIfNeeded: rest)
        }
    }

    /// Writes a number below 100 as two digits. Its tens are a product: 205 / 2,048 is nearly a tenth.
    @inlinable @inline(__always)
    static func write(pair: UInt64, to target: UnsafeMutablePointer<UInt8>) {
        let tens = (pair &* 205) &>> 11
        target[0] = ASCII.zero &+ UInt8(truncatingIfNeeded: tens)
        target[1] = ASCII.zero &+ UInt8(truncatingIfNeeded: pair &- tens &* 10)
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

/// How many decimal digits a magnitude takes: 1 for 0, 20 for the largest.
@inlinable @inline(__always)
public func decimalDigitCount(_ magnitude: UInt64) -> Int {
    if magnitude < 100 { return magnitude < 10 ? 1 : 2 }
    return countOfManyDigits(magnitude)
}

@usableFromInline
func countOfManyDigits(_ magnitude: UInt64) -> Int {
    var digits = 1
    var rest = magnitude
    while rest >= 10_000 {
        rest /= 10_000
        digits &+= 4
    }
    if rest >= 1_000 { return digits &+ 3 }
    if rest >= 100 { return digits &+ 2 }
    return rest >= 10 ? digits &+ 1 : digits
}
