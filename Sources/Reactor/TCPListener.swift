import CLibUV

/// A socket that accepts connections.
@LoopActor
public final class TCPListener {
    private let loop: Loop
    private let handle: UnsafeMutablePointer<uv_tcp_t>
    private let accept: @LoopActor (TCPConnection) -> Void
    private var isClosed = false

    /// The address that the listener is bound to, with the port that the system chose where 0 was asked for.
    public let address: SocketAddress

    /// How many connections the kernel keeps for us until we accept them: enough for thousands of clients
    /// that connect at the same moment; the kernel lowers it to its own limit (`net.core.somaxconn`).
    public static let backlogConnections: Int32 = 4096

    /// Listens on an address; `accept` is called on the loop with each new connection.
    ///
    /// - Throws: `UVError`, such as ``UVError/addressInUse``.
    public init(
        loop: Loop, address: SocketAddress, accept: @escaping @LoopActor (TCPConnection) -> Void
    ) throws(UVError) {
        self.loop = loop
        self.accept = accept
        let handle = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
        self.handle = handle
        try UVError.check(uv_tcp_init(loop.handle, handle))
        do throws(UVError) {
            try UVError.check(address.withSockaddr { uv_tcp_bind(handle, $0, 0) })
            try UVError.check(
                uv_listen(Loop.stream(handle), Self.backlogConnections) { stream, status in
                    guard status == 0, let data = stream!.pointee.data else { return }
                    Unmanaged<TCPListener>.fromOpaque(data).takeUnretainedValue().acceptWaiting()
                })
            var bound = sockaddr_storage()
            var size = Int32(MemoryLayout<sockaddr_storage>.size)
            try UVError.check(
                withUnsafeMutableBytes(of: &bound) { bytes in
                    uv_tcp_getsockname(
                        handle, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &size)
                })
            self.address = SocketAddress(storage: bound)
        } catch {
            handle.pointee.data = nil
            uv_close(Loop.base(handle)) { handle in
                UnsafeMutableRawPointer(handle!).assumingMemoryBound(to: uv_tcp_t.self).deallocate()
            }
            throw error
        }
        handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    private func acceptWaiting() {
        guard !isClosed, let connection = TCPConnection(acceptedFrom: handle, on: loop) else { return }
        accept(connection)
    }

    /// Stops listening.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        uv_close(Loop.base(handle)) { handle in
            Unmanaged<TCPListener>.fromOpaque(handle!.pointee.data).release()
            UnsafeMutableRawPointer(handle!).assumingMemoryBound(to: uv_tcp_t.self).deallocate()
        }
    }
}
