import ArgumentParser
import Simulation

/// Runs simulated days and tells of the first that goes wrong.
@main
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tradeloop-simulate",
        abstract: "Runs the whole platform on a simulated network and clock, each day from one seed.",
        discussion: """
            Clients place, cancel, list, follow, pipeline, cut their packets anywhere, stall, vanish and come \
            back; kernels take few bytes, time leaps, servers are stopped. After every step all is held against \
            a plain model of the orders. A day that goes wrong is told of with its seed, and can be had again \
            with it.
            """)

    @Option(help: "Run the day of this seed.")
    var seed: UInt64?

    @Option(help: "Run the days of these seeds, such as 1..1000; both ends are run.")
    var seeds: SeedRange?

    @Option(help: "Run so many days of seeds that nobody has chosen.")
    var count: UInt64?

    @Flag(help: "Run days of several instances that share a market in a Redis with troubles of its own.")
    var shared = false

    @Flag(help: "Print each step as it happens, on standard error.")
    var follow = false

    @Flag(help: "Print a number for each day that all its bytes and steps go into.")
    var traceHash = false

    func validate() throws {
        let given = [seed != nil, seeds != nil, count != nil].filter { $0 }.count
        guard given <= 1 else { throw ValidationError("--seed, --seeds and --count exclude one another.") }
        if count == 0 { throw ValidationError("--count is at least 1.") }
    }

    func run() throws {
        let range = chosen
        if range.first != range.last { print("seeds \(range.first)..\(range.last)") }
        var tally = Tally()
        var seed = range.first
        while true {
            CrashReport.arm(seed: seed, isFollowing: follow, isShared: shared)
            let outcome = run(seed)
            if traceHash { print("seed \(seed) trace \(Tally.hexadecimal(outcome.traceHash))") }
            if let fault = outcome.fault {
                tell(of: outcome, fault)
                throw ExitCode(1)
            }
            tally.add(outcome)
            if seed == range.last { break }
            seed += 1
        }
        print(tally.summary)
    }

    private func run(_ seed: UInt64) -> Day.Outcome {
        let follow: ((String) -> Void)? = follow ? { StandardError.write($0) } : nil
        return shared ? SharedDay.run(seed: seed, follow: follow) : Day.run(seed: seed, follow: follow)
    }

    private var chosen: SeedRange {
        if let seed { return SeedRange(first: seed, last: seed) }
        if let seeds { return seeds }
        let first = UInt64.random(in: 1...1_000_000_000_000)
        return SeedRange(first: first, last: first + (count ?? 1_000) - 1)
    }

    private func tell(of outcome: Day.Outcome, _ fault: String) {
        print("seed \(outcome.seed) FAILED at step \(outcome.stepCount): \(fault)")
        print("the last \(outcome.lastSteps.count) steps:")
        for step in outcome.lastSteps { print("  \(step)") }
        print("again: tradeloop-simulate \(shared ? "--shared " : "")--seed \(outcome.seed)")
    }
}
