import CLibUV

/// A socket that accepts connections.
///
/// It is bound by libuv, but accepts by itself when the loop says that connections wait: `uv_listen` goes on
/// inside one call for as long as there is one more, drops all who wait where the process has no descriptor
/// left, and never returns from that call where the system has none.
@LoopActor
public final class TCPListener {
    private let loop: Loop
    private let handle: UnsafeMutablePointer<uv_tcp_t>
    private let poll: UnsafeMutablePointer<uv_poll_t>
    private let descriptor: Int32
    private let accept: @LoopActor (TCPConnection) -> Void
    private let descriptorsExhausted: @LoopActor () -> Void
    private var retry: LoopTimer!
    private var isPaused = false
    private var isClosed = false

    /// The address that the listener is bound to, with the port that the system chose where 0 was asked for.
    public let address: SocketAddress

    /// How many connections the kernel keeps for us until we accept them: enough for thousands of clients
    /// that connect at the same moment; the kernel lowers it to its own limit (`net.core.somaxconn`).
    public static let backlogConnections: Int32 = 4096

    /// Connections accepted in one turn, at about 10 us each: what a request may have to wait for.
    static let acceptsPerTurnMax = 64

    /// How long accepting pauses where the system has no descriptor or memory for one more connection, unless
    /// one of ours is closed before: others may give some back as well, and do not say so.
    private static let pauseNanoseconds: UInt64 = 100_000_000

    /// Listens on an address; `accept` is called on the loop with each new connection, and
    /// `descriptorsExhausted` when there is no descriptor for another: those who connect have to wait.
    ///
    /// - Throws: `UVError`, such as ``UVError/addressInUse``.
    public init(
        loop: Loop, address: SocketAddress, accept: @escaping @LoopActor (TCPConnection) -> Void,
        descriptorsExhausted: @escaping @LoopActor () -> Void
    ) throws(UVError) {
        self.loop = loop
        self.accept = accept
        self.descriptorsExhausted = descriptorsExhausted
        let handle = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
        let poll = UnsafeMutablePointer<uv_poll_t>.allocate(capacity: 1)
        self.handle = handle
        self.poll = poll
        do throws(UVError) {
            try UVError.check(uv_tcp_init(loop.handle, handle))
        } catch {
            handle.deallocate()
            poll.deallocate()
            throw error
        }
        do throws(UVError) {
            try UVError.check(address.withSockaddr { uv_tcp_bind(handle, $0, 0) })
            // Before listening: that the address is taken, libuv tells here and not when it binds.
            _ = try TCPListener.address(of: handle)
            var descriptor: Int32 = -1
            try UVError.check(uv_fileno(Loop.base(handle), &descriptor))
            try UVError.check(tradeloop_listen(descriptor, Self.backlogConnections))
            try UVError.check(uv_poll_init(loop.handle, poll, descriptor))
            self.descriptor = descriptor
            self.address = try TCPListener.address(of: handle)
        } catch {
            poll.deallocate()
            uv_close(Loop.base(handle), TCPListener.didCloseHandle)
            throw error
        }
        poll.pointee.data = Unmanaged.passRetained(self).toOpaque()
        retry = LoopTimer(loop: loop) { [unowned self] in resume() }
        startPolling()
    }

    private static func address(of handle: UnsafeMutablePointer<uv_tcp_t>) throws(UVError) -> SocketAddress {
        var bound = sockaddr_storage()
        var size = Int32(MemoryLayout<sockaddr_storage>.size)
        try UVError.check(
            withUnsafeMutableBytes(of: &bound) { bytes in
                uv_tcp_getsockname(handle, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &size)
            })
        return SocketAddress(storage: bound)
    }

    private func startPolling() {
        uv_poll_start(poll, Int32(UV_READABLE.rawValue)) { poll, status, _ in
            let listener = Unmanaged<TCPListener>.fromOpaque(poll!.pointee.data).takeUnretainedValue()
            listener.loop.noteWaking()
            if status == 0 {
                listener.acceptWaiting(TCPListener.acceptsPerTurnMax)
            } else {
                listener.pause()
            }
        }
    }

    /// Accepts all who have connected until now, however many the kernel keeps: before an end, so that it
    /// comes after them.
    public func acceptAll() {
        acceptWaiting(Int(TCPListener.backlogConnections))
    }

    private func acceptWaiting(_ countMax: Int) {
        var left = countMax
        while left > 0, !isClosed {
            left -= 1
            let accepted = tradeloop_accept(descriptor)
            switch accepted {
            case 0...:
                if let connection = TCPConnection(descriptor: accepted, on: loop) { accept(connection) }
            case UV_EAGAIN.rawValue:
                return
            case UV_ECONNABORTED.rawValue, UV_EPROTO.rawValue, UV_EINTR.rawValue:
                // This one has gone away again; others may wait behind it.
                continue
            default:
                if accepted == UV_EMFILE.rawValue || accepted == UV_ENFILE.rawValue { descriptorsExhausted() }
                pause()
                return
            }
        }
    }

    /// Leaves who connects to the kernel until there may be room: asking again at once would keep the
    /// processor busy with nothing.
    private func pause() {
        guard !isPaused, !isClosed else { return }
        isPaused = true
        uv_poll_stop(poll)
        loop.resumeWhenDescriptorIsFreed(self)
        retry.arm(atNanoseconds: loop.nowNanoseconds + TCPListener.pauseNanoseconds)
    }

    /// Goes on accepting after a pause.
    func resume() {
        guard isPaused, !isClosed else { return }
        isPaused = false
        startPolling()
    }

    /// Stops listening.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        retry.close()
        // Before its descriptor is closed and its number is another's.
        uv_close(Loop.base(poll)) { poll in
            Unmanaged<TCPListener>.fromOpaque(poll!.pointee.data).release()
            UnsafeMutableRawPointer(poll!).assumingMemoryBound(to: uv_poll_t.self).deallocate()
        }
        uv_close(Loop.base(handle), TCPListener.didCloseHandle)
    }

    private static var didCloseHandle: uv_close_cb {
        { handle in UnsafeMutableRawPointer(handle!).assumingMemoryBound(to: uv_tcp_t.self).deallocate() }
    }
}
