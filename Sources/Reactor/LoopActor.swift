import CLibUV

/// The isolation of everything that runs on the event loop.
///
/// Its executor is the loop's own thread: what is isolated to it is called by libuv without a hop, and an
/// `await` from elsewhere costs one wake-up of the loop.
@globalActor
public actor LoopActor {
    /// The one loop of this process.
    public static let shared = LoopActor()

    /// The executor behind the actor.
    nonisolated let executor = LoopExecutor()

    /// The loop's thread as an executor.
    nonisolated public var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Buffers from this size on are given back to the system when they are freed: larger than what the
    /// server needs again and again.
    private static let largeBufferBytes: Int32 = 262_144

    /// Makes the calling thread the loop's thread, and runs `body` on it to its end: for a program that is
    /// there for the loop. It sets how the whole process gives memory back.
    ///
    /// To be called once in a process, before anything else awaits the actor.
    public nonisolated static func runOnThisThread(_ body: @escaping @LoopActor @Sendable () -> Void) {
        tradeloop_give_back_buffers(largeBufferBytes)
        lendThisThread(to: body)
    }

    /// Makes the calling thread the loop's thread for as long as `body` runs.
    nonisolated static func lendThisThread(to body: @escaping @LoopActor @Sendable () -> Void) {
        let executor = shared.executor
        executor.adoptThisThread()
        Task { @LoopActor in body() }
        // The task above has put exactly one job into the queue; what it runs is the loop itself, and the
        // loop's own wake-up runs whatever is put there later.
        executor.runWaitingJobs()
        executor.releaseThread()
    }
}
