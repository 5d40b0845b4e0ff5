@testable import Orders
import Testing

extension TimingWheel {
    fileprivate mutating func popFirst(from slot: Int) -> Entry? { takeRun(from: slot, max: 1).first }
}

@Suite struct TimingWheelTests {
    private static func entry(_ number: Int) -> TimingWheel.Entry {
        TimingWheel.Entry(number: UInt32(number), fineTick: UInt32(number % 65_536))
    }

    /// One block holds 15 entries: one short of it, one block, one past it, several.
    @Test(arguments: [1, 14, 15, 16, 29, 30, 31, 150])
    func queuesAreFirstInFirstOut(count: Int) {
        var wheel = TimingWheel(slotCount: 65_536, entriesMax: count)
        for slot in [0, 65_535] {
            for number in 0..<count { wheel.append(Self.entry(number), to: slot) }
            #expect(wheel.contains(slot) == true)
            for number in 0..<count { #expect(wheel.popFirst(from: slot)?.number == UInt32(number)) }
            #expect(wheel.contains(slot) == false)
            #expect(wheel.popFirst(from: slot) == nil)
        }
    }

    /// Never more entries at a time than the wheel was made for, but far more in all: blocks must be used
    /// again, in every state that a queue can be in.
    @Test(arguments: [1, 15, 16, 100, 1_000])
    func blocksAreUsedAgain(entriesMax: Int) {
        var random = SeededGenerator(seed: UInt64(entriesMax))
        var wheel = TimingWheel(slotCount: 65_536, entriesMax: entriesMax)
        var queues = [[UInt32]](repeating: [], count: 5)
        var waiting = 0
        for number in 0..<100_000 {
            let slot = Int.random(in: 0..<5, using: &random)
            if waiting < entriesMax, number % 4_000 < 2_000 || Bool.random(using: &random) {
                wheel.append(Self.entry(number), to: slot * 16_383)
                queues[slot].append(UInt32(number))
                waiting += 1
            } else {
                let expected = queues[slot].isEmpty ? nil : queues[slot].removeFirst()
                if wheel.popFirst(from: slot * 16_383)?.number != expected { Issue.record("wrong entry") }
                if expected != nil { waiting -= 1 }
            }
        }
        // Full ones, and for each of the 5 queues a first and a last that are not.
        #expect(wheel.blockCount <= entriesMax / 15 + 2 * 5)
    }

    /// The worst case: every slot in use by one entry, which leaves every block all but empty.
    @Test func everySlotMayHaveABlockOfItsOwn() {
        var wheel = TimingWheel(slotCount: 65_536, entriesMax: 65_536 + 16)
        for slot in 0..<65_536 { wheel.append(Self.entry(slot), to: slot) }
        for number in 0..<16 { wheel.append(Self.entry(number), to: 7) }
        #expect(wheel.popFirst(from: 7)?.number == 7)
        #expect(wheel.popFirst(from: 65_535)?.number == 65_535)
    }
}
