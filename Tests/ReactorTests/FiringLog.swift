import Platform
import Reactor
import Server

/// What timers and alarms have done, in order, on the process's own loop.
@LoopActor
final class FiringLog {
    let loop: Loop
    private(set) var fired: [(name: String, atNanoseconds: UInt64)] = []
    private var isOver = false
    private var over: CheckedContinuation<Void, Never>?

    private init(loop: Loop) { self.loop = loop }

    /// Runs a test on the loop.
    nonisolated static func test(_ body: @LoopActor @Sendable (FiringLog) async throws -> Void) async throws {
        // Not from the loop's actor, on which nothing runs before there is a loop. It is that of all tests of
        // the process, whoever is first: those with servers need as much room as this.
        let loop = try await LoopThread.loop(
            receiveBytes: Server.receiveBytes,
            receiveHeadroomBytes: PlatformSettings().sessionLimits.headroomBytes)
        try await body(FiringLog(loop: loop))
    }

    var names: [String] { fired.map(\.name) }

    /// Notes that something has fired. The one named "last" is the last.
    func note(_ name: String) {
        fired.append((name, loop.nowNanoseconds))
        guard name == "last" else { return }
        isOver = true
        over?.resume()
    }

    /// Waits for the last one.
    func wait() async {
        await withCheckedContinuation { over in
            if isOver { over.resume() } else { self.over = over }
        }
    }
}
