import CLibUV

/// What happens to one connection, told to whoever serves it.
@LoopActor
public protocol TCPConnectionHandler: AnyObject {
    /// Bytes arrived, at this moment of ``Loop/nowNanoseconds``. They are the handler's to change until it
    /// returns, and so are the loop's headroom bytes in front of them. They may have been read before
    /// ``TCPConnection/pauseReading()`` was called.
    func received(_ bytes: UnsafeMutableBufferPointer<UInt8>, atNanoseconds now: UInt64)
    /// The peer sends no more; it may still read.
    func receivedEnd()
    /// What ``TCPConnection/queue(_:)`` was given has been taken by the kernel.
    func drained()
    /// The connection is gone: closed by either side or broken. Nothing is called after this.
    func closed()
}

/// One connection.
///
/// libuv says when there is something to read or room to write; reading and writing are ours. libuv's own
/// streams ask the system through `read` and `write`, which are made for files: through `recv` and `send` a
/// request costs a server up to a fifteenth less.
@LoopActor
public final class TCPConnection {
    private let poll: UnsafeMutablePointer<uv_poll_t>
    private let descriptor: Int32
    private let loop: Loop
    /// What waits until the kernel takes it; not empty from ``queue(_:)`` to `drained`.
    private var queued = UnsafeRawBufferPointer(start: nil, count: 0)
    /// What libuv looks for.
    private var watched: Events = []
    private var notice = Notice.none
    private var isReading = false
    /// The peer is to be told that nothing more is sent, behind what is queued.
    private var isShutdownDue = false
    private var isClosing = false

    /// Takes over a connected socket; nil, and it is closed, where there is no memory for it.
    init?(descriptor: Int32, on loop: Loop) {
        self.descriptor = descriptor
        self.loop = loop
        poll = .allocate(capacity: 1)
        guard uv_poll_init(loop.handle, poll, descriptor) == 0 else {
            poll.deallocate()
            tradeloop_close(descriptor)
            return nil
        }
        poll.pointee.data = nil
    }

    /// Serves the connection with a handler, which it keeps alive until ``TCPConnectionHandler/closed()``:
    /// that is called at once where the connection has been closed already.
    public func start(with handler: any TCPConnectionHandler) {
        guard !isClosing else { return handler.closed() }
        precondition(poll.pointee.data == nil, "a connection is served once")
        poll.pointee.data = Unmanaged.passRetained(Delivery(self, to: handler)).toOpaque()
        resumeReading()
    }

    /// A connection with its handler, both of which it keeps alive: what libuv hands back to us.
    ///
    /// The handler stands here, and for good, so that it can be lent for a call. Of one that could be another
    /// one in the meantime, a reference would be counted with every read: two atomic operations, which wait
    /// for all that was written before.
    private final class Delivery {
        let connection: TCPConnection
        let handler: (any TCPConnectionHandler)?

        init(_ connection: TCPConnection, to handler: (any TCPConnectionHandler)?) {
            self.connection = connection
            self.handler = handler
        }

        /// Calls back with what a handle carries.
        @inline(__always)
        static func with(_ data: UnsafeMutableRawPointer?, _ body: (Delivery) -> Void) {
            Unmanaged<Delivery>.fromOpaque(data!)._withUnsafeGuaranteedRef(body)
        }
    }

    // MARK: What the loop looks for

    private struct Events: OptionSet {
        let rawValue: UInt32
        static let readable = Events(rawValue: UV_READABLE.rawValue)
        static let writable = Events(rawValue: UV_WRITABLE.rawValue)
        /// The peer sends no more, which may lie behind what it has sent.
        static let disconnected = Events(rawValue: UV_DISCONNECT.rawValue)
        /// There is urgent data: a read ends in front of it, whatever lies behind.
        static let prioritized = Events(rawValue: UV_PRIORITIZED.rawValue)

        /// All that has us read.
        static let input: Events = [.readable, .disconnected, .prioritized]
    }

    /// How the system tells of input, since libuv was last asked to look for something else.
    private enum Notice {
        /// It has told of none yet.
        case none
        /// As long as there is some: as libuv asks for it. After each read the system looks whether there is
        /// more.
        case whileThere
        /// When more arrives: one look less with each read, a twentieth of what a request costs. To ask for
        /// it is a call that a connection has to make good, so it is not asked for before its second read.
        case onArrival
    }

    /// Has libuv look for what is of use now.
    private func watch() {
        var wanted: Events = isReading ? .input : []
        if !queued.isEmpty { wanted.insert(.writable) }
        guard wanted != watched else { return }
        watched = wanted
        notice = .none
        guard !wanted.isEmpty else {
            uv_poll_stop(poll)
            return
        }
        uv_poll_start(poll, Int32(wanted.rawValue)) { poll, status, events in
            Delivery.with(poll!.pointee.data) { delivery in
                delivery.connection.isReady(
                    status, Events(rawValue: UInt32(bitPattern: events)), for: delivery.handler)
            }
        }
    }

    private func isReady(_ status: Int32, _ events: Events, for handler: (any TCPConnectionHandler)?) {
        loop.noteWaking()
        var ready = events
        if status != 0 {
            // A broken connection: libuv has stopped looking, and what is asked of the socket next says why.
            ready = watched
            watched = []
        }
        let hasInput = !ready.isDisjoint(with: .input)
        if hasInput, isReading { receive(ready, for: handler) }
        if ready.contains(.writable), !queued.isEmpty, !isClosing { sendQueued(for: handler) }
        // Input that nobody wants yet: not before now, as most pauses are over before more arrives.
        if status != 0 || hasInput && !isReading, !isClosing { watch() }
    }

