import ArgumentParser
import Glibc
import Histogram
import Reactor

/// One measurement on the loop: its warm-up, its progress, its end.
@LoopActor
class LoadRun: LoopTurnHandler {
    let loop: Loop
    let target: Target
    let address: SocketAddress
    let options: CommonOptions
    let process: ServerProcess?
    var latencies = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
    private(set) var isMeasuring = false
    /// The measurement is over: nothing more is sent.
    private(set) var isOver = false
    private(set) var measuredNanoseconds: UInt64 = 0
    private var startNanoseconds: UInt64 = 0
    private var cpuAtStart: UInt64 = 0
    private(set) var cpuNanoseconds: UInt64?
    private var timer: LoopTimer!
    private var failure: String?

    init(_ options: CommonOptions) throws {
        self.options = options
        target = try options.target()
        process = options.pid.map { ServerProcess(pid: $0) }
        do {
            address = try target.address()
            loop = try Loop(receiveBytes: 262_144, receiveHeadroomBytes: 262_144)
        } catch {
            throw ValidationError("\(options.url) cannot be reached: \(error).")
        }
        super.init()
        loop.finishTurns(with: self)
    }

    /// Begins to count; what was counted before is forgotten.
    func measurementBegins() {}

    /// Whether something that was sent has no answer yet: asked once the measurement is over.
    var isAwaitingAnswers: Bool { false }

    /// What has been measured so far, for progress: a count and its unit.
    var progress: (count: Int, unit: String) { (0, "") }

    /// The figures of the run.
    func figures() -> Figures { Figures() }

    var now: UInt64 { loop.nowNanoseconds }

    /// Warms up, measures, and ends the loop.
    func startClock() {
        let warmUp = UInt64(options.seconds * 1e8)
        timer = LoopTimer(loop: loop) { [unowned self] in timerFired() }
        timer.arm(atNanoseconds: now + warmUp)
    }

    /// How long answers are waited for at the end: whoever has none by then will have none.
    private static let lateNanoseconds: UInt64 = 30_000_000_000

    private static let drainStepNanoseconds: UInt64 = 10_000_000
    private var lateMoment: UInt64 = 0

    private func awaitAnswers() {
        if isAwaitingAnswers, now < lateMoment {
            timer.arm(atNanoseconds: now + LoadRun.drainStepNanoseconds)
        } else {
            loop.stop()
        }
    }

    private func timerFired() {
        guard !isOver else {
            awaitAnswers()
            return
        }
        if !isMeasuring {
            isMeasuring = true
            latencies.reset()
            measurementBegins()
            startNanoseconds = now
            cpuAtStart = process?.cpuNanoseconds ?? 0
        }
        let elapsed = now - startNanoseconds
        let total = UInt64(options.seconds * 1e9)
        if elapsed >= total {
            measuredNanoseconds = elapsed
            cpuNanoseconds = process?.cpuNanoseconds.map { $0 - cpuAtStart }
            isMeasuring = false
            isOver = true
            lateMoment = now + LoadRun.lateNanoseconds
            awaitAnswers()
            return
        }
        if !options.quiet, elapsed > 0 {
            let (count, unit) = progress
            let rate = Double(count) * 1e9 / Double(elapsed)
            LoadRun.tell("\(Figures.plain((Double(elapsed) / 1e9).rounded())) s: \(Int(rate)) \(unit)/s")
        }
        timer.arm(atNanoseconds: min(now + 1_000_000_000, startNanoseconds + total))
    }

    /// Ends the run without figures.
    func fail(_ sentence: String) {
        failure = sentence
        loop.stop()
    }

    static func tell(_ line: String) {
        _ = (line + "\n").utf8CString.withUnsafeBytes { write(2, $0.baseAddress!, $0.count - 1) }
    }

    /// Runs the loop to the end of the measurement and gives the figures where they were asked for.
    func finish() -> Int32 {
        loop.run()
        if let failure {
            LoadRun.tell("tradeloop-load: \(failure)")
            return 1
        }
        var figures = figures()
        if latencies.totalCount > 0 { figures.latencies = latencies }
        if options.json == "-" {
            print(figures.json, terminator: "")
        } else {
            print(figures.table, terminator: "")
        }
        fflush(nil)
        guard LoadRun.save(figures.json, options.json), LoadRun.save(figures.svg, options.svg) else {
            return 1
        }
        return 0
    }

    private static func save(_ text: String, _ path: String?) -> Bool {
        guard let path, path != "-" else { return true }
        guard let file = fopen(path, "w") else {
            tell("tradeloop-load: \(path) cannot be written.")
            return false
        }
        fputs(text, file)
        return fclose(file) == 0
    }

    /// Runs a measurement on this thread, and ends the program with its status.
    nonisolated static func run(_ make: @escaping @LoopActor @Sendable () throws -> LoadRun) -> Never {
        LoopActor.runOnThisThread {
            do {
                exit(try make().finish())
            } catch {
                LoadCommand.exit(withError: error)
            }
        }
        exit(1)
    }
}
