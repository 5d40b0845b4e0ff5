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

    /// Makes the calling thread the loop's thread, and runs `body` on it to its end.
    ///
    /// To be called once in a process, before anything else awaits the actor.
    public nonisolated static func runOnThisThread(_ body: @escaping @LoopActor @Sendable () -> Void) {
        let executor = shared.executor
        executor.adoptThisThread()
        Task { @LoopActor in body() }
        // The task above has put exactly one job into the queue; what it runs is the loop itself, and the
        // loop's own wake-up runs whatever is put there later.
        executor.runWaitingJobs()
    }
}
