/// What connections have read and have not been handed yet.
///
/// A wake-up tells of many connections. They are all read first, and then served one after another: what each
/// step runs through is still in the processor's nearest cache when the next connection comes to it, where
/// reading, serving and answering each of them in turn would have each step displace the others' code.
struct Inbox {
    /// One read: whose, and what.
    struct Read {
        let recipient: UnsafeMutableRawPointer
        let bytes: UnsafeMutableBufferPointer<UInt8>
    }

    /// How many reads wait at most: what the first of them waits for is a part of a millisecond.
    private static let readsMax = 32
    /// With how many bytes no more is read before all is handed over: they have to stay in the nearest cache.
    private static let bytesFull = 16_384

    private let area: UnsafeMutablePointer<UInt8>
    private let reads: UnsafeMutablePointer<Read>
    private let headroomBytes: Int
    /// Where the next read goes, behind those that wait.
    private var end: Int

    /// How many reads wait.
    private(set) var count = 0
    /// What one read takes at most, in bytes.
    let receiveBytes: Int

    /// An inbox for reads of at most `receiveBytes`, with `headroomBytes` free in front of them.
    init(receiveBytes: Int, headroomBytes: Int) {
        self.receiveBytes = receiveBytes
        self.headroomBytes = headroomBytes
        area = .allocate(capacity: headroomBytes + Self.bytesFull + receiveBytes)
        reads = .allocate(capacity: Self.readsMax)
        end = headroomBytes
    }

    /// Frees the memory. To be called once, when nothing is read any more.
    func deallocate() {
        area.deallocate()
        reads.deallocate()
    }

    /// Where the next read is to go: room for ``receiveBytes``.
    var room: UnsafeMutablePointer<UInt8> { area + end }

    /// Keeps so many bytes that have been read to ``room``. The recipient has to be there until they have
    /// been handed over. Answers whether that has to happen before the next read.
    mutating func keep(_ byteCount: Int, for recipient: UnsafeMutableRawPointer) -> Bool {
        (reads + count).initialize(
            to: Read(
                recipient: recipient, bytes: UnsafeMutableBufferPointer(start: room, count: byteCount)))
        count &+= 1
        end &+= byteCount
        return count == Self.readsMax || end &- headroomBytes >= Self.bytesFull
    }

    /// One of the reads that wait.
    subscript(index: Int) -> Read { reads[index] }

    /// Forgets the reads: they have been handed over.
    mutating func clear() {
        count = 0
        end = headroomBytes
    }
}
