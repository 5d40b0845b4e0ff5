import ArgumentParser
import Reactor

/// Requests over keep-alive connections, pipelined or not, as fast as they are answered or at a constant
/// rate.
struct RequestsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requests", abstract: "Requests, as fast as they are answered or at a constant rate.")

    @OptionGroup var common: CommonOptions

    @Option(help: "Connections.")
    var connections = 64

    @Option(help: "Requests that are sent in one packet on each connection before their answers are awaited.")
    var depth = 1

    @Option(help: "Requests per second in all (open loop); absent: as fast as they are answered.")
    var rate: Double?

    @Flag(
        help: """
            With --rate: sleep up to a millisecond and then send what is due by then, where a core would \
            otherwise be kept busy; latencies then count from that sending.
            """)
    var bursts = false

    @Option(help: "What to ask for.")
    var path = "/orders/1"

    @Flag(help: "Place orders instead.")
    var post = false

    func validate() throws {
        guard connections > 0, connections <= 60_000 else {
            throw ValidationError("--connections must be from 1 to 60000, not \(connections).")
        }
        guard depth > 0, depth <= 4_096 else {
            throw ValidationError("--depth must be from 1 to 4096, not \(depth).")
        }
        if let rate, rate <= 0 || rate > 10_000_000 {
            throw ValidationError("--rate must be more than 0 and at most 10000000, not \(rate).")
        }
        guard rate != nil || !bursts else {
            throw ValidationError("--bursts needs a --rate.")
        }
    }

    func run() throws {
        let command = self
        LoadRun.run { try RequestsRun(command) }
    }
}