    /// Sees to it that a read of so many bytes is followed by another one when there is something to read.
    @inline(__always)
    private func expectMore(_ ready: Events, isWhole: Bool) {
        guard notice != .onArrival || !isWhole || ready.intersection(.input) != .readable else { return }
        guard watched == .input else { return }
        if notice == .none {
            notice = .whileThere
        } else if tradeloop_watch_arrivals(loop.handle, descriptor) == 0 {
            // Of what the last read has left, the system tells anew.
            notice = .onArrival
        }
    }

    // MARK: What comes in

    /// Reads what the peer sends.
    public func resumeReading() {
        guard !isReading, !isClosing else { return }
        isReading = true
        watch()
    }

    /// Leaves what the peer sends in the kernel, which in time makes the peer wait.
    public func pauseReading() {
        isReading = false
    }

    /// Reads once: what is left is read in the next turn, so that nobody keeps the others waiting. The
    /// handler is given it when the others have been read as well.
    @inline(__always)
    private func receive(_ ready: Events, for handler: (any TCPConnectionHandler)?) {
        let count = tradeloop_receive(descriptor, loop.inbox.room, loop.inbox.receiveBytes)
        switch count {
        case 1...:
            expectMore(ready, isWhole: count < loop.inbox.receiveBytes)
            if loop.inbox.keep(count, for: poll.pointee.data) { loop.deliverInput() }
        case 0:
            isReading = false
            // What came before it comes first.
            if loop.inbox.count > 0 { loop.deliverInput() }
            if !isClosing { handler?.receivedEnd() }
        case Int(UV_EAGAIN.rawValue):
            // Urgent data that has come before what it stands behind is told of for as long as that is
            // missing.
            if notice != .onArrival { expectMore(ready, isWhole: true) }
        case Int(UV_EINTR.rawValue):
            expectMore(ready, isWhole: false)
        default:
            close()
        }
    }

    /// Gives a connection what it has read, unless it has been ended in the meantime.
    @inline(__always)
    static func deliver(_ read: Inbox.Read, atNanoseconds now: UInt64) {
        Delivery.with(read.recipient) { delivery in
            guard !delivery.connection.isClosing else { return }
            delivery.handler?.received(read.bytes, atNanoseconds: now)
        }
    }

    // MARK: What goes out

    /// Hands bytes to the kernel at once; the second run follows the first. Answers how many it took: less
    /// than all when it has no room, 0 too when the connection is broken (then the reading side hears of it).
    public func tryWrite(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Int {
        guard !isClosing, queued.isEmpty else { return 0 }
        let taken =
            second.isEmpty
            ? tradeloop_send(descriptor, first.baseAddress, first.count)
            : tradeloop_send_both(
                descriptor, first.baseAddress, first.count, second.baseAddress, second.count)
        return max(taken, 0)
    }

    /// Writes bytes as the kernel takes them, and then calls ``TCPConnectionHandler/drained()``. They must
    /// stay as they are until then, or until ``TCPConnectionHandler/closed()``. One run at a time.
    public func queue(_ bytes: UnsafeRawBufferPointer) {
        precondition(queued.isEmpty && !bytes.isEmpty, "one run of bytes at a time")
        guard !isClosing else { return }
        queued = bytes
        watch()
    }

    private func sendQueued(for handler: (any TCPConnectionHandler)?) {
        let taken = tradeloop_send(descriptor, queued.baseAddress, queued.count)
        switch taken {
        case 0...:
            queued = UnsafeRawBufferPointer(rebasing: queued[taken...])
            guard queued.isEmpty else { return }
            if isShutdownDue { tradeloop_shutdown(descriptor) }
            handler?.drained()
            if !isClosing { watch() }
        case Int(UV_EAGAIN.rawValue), Int(UV_EINTR.rawValue):
            break
        default:
            close()
        }
    }

    /// How many of the queued bytes the kernel has not taken yet.
    public var queuedBytes: Int { queued.count }

    /// Tells the peer that nothing more is sent, after what is queued; reading goes on.
    public func shutdown() {
        guard !isClosing else { return }
        isShutdownDue = true
        if queued.isEmpty { tradeloop_shutdown(descriptor) }
    }

    /// The peer's address without its port; `-` where the connection is broken.
    public var peer: String {
        var storage = sockaddr_storage()
        guard !isClosing, tradeloop_peer(descriptor, &storage) == 0 else { return "-" }
        return SocketAddress(storage: storage).number
    }

    // MARK: The end

    /// Ends the connection; calling it again changes nothing. The memory is freed, and
    /// ``TCPConnectionHandler/closed()`` called, once libuv has let go of it.
    public func close() { end(by: tradeloop_close) }

    /// Ends the connection at once with a reset: what is queued is lost, and the peer sees an error.
    public func reset() { end(by: tradeloop_close_reset) }

    private func end(by closeDescriptor: (Int32) -> Void) {
        guard !isClosing else { return }
        isClosing = true
        isReading = false
        queued = UnsafeRawBufferPointer(start: nil, count: 0)
        if poll.pointee.data == nil {
            // It has not been served yet, and will not be.
            poll.pointee.data = Unmanaged.passRetained(Delivery(self, to: nil)).toOpaque()
        }
        // Before the descriptor is closed and its number is another's.
        uv_close(Loop.base(poll)) { handle in
            let delivery = Unmanaged<Delivery>.fromOpaque(handle!.pointee.data).takeRetainedValue()
            delivery.connection.loop.descriptorWasFreed()
            delivery.connection.poll.deallocate()
            delivery.handler?.closed()
        }
        closeDescriptor(descriptor)
    }
}
