import CLibUV

/// libuv's event loop.
///
/// One turn, in libuv's order: 1. due timers call back (``LoopTimer``); 2. the turn handlers finish the turn
/// (`uv_prepare`); 3. the loop sleeps until a socket is ready or a timer due, and not at all when a
/// handler has work left; 4. sockets call back (``TCPListener``, ``TCPConnection``, ``SignalWatcher``,
/// ``LoopAlarm``, and jobs from other threads), and connections are read; 5. what was read is handed to their
/// handlers (`uv_check`; of a great deal, a part before); 6. closed handles are freed.
@LoopActor
public final class Loop {
    let handle: UnsafeMutablePointer<uv_loop_t>
    private let prepare: UnsafeMutablePointer<uv_prepare_t>
    private let check: UnsafeMutablePointer<uv_check_t>
    private let idle: UnsafeMutablePointer<uv_idle_t>
    private let wakeUp: UnsafeMutablePointer<uv_async_t>
    /// In the order in which they came; one that is to be forgotten leaves its place at the turn's end.
    private var turnHandlers: [Unmanaged<LoopTurnHandler>?] = []
    private var hasForgotten = false
    private var isAwake = false
    /// When the first callback of this turn was called; 0 before it.
    private var wokenNanoseconds: UInt64 = 0
    /// When the turn handlers were last told to finish a turn; 0 before.
    private(set) var turnEndNanoseconds: UInt64 = 0
    /// Listeners that wait for a descriptor.
    private var pausedListeners: [TCPListener] = []

    /// Where what is read goes.
    var inbox: Inbox

    /// A loop whose connections read at most `receiveBytes` at a time, with `receiveHeadroomBytes` free in
    /// front of them.
    ///
    /// - Throws: `UVError` when the system gives no descriptors for it.
    public init(receiveBytes: Int, receiveHeadroomBytes: Int) throws(UVError) {
        // A write to a connection that the peer has reset is an error to answer, not a reason to die.
        tradeloop_ignore_signal(SIGPIPE)
        let handle = UnsafeMutablePointer<uv_loop_t>.allocate(capacity: 1)
        do throws(UVError) {
            try UVError.check(uv_loop_init(handle))
        } catch {
            handle.deallocate()
            throw error
        }
        self.handle = handle
        prepare = .allocate(capacity: 1)
        check = .allocate(capacity: 1)
        idle = .allocate(capacity: 1)
        wakeUp = .allocate(capacity: 1)
        inbox = Inbox(receiveBytes: receiveBytes, headroomBytes: receiveHeadroomBytes)
        try UVError.check(uv_prepare_init(handle, prepare))
        try UVError.check(uv_check_init(handle, check))
        try UVError.check(uv_idle_init(handle, idle))
        try UVError.check(
            uv_async_init(handle, wakeUp) { _ in LoopActor.shared.executor.runWaitingJobs() })
        // None of them keeps the loop running by itself: handlers of turns, sockets and timers do.
        uv_unref(Loop.base(prepare))
        uv_unref(Loop.base(check))
        uv_unref(Loop.base(wakeUp))
        LoopActor.shared.executor.wake(by: .init(handle: wakeUp))
        startDelivering()
    }

    /// Time that only goes forward, in nanoseconds from an arbitrary start.
    public var nowNanoseconds: UInt64 { tradeloop_now() }

    /// Notes when the loop woke, where nothing has happened yet in this turn. Whatever libuv calls back calls
    /// it first: what libuv itself has is a time in whole milliseconds.
    @inline(__always)
    func noteWaking() {
        if wokenNanoseconds == 0 { wokenNanoseconds = nowNanoseconds }
    }

    /// Microseconds since 1970-01-01T00:00:00Z, by the system's clock.
    public var unixMicroseconds: Int64 {
        var now = uv_timeval64_t()
        uv_gettimeofday(&now)
        return now.tv_sec * 1_000_000 + Int64(now.tv_usec)
    }

    // MARK: Input

    /// Has what connections read handed over once they have all been read.
    private func startDelivering() {
        check.pointee.data = Unmanaged.passUnretained(self).toOpaque()
        uv_check_start(check) { handle in
            Loop.with(handle!.pointee.data) { if $0.inbox.count > 0 { $0.deliverInput() } }
        }
    }

    /// Hands to connections what they have read, with a time at which all of it had arrived.
    func deliverInput() {
        let now = nowNanoseconds
        // Nothing is read meanwhile: that happens in libuv's callbacks only.
        for index in 0..<inbox.count { TCPConnection.deliver(inbox[index], atNanoseconds: now) }
        inbox.clear()
        for index in turnHandlers.indices { withHandler(at: index) { $0.inputDelivered() } }
    }

    // MARK: Turns

