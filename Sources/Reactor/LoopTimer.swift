import CLibUV

/// A timer of the loop's, armed to one moment at a time.
@LoopActor
public final class LoopTimer {
    private let loop: Loop
    private let handle: UnsafeMutablePointer<uv_timer_t>
    private let fire: @LoopActor () -> Void
    private var armedNanoseconds: UInt64?
    private var isClosed = false

    /// A timer that is not armed; `fire` is called on the loop each time that it falls due.
    public init(loop: Loop, fire: @escaping @LoopActor () -> Void) {
        self.loop = loop
        self.fire = fire
        handle = .allocate(capacity: 1)
        uv_timer_init(loop.handle, handle)
        handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    /// Has the timer fire at a moment of ``Loop/nowNanoseconds`` or up to a millisecond later, never before.
    ///
    /// It stays armed to an earlier moment that it was told before, and fires at that one as well: a deadline
    /// that moves on with each turn costs nothing until the timer has fired.
    public func arm(atNanoseconds moment: UInt64?) {
        guard !isClosed, let moment else { return }
        if let armedNanoseconds, armedNanoseconds <= moment { return }
        armedNanoseconds = moment
        // libuv's time is in whole milliseconds, cut off, and stale by the length of this turn.
        uv_update_time(loop.handle)
        let milliseconds = (moment + 999_999) / 1_000_000
        let now = uv_now(loop.handle)
        let wait = milliseconds > now ? milliseconds - now : 0
        uv_timer_start(
            handle,
            { handle in
                let timer = Unmanaged<LoopTimer>.fromOpaque(handle!.pointee.data).takeUnretainedValue()
                timer.loop.noteWaking()
                timer.armedNanoseconds = nil
                timer.fire()
            }, wait, 0)
    }

    /// Ends the timer for good.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        uv_close(Loop.base(handle)) { handle in
            Unmanaged<LoopTimer>.fromOpaque(handle!.pointee.data).release()
            UnsafeMutableRawPointer(handle!).assumingMemoryBound(to: uv_timer_t.self).deallocate()
        }
    }
}
