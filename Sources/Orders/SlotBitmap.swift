/// Which slots of a wheel are in use: one bit a slot, and one bit a word of those, so that the next one is
/// found by looking at a handful of words however far away it is.
struct SlotBitmap: ~Copyable {
    /// 16 words of 64 bits that each stand for a word of 64 slots.
    static let slotCount = 16 * 64 * 64
    private static let wordCount = slotCount / 64
    private static let summaryCount = wordCount / 64

    private let words: UnsafeMutablePointer<UInt64>
    private let summary: UnsafeMutablePointer<UInt64>

    init() {
        words = .allocate(capacity: Self.wordCount)
        words.initialize(repeating: 0, count: Self.wordCount)
        summary = .allocate(capacity: Self.summaryCount)
        summary.initialize(repeating: 0, count: Self.summaryCount)
    }

    deinit {
        words.deallocate()
        summary.deallocate()
    }

    func contains(_ slot: Int) -> Bool {
        precondition(slot >= 0 && slot < Self.slotCount)
        return words[slot >> 6] & (1 << UInt64(slot & 63)) != 0
    }

    mutating func insert(_ slot: Int) {
        precondition(slot >= 0 && slot < Self.slotCount)
        words[slot >> 6] |= 1 << UInt64(slot & 63)
        summary[slot >> 12] |= 1 << UInt64((slot >> 6) & 63)
    }

    mutating func remove(_ slot: Int) {
        precondition(slot >= 0 && slot < Self.slotCount)
        words[slot >> 6] &= ~(1 << UInt64(slot & 63))
        if words[slot >> 6] == 0 { summary[slot >> 12] &= ~(1 << UInt64((slot >> 6) & 63)) }
    }

    /// The first slot in use that is not below `slot`, which may be ``slotCount``; nil when there is none.
    func first(from slot: Int) -> Int? {
        precondition(slot >= 0)
        guard slot < Self.slotCount else { return nil }
        let word = slot >> 6
        let rest = words[word] & (~0 << UInt64(slot & 63))
        if rest != 0 { return (word << 6) + rest.trailingZeroBitCount }

        // Nothing left in that word: the summary names the next one that is not empty.
        var group = (word + 1) >> 6
        guard group < Self.summaryCount else { return nil }
        var groupRest = summary[group] & (~0 << UInt64((word + 1) & 63))
        while groupRest == 0 {
            group += 1
            guard group < Self.summaryCount else { return nil }
            groupRest = summary[group]
        }
        let found = (group << 6) + groupRest.trailingZeroBitCount
        return (found << 6) + words[found].trailingZeroBitCount
    }
}
