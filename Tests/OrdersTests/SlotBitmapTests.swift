@testable import Orders
import Testing

@Suite struct SlotBitmapTests {
    /// The edges of words, of words of words, and of the whole.
    static let edges = [
        0, 1, 62, 63, 64, 65, 127, 128, 4_095, 4_096, 4_097, 8_191, 8_192, 65_471, 65_472, 65_535,
    ]

    @Test(arguments: edges)
    func findsOneSlotFromAnywhere(slot: Int) {
        var bitmap = SlotBitmap(slotCount: 65_536)
        #expect(bitmap.first(from: 0) == nil)
        bitmap.insert(slot)
        #expect(bitmap.contains(slot) == true)
        for start in Self.edges + [65_536] {
            #expect(bitmap.first(from: start) == (start <= slot ? slot : nil))
        }
        bitmap.remove(slot)
        #expect(bitmap.contains(slot) == false)
        #expect(bitmap.first(from: 0) == nil)
    }

    /// Against a plain set, dense and sparse.
    @Test(arguments: [10, 1_000, 20_000])
    func agreesWithASet(size: Int) {
        var random = SeededGenerator(seed: UInt64(size))
        var bitmap = SlotBitmap(slotCount: 65_536)
        var model = Set<Int>()
        for _ in 0..<size {
            let slot = Int.random(in: 0..<65_536, using: &random)
            bitmap.insert(slot)
            model.insert(slot)
        }
        for slot in model.sorted() where Bool.random(using: &random) {
            bitmap.remove(slot)
            model.remove(slot)
        }
        var found: [Int] = []
        var next = bitmap.first(from: 0)
        while let slot = next {
            found.append(slot)
            next = bitmap.first(from: slot + 1)
        }
        #expect(found == model.sorted())
    }
}
