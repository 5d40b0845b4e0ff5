import CLibUV

/// What happens to one connection, told to whoever serves it.
@LoopActor
public protocol TCPConnectionHandler: AnyObject {
    /// Bytes arrived, at this moment of ``Loop/nowNanoseconds``. They are the handler's to change until it
    /// returns, and so are the loop's headroom bytes in front of them.
    func received(_ bytes: UnsafeMutableBufferPointer<UInt8>, atNanoseconds now: UInt64)
    /// The peer sends no more; it may still read.
    func receivedEnd()
    /// What ``TCPConnection/queue(_:)`` was given has been taken by the kernel.
    func drained()
    /// The connection is gone: closed by either side or broken. Nothing is called after this.
    func closed()
}

/// One connection.
@LoopActor
public final class TCPConnection {
    private let handle: UnsafeMutablePointer<uv_tcp_t>
    private let loop: Loop
    private var handler: (any TCPConnectionHandler)?
    private var isReading = false
    /// The turn of the loop in which the connection was last read.
    private var lastReadTurn: UInt32 = 0
    private var isClosing = false

    private init(on loop: Loop) throws(UVError) {
        self.loop = loop
        handle = .allocate(capacity: 1)
        do throws(UVError) {
            try UVError.check(uv_tcp_init(loop.handle, handle))
        } catch {
            handle.deallocate()
            throw error
        }
        handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    /// Takes over a connection that a listener has accepted; nil, and it is closed, where there is no memory
    /// for it.
    convenience init?(accepted descriptor: Int32, on loop: Loop) {
        do throws(UVError) {
            try self.init(on: loop)
        } catch {
            tradeloop_close(descriptor)
            return nil
        }
        guard uv_tcp_open(handle, descriptor) == 0 else {
            tradeloop_close(descriptor)
            close()
            return nil
        }
        // Answers leave whole, in one write: waiting for more to send would only delay them.
        uv_tcp_nodelay(handle, 1)
    }

    /// Connects to an address, and calls `connected` with the connection or the reason why there is none.
    /// Answers the connection that is on its way, which may be closed before it is there; nil where it has
    /// failed already.
    @discardableResult
    public static func connect(
        to address: SocketAddress, on loop: Loop,
        connected: @escaping @LoopActor (Result<TCPConnection, UVError>) -> Void
    ) -> TCPConnection? {
        let connection: TCPConnection
        do throws(UVError) {
            connection = try TCPConnection(on: loop)
        } catch {
            connected(.failure(error))
            return nil
        }
        let waiting = Connecting(connection: connection, connected: connected)
        let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
        request.pointee.data = Unmanaged.passRetained(waiting).toOpaque()
        let result = address.withSockaddr { address in
            uv_tcp_connect(request, connection.handle, address) { request, status in
                let data = request!.pointee.data!
                request!.deallocate()
                Unmanaged<Connecting>.fromOpaque(data).takeRetainedValue().finish(status)
            }
        }
        if result != 0 {
            request.deallocate()
            Unmanaged.passUnretained(waiting).release()
            waiting.finish(result)
        }
        return result == 0 ? connection : nil
    }

    /// A connection on its way.
    private final class Connecting {
        private let connection: TCPConnection
        private let connected: @LoopActor (Result<TCPConnection, UVError>) -> Void

        init(
            connection: TCPConnection,
            connected: @escaping @LoopActor (Result<TCPConnection, UVError>) -> Void
        ) {
            self.connection = connection
            self.connected = connected
        }

        @LoopActor
        func finish(_ status: Int32) {
            if status == 0 {
                uv_tcp_nodelay(connection.handle, 1)
                connected(.success(connection))
            } else {
                connection.close()
                connected(.failure(UVError(code: status)))
            }
        }
    }

    /// Serves the connection with a handler, which it keeps alive until ``TCPConnectionHandler/closed()``.
    public func start(with handler: any TCPConnectionHandler) {
        precondition(self.handler == nil)
        self.handler = handler
        resumeReading()
    }

    /// Reads what the peer sends.
    public func resumeReading() {
        guard !isReading, !isClosing else { return }
        isReading = true
        uv_read_start(
            Loop.stream(handle),
            { handle, _, buffer in
                TCPConnection.with(handle!.pointee.data) { $0.lendBuffer(buffer!) }
            },
            { handle, count, buffer in
                TCPConnection.with(handle!.pointee.data) { $0.didRead(count, buffer!.pointee.base) }
            })
    }

    private func lendBuffer(_ buffer: UnsafeMutablePointer<uv_buf_t>) {
        guard lastReadTurn != loop.turn else {
            // libuv would read up to 32 times; no buffer ends that, and the rest is read next turn.
            buffer.pointee.len = 0
            return
        }
        lastReadTurn = loop.turn
        let area = UnsafeMutableBufferPointer(rebasing: loop.receiveBuffer[loop.receiveHeadroomBytes...])
        buffer.pointee.base = UnsafeMutableRawPointer(area.baseAddress!).assumingMemoryBound(to: CChar.self)
        buffer.pointee.len = area.count
    }

    private func didRead(_ count: Int, _ base: UnsafeMutablePointer<CChar>?) {
        if count > 0 {
            let bytes = UnsafeMutableRawPointer(base!).assumingMemoryBound(to: UInt8.self)
            handler?.received(
                UnsafeMutableBufferPointer(start: bytes, count: count),
                atNanoseconds: loop.wakingNanoseconds())
        } else if count == Int(UV_EOF.rawValue) {
            pauseReading()
            handler?.receivedEnd()
        } else if count < 0, count != Int(UV_ENOBUFS.rawValue) {
            close()
        }
    }

    /// Leaves what the peer sends in the kernel, which in time makes the peer wait.
    public func pauseReading() {
        guard isReading, !isClosing else { return }
        isReading = false
        uv_read_stop(Loop.stream(handle))
    }

    /// Hands bytes to the kernel at once; the second run follows the first. Answers how many it took: less
    /// than all when it has no room, 0 too when the connection is broken (then the reading side hears of it).
    public func tryWrite(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Int {
        guard !isClosing else { return 0 }
        let written = withUnsafeTemporaryAllocation(of: uv_buf_t.self, capacity: 2) { buffers in
            buffers.initializeElement(at: 0, to: TCPConnection.buffer(first))
            buffers.initializeElement(at: 1, to: TCPConnection.buffer(second))
            return uv_try_write(
                Loop.stream(handle), buffers.baseAddress!, second.isEmpty ? 1 : 2)
        }
        return Int(max(written, 0))
    }

    /// Writes bytes as the kernel takes them, and then calls ``TCPConnectionHandler/drained()``. They must
    /// stay as they are until then, or until ``TCPConnectionHandler/closed()``. One run at a time.
    public func queue(_ bytes: UnsafeRawBufferPointer) {
        guard !isClosing else { return }
        var buffer = TCPConnection.buffer(bytes)
        let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
        let result = uv_write(request, Loop.stream(handle), &buffer, 1) { request, status in
            let data = request!.pointee.handle.pointee.data
            request!.deallocate()
            TCPConnection.with(data) { connection in
                connection.loop.wakingNanoseconds()
                if status == 0 {
                    connection.handler?.drained()
                } else {
                    connection.close()
                }
            }
        }
        if result != 0 {
            request.deallocate()
            close()
        }
    }

    /// The peer's address without its port; `-` where the connection is broken.
    public var peer: String {
        var storage = sockaddr_storage()
        var size = Int32(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutableBytes(of: &storage) { bytes in
            uv_tcp_getpeername(handle, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &size)
        }
        return result == 0 ? SocketAddress(storage: storage).number : "-"
    }

    /// How many of the queued bytes the kernel has not taken yet.
    public var queuedBytes: Int { uv_stream_get_write_queue_size(Loop.stream(handle)) }

    /// Tells the peer that nothing more is sent, after what is queued; reading goes on.
    public func shutdown() {
        guard !isClosing else { return }
        let request = UnsafeMutablePointer<uv_shutdown_t>.allocate(capacity: 1)
        let result = uv_shutdown(request, Loop.stream(handle)) { request, _ in request!.deallocate() }
        if result != 0 { request.deallocate() }
    }

    /// Ends the connection; calling it again changes nothing. The memory is freed, and
    /// ``TCPConnectionHandler/closed()`` called, once libuv has let go of it.
    public func close() {
        guard !isClosing else { return }
        isClosing = true
        uv_close(Loop.base(handle), TCPConnection.didClose)
    }

    /// Ends the connection at once with a reset: what is queued is lost, and the peer sees an error.
    public func reset() {
        guard !isClosing else { return }
        isClosing = true
        if uv_tcp_close_reset(handle, TCPConnection.didClose) != 0 {
            // A connection that has been shut down cannot be reset any more.
            uv_close(Loop.base(handle), TCPConnection.didClose)
        }
    }

    private static var didClose: uv_close_cb {
        { handle in
            let connection = Unmanaged<TCPConnection>.fromOpaque(handle!.pointee.data).takeRetainedValue()
            let handler = connection.handler
            connection.handler = nil
            connection.loop.descriptorWasFreed()
            UnsafeMutableRawPointer(handle!).assumingMemoryBound(to: uv_tcp_t.self).deallocate()
            handler?.closed()
        }
    }

    /// Calls back with the connection of a handle, which keeps it alive: to count that anew with every read
    /// would take longer than much of what is done then.
    @inline(__always)
    private static func with(_ data: UnsafeMutableRawPointer?, _ body: (TCPConnection) -> Void) {
        Unmanaged<TCPConnection>.fromOpaque(data!)._withUnsafeGuaranteedRef(body)
    }

    private static func buffer(_ bytes: UnsafeRawBufferPointer) -> uv_buf_t {
        uv_buf_t(
            base: UnsafeMutableRawPointer(mutating: bytes.baseAddress)?.assumingMemoryBound(to: CChar.self),
            len: bytes.count)
    }
}
