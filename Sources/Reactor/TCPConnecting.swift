import CLibUV

/// A connection that is on its way to a peer.
@LoopActor
public final class TCPConnecting {
    private let poll: UnsafeMutablePointer<uv_poll_t>
    private let descriptor: Int32
    private let loop: Loop
    private var connected: (@LoopActor (Result<TCPConnection, UVError>) -> Void)?

    private init(
        _ descriptor: Int32, on loop: Loop,
        connected: @escaping @LoopActor (Result<TCPConnection, UVError>) -> Void
    ) throws(UVError) {
        self.descriptor = descriptor
        self.loop = loop
        self.connected = connected
        poll = .allocate(capacity: 1)
        do throws(UVError) {
            // From here on the socket does not block.
            try UVError.check(uv_poll_init(loop.handle, poll, descriptor))
        } catch {
            poll.deallocate()
            throw error
        }
        poll.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    /// Connects to an address, and calls `connected` with the connection or the reason why there is none.
    /// Answers what is on its way; nil where it has failed already.
    @discardableResult
    public static func connect(
        to address: SocketAddress, on loop: Loop,
        connected: @escaping @LoopActor (Result<TCPConnection, UVError>) -> Void
    ) -> TCPConnecting? {
        do throws(UVError) {
            let descriptor = address.withSockaddr { tradeloop_socket(Int32($0.pointee.sa_family)) }
            try UVError.check(descriptor)
            do throws(UVError) {
                let connecting = try TCPConnecting(descriptor, on: loop, connected: connected)
                let result = address.withSockaddr { tradeloop_connect(descriptor, $0) }
                if result == 0 { connecting.waitForRoom() } else { connecting.finish(result) }
                return result == 0 ? connecting : nil
            } catch {
                tradeloop_close(descriptor)
                throw error
            }
        } catch {
            connected(.failure(error))
            return nil
        }
    }

    /// The socket has room to write to once it is connected, or once it is known that it will not be.
    private func waitForRoom() {
        uv_poll_start(poll, Int32(UV_WRITABLE.rawValue)) { poll, _, _ in
            let connecting = Unmanaged<TCPConnecting>.fromOpaque(poll!.pointee.data).takeUnretainedValue()
            connecting.loop.noteWaking()
            connecting.finish(tradeloop_connect_result(connecting.descriptor))
        }
    }

    private func finish(_ result: Int32) {
        guard let connected else { return }
        stopWaiting()
        tradeloop_set_no_delay(descriptor)
        if result != 0 {
            tradeloop_close(descriptor)
            connected(.failure(UVError(code: result)))
        } else if let connection = TCPConnection(descriptor: descriptor, on: loop) {
            connected(.success(connection))
        } else {
            connected(.failure(UVError(code: UV_ENOMEM.rawValue)))
        }
    }

    /// Gives the connection up where it is not there yet: nobody is told of it any more.
    public func cancel() {
        guard connected != nil else { return }
        stopWaiting()
        tradeloop_close(descriptor)
    }

    private func stopWaiting() {
        connected = nil
        uv_close(Loop.base(poll)) { handle in
            let connecting = Unmanaged<TCPConnecting>.fromOpaque(handle!.pointee.data).takeRetainedValue()
            connecting.poll.deallocate()
        }
    }
}
