/// Which slots of a wheel are in use: one bit a slot, and one bit a word of those, so that the next one is
/// found by looking at a handful of words however far away it is.
struct SlotBitmap: ~Copyable {
    let slotCount: Int
    private let words: UnsafeMutablePointer<UInt64>
    private let summary: UnsafeMutablePointer<UInt64>
    private let summaryCount: Int

    /// A map of whole words: `slotCount` is a multiple of 64, and no slot is in use.
    init(slotCount: Int) {
        precondition(slotCount > 0 && slotCount & 63 == 0)
        self.slotCount = slotCount
        let wordCount = slotCount >> 6
        words = .allocate(capacity: wordCount)
        words.initialize(repeating: 0, count: wordCount)
        summaryCount = (wordCount + 63) >> 6
        summary = .allocate(capacity: summaryCount)
        summary.initialize(repeating: 0, count: summaryCount)
    }

    deinit {
        words.deallocate()
        summary.deallocate()
    }

    func contains(_ slot: Int) -> Bool {
        precondition(slot >= 0 && slot < slotCount)
        return words[slot >> 6] & (1 << UInt64(slot & 63)) != 0
    }

    mutating func insert(_ slot: Int) {
        precondition(slot >= 0 && slot < slotCount)
        words[slot >> 6] |= 1 << UInt64(slot & 63)
        summary[slot >> 12] |= 1 << UInt64((slot >> 6) & 63)
    }

    mutating func remove(_ slot: Int) {
        precondition(slot >= 0 && slot < slotCount)
        words[slot >> 6] &= ~(1 << UInt64(slot & 63))
        if words[slot >> 6] == 0 { summary[slot >> 12] &= ~(1 << UInt64((slot >> 6) & 63)) }
    }

    /// The first slot in use that is not below `slot`, which may be ``slotCount``; nil when there is none.
    func first(from slot: Int) -> Int? {
        precondition(slot >= 0)
        guard slot < slotCount else { return nil }
        let word = slot >> 6
        let rest = words[word] & (~0 << UInt64(slot & 63))
        if rest != 0 { return (word << 6) + rest.trailingZeroBitCount }

        // Nothing left in that word: the summary names the next one that is not empty.
        var group = (word + 1) >> 6
        guard group < summaryCount else { return nil }
        var groupRest = summary[group] & (~0 << UInt64((word + 1) & 63))
        while groupRest == 0 {
            group += 1
            guard group < summaryCount else { return nil }
            groupRest = summary[group]
        }
        let found = (group << 6) + groupRest.trailingZeroBitCount
        return (found << 6) + words[found].trailingZeroBitCount
    }
}
