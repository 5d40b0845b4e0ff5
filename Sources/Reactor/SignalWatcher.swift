import CLibUV

/// Hears one of the system's signals on the loop.
@LoopActor
public final class SignalWatcher {
    private let handle: UnsafeMutablePointer<uv_signal_t>
    private let fire: @LoopActor () -> Void
    private var isClosed = false

    /// Calls `fire` each time that the process gets the signal, in place of the system's default for it.
    ///
    /// The watcher does not keep the loop running.
    ///
    /// - Throws: `UVError` where the signal cannot be caught.
    public init(loop: Loop, signal: Int32, fire: @escaping @LoopActor () -> Void) throws(UVError) {
        self.fire = fire
        handle = .allocate(capacity: 1)
        uv_signal_init(loop.handle, handle)
        handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
        try UVError.check(
            uv_signal_start(
                handle,
                { handle, _ in
                    Unmanaged<SignalWatcher>.fromOpaque(handle!.pointee.data).takeUnretainedValue().fire()
                }, signal))
        uv_unref(Loop.base(handle))
    }

    /// Gives the signal back to the system.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        uv_close(Loop.base(handle)) { handle in
            Unmanaged<SignalWatcher>.fromOpaque(handle!.pointee.data).release()
            UnsafeMutableRawPointer(handle!).assumingMemoryBound(to: uv_signal_t.self).deallocate()
        }
    }

    /// The interrupt signal, Ctrl-C.
    public static let interrupt: Int32 = SIGINT
    /// The end of a terminal, and by custom the request to open log files anew.
    public static let hangUp: Int32 = SIGHUP
    /// The polite request to end, as sent by `kill` and by container runtimes.
    public static let terminate: Int32 = SIGTERM
}
