/// A number in decimal digits, to be written once or more.
///
/// Up to eight digits are found without a loop, side by side in one word: numbers that are as long as this
/// are in every answer, and a processor guesses wrong how often a loop goes round.
public struct DecimalText {
    /// The number.
    public let value: UInt64
    /// The digits, the first one lowest; of no use where there are more than ``wordDigitsMax``.
    @usableFromInline let word: UInt64
    /// How many digits there are: 1 for 0, 20 for the largest number.
    public let count: Int

    @inlinable static var wordDigitsMax: Int { 8 }

    /// The digits of a number.
    @inlinable @inline(__always)
    public init(_ value: UInt64) {
        self.value = value
        guard value < 100_000_000 else {
            word = 0
            count = DecimalText.countOfManyDigits(value)
            return
        }
        // Each step halves the parts: four digits, two and one in each, the first ones in the lower half. The
        // products stand for divisions by 10,000, 100 and 10; they are exact for parts of that size.
        let fours = (value &* 109_951_163) &>> 40
        let four = fours | (value &- fours &* 10_000) &<< 32
        let twos = ((four &* 5_243) &>> 19) & 0x0000_007F_0000_007F
        let two = twos | (four &- twos &* 100) &<< 16
        let ones = ((two &* 103) &>> 10) & 0x000F_000F_000F_000F
        let digits = ones | (two &- ones &* 10) &<< 8
        // One is left where all are zeros.
        let zeroBits = (digits | 1 &<< 56).trailingZeroBitCount & ~7
        word = (digits | 0x3030_3030_3030_3030) &>> UInt64(truncatingIfNeeded: zeroBits)
        count = DecimalText.wordDigitsMax &- zeroBits &>> 3
    }

    @usableFromInline
    static func countOfManyDigits(_ value: UInt64) -> Int {
        var digits = 1
        var rest = value
        while rest >= 10 {
            rest /= 10
            digits &+= 1
        }
        return digits
    }

    /// Writes the digits of a number that has more than ``wordDigitsMax``.
    @usableFromInline
    func writeMany(to target: UnsafeMutablePointer<UInt8>) {
        var rest = value
        for place in (0..<count).reversed() {
            target[place] = ASCII.zero &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}
