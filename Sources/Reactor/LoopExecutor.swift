import CLibUV

/// Runs the actor's jobs on the thread that runs the loop.
final class LoopExecutor: SerialExecutor {
    private struct State: ~Copyable {
        var waiting: [UnownedJob] = []
        var wakeUp: WakeUp?
        var thread: pthread_t?
    }

    /// The one handle of libuv's that other threads may touch: `uv_async_send` is documented as safe.
    struct WakeUp: @unchecked Sendable {
        let handle: UnsafeMutablePointer<uv_async_t>
    }

    private let state = Locked(State())

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { state in
            state.waiting.append(job)
            if let wakeUp = state.wakeUp { uv_async_send(wakeUp.handle) }
        }
    }

    /// Remembers the calling thread as the loop's.
    func adoptThisThread() {
        state.withLock { state in
            precondition(state.thread == nil, "the loop has a thread already")
            state.thread = pthread_self()
        }
    }

    /// Forgets the calling thread: the loop has none for now.
    func releaseThread() {
        state.withLock { state in state.thread = nil }
    }

    /// Jobs that arrive from now on wake the loop up; nil: they wait.
    func wake(by wakeUp: WakeUp?) {
        state.withLock { state in
            state.wakeUp = wakeUp
            if let wakeUp, !state.waiting.isEmpty { uv_async_send(wakeUp.handle) }
        }
    }

    /// Runs what is waiting, on the loop's thread.
    func runWaitingJobs() {
        let jobs = state.withLock { state in
            let jobs = state.waiting
            state.waiting.removeAll(keepingCapacity: true)
            return jobs
        }
        for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
    }

    func checkIsolated() {
        let isLoopThread = state.withLock { state in
            state.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false
        }
        precondition(isLoopThread, "not on the loop's thread")
    }
}
