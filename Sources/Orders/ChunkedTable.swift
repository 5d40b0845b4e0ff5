/// A table that only grows, in chunks that never move: no entry is ever copied to make room, so appending
/// never stalls and a pointer to an entry stays valid as long as the table lives.
@usableFromInline
struct ChunkedTable<Element: BitwiseCopyable>: ~Copyable {
    /// 4,096 entries, 96 KiB of orders or 496 KiB of the schedule's blocks, and 65,536 of a byte each. Large
    /// enough that allocating a chunk is rare; pages become resident as entries come.
    @inlinable static var chunkShift: Int { MemoryLayout<Element>.stride == 1 ? 16 : 12 }
    @inlinable static var chunkCount: Int { 1 << chunkShift }

    /// One pointer per chunk that the table may ever have; reserved at once, so that it does not move either.
    @usableFromInline let chunks: UnsafeMutablePointer<UnsafeMutablePointer<Element>>
    @usableFromInline let countMax: Int
    @usableFromInline var count = 0

    init(countMax: Int) {
        precondition(countMax >= 1)
        self.countMax = countMax
        chunks = .allocate(capacity: (countMax + Self.chunkCount - 1) >> Self.chunkShift)
    }

    @inlinable
    deinit {
        for chunk in 0..<((count + Self.chunkCount - 1) >> Self.chunkShift) { chunks[chunk].deallocate() }
        chunks.deallocate()
    }

    /// Where an entry lies; `index` must be below ``count``.
    @inlinable @inline(__always)
    func pointer(to index: Int) -> UnsafeMutablePointer<Element> {
        precondition(index >= 0 && index < count)
        return chunks[index >> Self.chunkShift] + (index & (Self.chunkCount - 1))
    }

    /// Appends an entry; ``count`` must be below ``countMax``.
    @inline(__always)
    mutating func append(_ element: Element) { appendPlace().initialize(to: element) }

    /// Appends a place for an entry, which the caller writes; ``count`` must be below ``countMax``.
    @inline(__always)
    mutating func appendPlace() -> UnsafeMutablePointer<Element> {
        precondition(count < countMax)
        let place = count & (Self.chunkCount - 1)
        if place == 0 { addChunk() }
        count &+= 1
        return chunks[(count &- 1) >> Self.chunkShift] + place
    }

    @inline(never)
    private mutating func addChunk() {
        chunks[count >> Self.chunkShift] = .allocate(capacity: Self.chunkCount)
    }
}