    /// Calls the handler at the end of each turn, after those who came before it: it keeps the loop running.
    /// The loop does not keep it alive: it has to be there until ``forget(_:)``, or for as long as the loop
    /// runs.
    public func finishTurns(with turnHandler: LoopTurnHandler) {
        turnHandlers.append(.passUnretained(turnHandler))
        uv_ref(Loop.base(prepare))
        guard turnHandlers.count == 1 else { return }
        prepare.pointee.data = Unmanaged.passUnretained(self).toOpaque()
        uv_prepare_start(prepare) { handle in Loop.with(handle!.pointee.data) { $0.finishTurn() } }
    }

    /// Calls a handler of turns no more. It may be called from inside a turn's end.
    public func forget(_ turnHandler: LoopTurnHandler) {
        for index in turnHandlers.indices
        where turnHandlers[index]?.toOpaque() == Unmanaged.passUnretained(turnHandler).toOpaque() {
            turnHandlers[index] = nil
            hasForgotten = true
        }
    }

    /// Calls back with a handler of turns, lent for the call; not where it has been forgotten.
    @inline(__always)
    private func withHandler(at index: Int, _ body: (LoopTurnHandler) -> Void) {
        turnHandlers[index]?._withUnsafeGuaranteedRef(body)
    }

    private func finishTurn() {
        noteWaking()
        let now = nowNanoseconds
        turnEndNanoseconds = now
        var workIsLeft = false
        // By index: handlers may come and go in their calls.
        var index = 0
        while index < turnHandlers.count {
            withHandler(at: index) { if $0.turnEnding(atNanoseconds: now) { workIsLeft = true } }
            index += 1
        }
        if hasForgotten {
            hasForgotten = false
            turnHandlers.removeAll { $0 == nil }
            if turnHandlers.isEmpty { uv_unref(Loop.base(prepare)) }
        }
        tellLength(workIsLeft)
        guard workIsLeft != isAwake else { return }
        isAwake = workIsLeft
        // An active idle handle is libuv's way to poll without sleeping; it has nothing to do itself.
        if workIsLeft {
            uv_idle_start(idle) { _ in }
        } else {
            uv_idle_stop(idle)
        }
    }

    /// Has a listener accept again once a connection has given its descriptor back.
    func resumeWhenDescriptorIsFreed(_ listener: TCPListener) {
        guard !pausedListeners.contains(where: { $0 === listener }) else { return }
        pausedListeners.append(listener)
    }

    /// A connection has given its descriptor back.
    func descriptorWasFreed() {
        guard !pausedListeners.isEmpty else { return }
        let listeners = pausedListeners
        pausedListeners.removeAll()
        for listener in listeners { listener.resume() }
    }

    /// Tells everybody how long the turn took.
    private func tellLength(_ workIsLeft: Bool) {
        let now = nowNanoseconds
        for index in turnHandlers.indices {
            withHandler(at: index) { $0.turnEnded(afterNanoseconds: now - wokenNanoseconds) }
        }
        // The loop does not wait where work is left: the next turn begins now.
        wokenNanoseconds = workIsLeft ? now : 0
    }

    /// Runs turns until nothing keeps the loop alive or ``stop()`` is called.
    public func run() {
        uv_run(handle, UV_RUN_DEFAULT)
    }

    /// Keeps ``run()`` from returning where nothing else does.
    func stayAlive() { uv_ref(Loop.base(wakeUp)) }

    /// Ends ``run()`` after the current turn.
    public func stop() {
        uv_stop(handle)
    }

    /// Frees the loop. To be called once, after ``run()`` has returned with nothing alive.
    public func close() {
        LoopActor.shared.executor.wake(by: nil)
        uv_close(Loop.base(prepare), nil)
        uv_close(Loop.base(check), nil)
        uv_close(Loop.base(idle), nil)
        uv_close(Loop.base(wakeUp), nil)
        uv_run(handle, UV_RUN_DEFAULT)
        let result = uv_loop_close(handle)
        precondition(result == 0, "a handle outlived the loop")
        prepare.deallocate()
        check.deallocate()
        idle.deallocate()
        wakeUp.deallocate()
        handle.deallocate()
        inbox.deallocate()
    }

    /// Calls back with the loop that a handle carries, lent for the call.
    @inline(__always)
    private static func with(_ data: UnsafeMutableRawPointer?, _ body: (Loop) -> Void) {
        Unmanaged<Loop>.fromOpaque(data!)._withUnsafeGuaranteedRef(body)
    }

    /// Any of libuv's handles as its base type, which each begins with.
    static func base<Handle>(_ handle: UnsafeMutablePointer<Handle>) -> UnsafeMutablePointer<uv_handle_t> {
        UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)
    }
}
