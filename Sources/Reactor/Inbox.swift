/// What connections have read and have not been handed yet.
///
/// A wake-up tells of many connections. They are all read first, and then served one after another: what each
/// step runs through is still in the processor's nearest cache when the next connection comes to it, where
/// reading, serving and answering each of them in turn would have each step displace the others' code.
@LoopActor
final class Inbox {
    /// One read: whose, and how many bytes.
    private struct Read {
        let recipient: UnsafeMutableRawPointer
        let count: Int
    }

    /// How many reads wait at most: what the first of them waits for is a part of a millisecond.
    private static let readsMax = 32
    /// With how many bytes no more is read before all is handed over: they have to stay in the nearest cache.
    private static let bytesFull = 16_384

    private let area: UnsafeMutableBufferPointer<UInt8>
    private let headroomBytes: Int
    private let reads: UnsafeMutablePointer<Read>
    private var readCount = 0
    /// Where the next read goes, behind those that wait.
    private var end: Int

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
    var room: UnsafeMutablePointer<UInt8> { area.baseAddress.unsafelyUnwrapped + end }

    /// Keeps so many bytes that have been read to ``room``. The recipient has to be there until they are
    /// handed over. Answers whether that has to happen before the next read.
    func keep(_ count: Int, for recipient: UnsafeMutableRawPointer) -> Bool {
        reads[readCount] = Read(recipient: recipient, count: count)
        readCount += 1
        end += count
        return readCount == Self.readsMax || end - headroomBytes >= Self.bytesFull
    }

    var isEmpty: Bool { readCount == 0 }

    /// Hands over what has been read, each recipient's in its turn. Nothing may be read meanwhile.
    @inline(__always)
    func empty(_ handOver: (UnsafeMutableRawPointer, UnsafeMutableBufferPointer<UInt8>) -> Void) {
        var start = area.baseAddress.unsafelyUnwrapped + headroomBytes
        for index in 0..<readCount {
            let read = reads[index]
            handOver(read.recipient, UnsafeMutableBufferPointer(start: start, count: read.count))
            start += read.count
        }
        readCount = 0
        end = headroomBytes
    }
}
