import ArgumentParser
import Glibc

/// Times the hot rooms one by one, without sockets: what a request costs before the kernel has its share.
@main
struct MicroCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tradeloop-micro",
        abstract: "Times each hot room by itself: nanoseconds an operation, the best of several rounds.",
        discussion: """
            With --operations each workload runs just that often, for counting instructions under a tool such as \
            callgrind: the difference of two runs is exact whatever else the machine does.
            """)

    @Argument(help: "The workloads; absent: all.")
    var names: [String] = []

    @Option(help: "Run each workload just so often, and print nothing.")
    var operations: Int?

    @Flag(help: "List the workloads.")
    var list = false

    func validate() throws {
        for name in names where !Workload.all.contains(where: { $0.name == name }) {
            throw ValidationError("There is no workload '\(name)'; --list shows them.")
        }
    }

    func run() {
        let workloads = Workload.all.filter { names.isEmpty || names.contains($0.name) }
        for workload in workloads {
            if list {
                print("\(workload.name): \(workload.summary)")
            } else if let operations {
                workload.make()(operations)
            } else {
                print("\(workload.name) \(MicroCommand.nanoseconds(workload))")
            }
        }
    }

    /// Nanoseconds an operation, to a tenth: the least of some rounds, which noise can only lengthen.
    private static func nanoseconds(_ workload: Workload) -> Double {
        let rounds = 7
        let operations = 200_000
        let run = workload.make()
        run(operations / 10)
        var best = UInt64.max
        for _ in 0..<rounds {
            let start = now()
            run(operations)
            best = min(best, now() - start)
        }
        return (Double(best) / Double(operations) * 10).rounded() / 10
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
