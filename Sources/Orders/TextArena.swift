/// Texts that do not fit into their record: appended to chunks that never move, and freed with the arena
/// only.
struct TextArena: ~Copyable {
    /// Large enough for a thousand of the longest texts, small enough to waste little when there are few.
    static let chunkBytes = 65_536

    /// Each chunk begins with the address of the one before, so no list of chunks has to grow.
    private static let linkBytes = MemoryLayout<UnsafeMutableRawPointer?>.size

    private var newest: UnsafeMutableRawPointer?
    private var usedBytes = TextArena.chunkBytes

    init() {}

    deinit {
        var next = newest
        while let chunk = next {
            next = chunk.load(as: UnsafeMutableRawPointer?.self)
            chunk.deallocate()
        }
    }

    /// Keeps a copy of `text` and answers where it lies. A text does not straddle chunks: it takes at most
    /// ``chunkBytes`` less one pointer.
    mutating func append(_ text: Span<UInt8>) -> UnsafePointer<UInt8> {
        precondition(text.count <= Self.chunkBytes - Self.linkBytes)
        if Self.chunkBytes - usedBytes < text.count { addChunk() }
        let target = newest.unsafelyUnwrapped + usedBytes
        text.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            target.initializeMemory(as: UInt8.self, from: start, count: source.count)
        }
        usedBytes += text.count
        return UnsafePointer(target.assumingMemoryBound(to: UInt8.self))
    }

    private mutating func addChunk() {
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: Self.chunkBytes, alignment: Self.linkBytes)
        chunk.initializeMemory(as: UnsafeMutableRawPointer?.self, to: newest)
        newest = chunk
        usedBytes = Self.linkBytes
    }
}
