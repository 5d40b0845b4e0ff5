import CLibUV

/// The loop of a process whose own threads have other things to do: it has a thread to itself, from when it
/// is first asked for until the process ends, and sleeps while nothing is on it.
public enum LoopThread {
    private typealias Waiting = CheckedContinuation<Result<Loop, UVError>, Never>

    private enum Phase {
        case none
        case starting([Waiting])
        case running(Loop)
    }

    /// A thread on its way to its loop.
    private final class Launch: Sendable {
        let receiveBytes: Int
        let receiveHeadroomBytes: Int
        let failure = Locked<UVError?>(nil)

        init(receiveBytes: Int, receiveHeadroomBytes: Int) {
            self.receiveBytes = receiveBytes
            self.receiveHeadroomBytes = receiveHeadroomBytes
        }
    }

    private static let phase = Locked(Phase.none)

    /// The loop, whose thread is started where it has none yet: with the buffer that whoever is first asks
    /// for (``Loop/init(receiveBytes:receiveHeadroomBytes:)``).
    ///
    /// To be awaited from outside ``LoopActor``, and before anything on it: until then nothing runs there.
    /// Not for a process that runs a loop by ``LoopActor/runOnThisThread(_:)``: it has one.
    ///
    /// - Throws: `UVError` when the system gives no thread or no descriptors for it; to be asked again later.
    public static func loop(receiveBytes: Int, receiveHeadroomBytes: Int) async throws(UVError) -> Loop {
        let result = await withCheckedContinuation { (waiting: Waiting) in
            let isFirst = phase.withLock { phase in
                switch phase {
                case .none:
                    phase = .starting([waiting])
                    return true
                case .starting(let others):
                    phase = .starting(others + [waiting])
                case .running(let loop):
                    waiting.resume(returning: .success(loop))
                }
                return false
            }
            guard isFirst else { return }
            start(Launch(receiveBytes: receiveBytes, receiveHeadroomBytes: receiveHeadroomBytes))
        }
        return try result.get()
    }

    private static func start(_ launch: Launch) {
        let argument = Unmanaged.passRetained(launch)
        var thread = uv_thread_t()
        let result = uv_thread_create(
            &thread,
            { argument in
                let launch = Unmanaged<Launch>.fromOpaque(argument!).takeRetainedValue()
                LoopActor.lendThisThread { LoopThread.runLoop(launch) }
                // A loop that runs does not return.
                let failure = launch.failure.withLock { $0 }
                LoopThread.began(.failure(failure ?? UVError(code: UV_ECANCELED.rawValue)))
            }, argument.toOpaque())
        guard result == 0 else {
            argument.release()
            began(.failure(UVError(code: result)))
            return
        }
        pthread_detach(thread)
    }

    @LoopActor
    private static func runLoop(_ launch: Launch) {
        do throws(UVError) {
            let loop = try Loop(
                receiveBytes: launch.receiveBytes, receiveHeadroomBytes: launch.receiveHeadroomBytes)
            loop.stayAlive()
            began(.success(loop))
            loop.run()
        } catch {
            launch.failure.withLock { $0 = error }
        }
    }

    /// Tells those who wait for the loop what became of it.
    private static func began(_ result: Result<Loop, UVError>) {
        let waiting: [Waiting] = phase.withLock { phase in
            guard case .starting(let waiting) = phase else { return [] }
            phase = if case .success(let loop) = result { .running(loop) } else { .none }
            return waiting
        }
        for waiting in waiting { waiting.resume(returning: result) }
    }
}
