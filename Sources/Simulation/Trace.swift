/// What happened in a day: its last steps, to be read, and all of it in one number, to be compared.
package final class Trace {
    /// One thing that happened.
    private struct Step {
        let nanoseconds: UInt64
        let what: StaticString
        let who: Int
        let amount: Int
    }

    /// The steps that are kept: enough to see what led to a fault.
    package static let stepsMax = 50

    /// The time of the steps to come.
    var nanoseconds: UInt64 = 0
    /// How many steps there were.
    package private(set) var count = 0
    /// A number that two days share only if every step and every byte of them is the same, but for chance.
    package private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    /// Called with each step as it happens, before it can do harm.
    package var whenNoted: ((String) -> Void)?

    private var ring: [Step] = []

    /// A day in which nothing has happened.
    package init() {}

    /// Notes a step: who did what, and a number that goes with it.
    func note(_ what: StaticString, _ who: Int = 0, _ amount: Int = 0) {
        let step = Step(nanoseconds: nanoseconds, what: what, who: who, amount: amount)
        if ring.count < Trace.stepsMax { ring.append(step) } else { ring[count % Trace.stepsMax] = step }
        count += 1
        absorb(nanoseconds)
        absorb(UInt64(truncatingIfNeeded: who) << 32 ^ UInt64(truncatingIfNeeded: amount))
        absorb(UInt64(what.utf8CodeUnitCount))
        whenNoted?(Trace.text(step))
    }

    /// Takes in bytes that the server sent.
    func absorb(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while bytes.count - offset >= 8 {
            absorb(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        while offset < bytes.count {
            absorb(UInt64(bytes[offset]))
            offset += 1
        }
    }

    private func absorb(_ word: UInt64) {
        hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 29
    }

    /// The last steps, the oldest first, one a line.
    package var lastSteps: [String] {
        let start = count > ring.count ? count % Trace.stepsMax : 0
        return (ring[start...] + ring[..<start]).map(Trace.text)
    }

    private static func text(_ step: Step) -> String {
        let microseconds = String(step.nanoseconds / 1_000 % 1_000_000 + 1_000_000).dropFirst()
        let seconds = step.nanoseconds / 1_000_000_000
        return "\(seconds).\(microseconds) s  client \(step.who)  \(step.what)  \(step.amount)"
    }
}
