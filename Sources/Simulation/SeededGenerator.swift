/// Random numbers that are the same in every run with the same seed.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    package mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0)
        // The high half of the product favours no number by more than the bound's part of 2^64.
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// One of some things.
    package mutating func one<Element>(of things: [Element]) -> Element { things[below(things.count)] }

    /// True once in `times` on average.
    package mutating func once(in times: Int) -> Bool { below(times) == 0 }
}
