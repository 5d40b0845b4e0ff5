import Bytes
import Reactor
import Redis

/// A connection to Redis: a socket of the loop, and what it has not taken yet.
@LoopActor
final class RedisConnection: @LoopActor RedisTransport, TCPConnectionHandler {
    private let connection: TCPConnection
    private var link: RedisLink?
    /// What the kernel is to take next, and what it is taking.
    private var waiting = ByteWriter()
    private var taken = ByteWriter()
    private var isQueued = false

    init(_ connection: TCPConnection, _ link: RedisLink) {
        self.connection = connection
        self.link = link
    }

    func send(_ bytes: UnsafeRawBufferPointer) {
        guard link != nil else { return }
        guard !isQueued else { return waiting.append(bytes) }
        let count = connection.tryWrite(bytes, UnsafeRawBufferPointer(start: nil, count: 0))
        guard count < bytes.count else { return }
        waiting.append(UnsafeRawBufferPointer(rebasing: bytes[count...]))
        queue()
    }

    private func queue() {
        taken.reset(keeping: 1_048_576)
        swap(&taken, &waiting)
        isQueued = true
        connection.queue(taken.unsafeBytes)
    }

    func close() {
        link = nil
        connection.close()
    }

    // MARK: What the socket tells

    func received(_ bytes: UnsafeMutableBufferPointer<UInt8>, atNanoseconds now: UInt64) {
        link?.received(UnsafeRawBufferPointer(bytes), atNanoseconds: now)
    }

    func receivedEnd() { lose("it has closed the connection") }

    func drained() {
        isQueued = false
        if !waiting.isEmpty { queue() }
    }

    func closed() { lose("the connection was lost") }

    private func lose(_ reason: String) {
        guard let link else { return }
        self.link = nil
        connection.close()
        link.ended(reason)
    }
}
