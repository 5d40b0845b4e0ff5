import CLibUV

/// Ends the loop's sleep at a moment, for a loop that is hardly ever asleep.
///
/// A ``LoopTimer`` limits how long the loop sleeps. A limit of a few milliseconds has the processor's own
/// timer set before each sleep and once more after it, and on a virtual machine that takes a twentieth of
/// what a small request costs. An alarm is a timer of the system's, which is set once for as long as its
/// moment stays the same, and tells that it has gone off as a socket tells of input. Where it does go off it
/// costs more than a limit: it is for moments that are moved on, as a rule, before they come.
@LoopActor
public final class LoopAlarm {
    /// An alarm is moved on only where it would go off within so long.
    private static let soonNanoseconds: UInt64 = 1_000_000

    private let loop: Loop
    private let poll: UnsafeMutablePointer<uv_poll_t>
    private let descriptor: Int32
    private let wakeUp: @LoopActor () -> Void
    private var setNanoseconds: UInt64?
    private var isClosed = false

    /// An alarm that is not set; `wakeUp` is called on the loop each time that it goes off. It does not keep
    /// the loop running. Nil where the system has none to give.
    public init?(loop: Loop, wakeUp: @escaping @LoopActor () -> Void = {}) {
        descriptor = tradeloop_timer_open()
        guard descriptor >= 0 else { return nil }
        poll = .allocate(capacity: 1)
        self.loop = loop
        self.wakeUp = wakeUp
        guard uv_poll_init(loop.handle, poll, descriptor) == 0 else {
            poll.deallocate()
            tradeloop_close(descriptor)
            return nil
        }
        poll.pointee.data = Unmanaged.passRetained(self).toOpaque()
        uv_poll_start(poll, Int32(UV_READABLE.rawValue)) { poll, _, _ in
            Unmanaged<LoopAlarm>.fromOpaque(poll!.pointee.data)._withUnsafeGuaranteedRef { $0.wentOff() }
        }
        uv_unref(Loop.base(poll))
    }

    /// Has the alarm go off at a moment of ``Loop/nowNanoseconds``, never before.
    ///
    /// It stays set to an earlier moment that it was told before, and goes off at that one as well, unless
    /// that is so near that to move it on is less work than to be woken.
    public func set(toNanoseconds moment: UInt64) {
        guard !isClosed, moment != setNanoseconds else { return }
        if let setNanoseconds, setNanoseconds < moment,
            setNanoseconds > loop.turnEndNanoseconds + Self.soonNanoseconds
        {
            return
        }
        setNanoseconds = moment
        tradeloop_timer_set(descriptor, max(moment, 1))
    }

    private func wentOff() {
        loop.noteWaking()
        // It may have been moved on since the loop was told.
        guard tradeloop_timer_acknowledge(descriptor) else { return }
        setNanoseconds = nil
        wakeUp()
    }

    /// Ends the alarm for good.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        uv_close(Loop.base(poll)) { handle in
            let alarm = Unmanaged<LoopAlarm>.fromOpaque(handle!.pointee.data).takeRetainedValue()
            alarm.poll.deallocate()
        }
        tradeloop_close(descriptor)
    }
}
