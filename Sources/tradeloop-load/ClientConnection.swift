import Reactor

/// A client's end of a connection: bytes in, bytes out. Whoever uses it reads from what has arrived.
@LoopActor
class ClientConnection: TCPConnectionHandler {
    let transport: TCPConnection
    private var kept: [UInt8] = []
    private var waiting: [UInt8] = []
    private var queued: [UInt8] = []
    private(set) var isClosed = false

    init(_ transport: TCPConnection) {
        self.transport = transport
        transport.start(with: self)
    }

    /// Looks at what has arrived, and answers how much of it has been dealt with.
    func read(_ bytes: UnsafeBufferPointer<UInt8>, atNanoseconds now: UInt64) -> Int { bytes.count }

    /// The connection is gone.
    func ended() {}

    func received(_ bytes: UnsafeMutableBufferPointer<UInt8>, atNanoseconds now: UInt64) {
        if kept.isEmpty {
            let used = read(UnsafeBufferPointer(bytes), atNanoseconds: now)
            if used < bytes.count { kept = Array(bytes[used...]) }
        } else {
            kept.append(contentsOf: bytes)
            let used = kept.withUnsafeBufferPointer { read($0, atNanoseconds: now) }
            kept.removeFirst(used)
        }
    }

    /// Sends bytes now or as soon as there is room.
    func send(_ bytes: UnsafeRawBufferPointer) {
        if !queued.isEmpty {
            waiting.append(contentsOf: bytes)
            return
        }
        let taken = transport.tryWrite(bytes, UnsafeRawBufferPointer(start: nil, count: 0))
        if taken < bytes.count { queue(Array(bytes[taken...])) }
    }

    private func queue(_ bytes: [UInt8]) {
        queued = bytes
        // The array is not touched until the connection has drained, so that its storage stays where it is.
        queued.withUnsafeBytes { transport.queue($0) }
    }

    func drained() {
        let next = waiting
        waiting = []
        queued = []
        if !next.isEmpty { send(next.withUnsafeBytes { $0 }) }
    }

    func receivedEnd() { transport.close() }

    func closed() {
        isClosed = true
        ended()
    }
}
