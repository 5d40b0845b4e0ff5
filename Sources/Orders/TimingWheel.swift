/// A ring of slots, each a queue of entries: first in, first out, in blocks that lie in memory one after the
/// other.
///
/// Blocks of 15 rather than entries that name each other: the entries of a block come from memory together
/// and ahead of need, while a chain through a table of a million orders waits for memory at every link.
/// Measured, chains took twice as long to expire and three times as long to cancel. Blocks are used again,
/// and allocated only as entries come.
struct TimingWheel: ~Copyable {
    /// One entry, 8 bytes.
    struct Entry: BitwiseCopyable {
        /// Whose time it is that comes.
        var number: UInt32
        /// The tick that it is due in, within its long span: which slot of a finer wheel it belongs to.
        var fineTick: UInt32
    }

    private struct Block: BitwiseCopyable {
        /// With the link 124 bytes: two cache lines.
        static var entriesMax: UInt16 { 15 }

        var entries = InlineArray<15, Entry>(repeating: Entry(number: 0, fineTick: 0))
        /// The block that follows in the same slot, or among the free ones; 0 when none does.
        var next: UInt32 = 0
    }

    /// The queue of one slot: what was taken from its first block, what was put into its last.
    private struct Slot: BitwiseCopyable {
        var first: UInt32
        var last: UInt32
        var taken: UInt16
        var filled: UInt16
    }

    private var used: SlotBitmap
    /// Left uninitialised where ``used`` says that a slot is empty, so that an idle wheel takes no memory.
    private let slots: UnsafeMutablePointer<Slot>
    /// Block 0 is never used: its number stands for "none".
    private var blocks: ChunkedTable<Block>
    private var firstFree: UInt32 = 0

    /// A wheel of so many slots, a multiple of 64, for at most `entriesMax` entries at a time.
    init(slotCount: Int, entriesMax: Int) {
        used = SlotBitmap(slotCount: slotCount)
        slots = .allocate(capacity: slotCount)
        // Beside full blocks, a slot has at most a first one partly taken and a last one partly filled.
        let blocksMax = entriesMax / Int(Block.entriesMax) + 2 * slotCount
        blocks = ChunkedTable(countMax: blocksMax + 1)
        blocks.append(Block())
    }

    deinit { slots.deallocate() }

    /// How many blocks have been allocated, the free ones included.
    var blockCount: Int { blocks.count - 1 }

    /// Whether a slot holds an entry.
    func contains(_ slot: Int) -> Bool { used.contains(slot) }

    /// The first slot that holds an entry and is not below `slot`, which may be their count.
    func first(from slot: Int) -> Int? { used.first(from: slot) }

    /// Shows the entries of a slot, the oldest first, until `isEnough` answers true.
    func look(at slot: Int, _ isEnough: (Entry) -> Bool) {
        guard used.contains(slot) else { return }
        let queue = slots[slot]
        var block = queue.first
        var index = queue.taken
        while true {
            let end = block == queue.last ? queue.filled : Block.entriesMax
            while index < end {
                if isEnough(blocks.pointer(to: Int(block)).pointee.entries[Int(index)]) { return }
                index += 1
            }
            guard block != queue.last else { return }
            block = blocks.pointer(to: Int(block)).pointee.next
            index = 0
        }
    }

    /// Appends an entry to the queue of a slot.
    mutating func append(_ entry: Entry, to slot: Int) {
        if !used.contains(slot) {
            let block = takeFreeBlock()
            slots[slot] = Slot(first: block, last: block, taken: 0, filled: 0)
            used.insert(slot)
        } else if slots[slot].filled == Block.entriesMax {
            let block = takeFreeBlock()
            blocks.pointer(to: Int(slots[slot].last)).pointee.next = block
            slots[slot].last = block
            slots[slot].filled = 0
        }
        let last = blocks.pointer(to: Int(slots[slot].last))
        last.pointee.entries[Int(slots[slot].filled)] = entry
        slots[slot].filled += 1
    }

    /// Takes the oldest entries of a slot's queue: up to `countMax` (at least 1) of those that lie side by
    /// side, and none where there are none. They stay as they are until something is appended to this wheel.
    mutating func takeRun(from slot: Int, max countMax: Int) -> UnsafeBufferPointer<Entry> {
        guard used.contains(slot) else { return UnsafeBufferPointer(start: nil, count: 0) }
        var queue = slots[slot]
        let block = blocks.pointer(to: Int(queue.first))
        let end = queue.first == queue.last ? queue.filled : Block.entriesMax
        let count = min(countMax, Int(end &- queue.taken))
        // The entries are a block's first member.
        let entries = UnsafeRawPointer(block).assumingMemoryBound(to: Entry.self)
        let run = UnsafeBufferPointer(start: entries + Int(queue.taken), count: count)
        queue.taken += UInt16(count)
        if queue.taken == end {
            let next = block.pointee.next
            free(queue.first)
            if queue.first == queue.last {
                used.remove(slot)
            } else {
                queue.first = next
                queue.taken = 0
            }
        }
        slots[slot] = queue
        return run
    }

    private mutating func takeFreeBlock() -> UInt32 {
        guard firstFree != 0 else {
            blocks.append(Block())
            return UInt32(blocks.count - 1)
        }
        let block = firstFree
        firstFree = blocks.pointer(to: Int(block)).pointee.next
        return block
    }

    private mutating func free(_ block: UInt32) {
        blocks.pointer(to: Int(block)).pointee.next = firstFree
        firstFree = block
    }
}
