/// Random numbers that are the same in every run with the same seed.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True once in `times` on average.
    mutating func once(in times: Int) -> Bool { Int.random(in: 0..<times, using: &self) == 0 }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// Text of all planes and widths; some of it long stretches of ASCII.
    mutating func text(scalars: Int) -> [UInt8] {
        var text: [UInt8] = []
        let ranges: [ClosedRange<UInt32>] = [
            0x00...0x7F, 0x80...0x7FF, 0x800...0xD7FF, 0xE000...0xFFFF, 0x1_0000...0x10_FFFF,
        ]
        for _ in 0..<scalars {
            if once(in: 8) {
                text += (0..<Int.random(in: 0...150, using: &self)).map { UInt8(0x20 + $0 % 90) }
            }
            let value = UInt32.random(in: ranges.randomElement(using: &self)!, using: &self)
            text += Array(String(Character(Unicode.Scalar(value)!)).utf8)
        }
        return text
    }
}
