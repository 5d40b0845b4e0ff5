import ArgumentParser

/// The load generator: requests, the feed, or idle connections, against any server with the same API.
@main
struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tradeloop-load",
        abstract: "Load for a trading platform: requests, WebSocket subscribers, idle connections.",
        discussion: """
            Latencies are kept in HdrHistograms of three digits. With --rate the load is open-loop: requests are \
            sent when they are due, whatever became of those before, and their latency counts from when they \
            were due, so that a server that stalls cannot hide it (coordinated omission).
            """,
        subcommands: [RequestsCommand.self, FeedCommand.self, ConnectionsCommand.self])
}

/// What all kinds of load share.
struct CommonOptions: ParsableArguments {
    @Option(help: "The server, as http://HOST:PORT.")
    var url = "http://127.0.0.1:8000"

    @Option(help: "How long to measure, in seconds, after a warm-up of a tenth of it.")
    var seconds = 5.0

    @Option(help: "The server's process id, on this machine: its CPU time and memory are then measured.")
    var pid: Int32?

    @Option(help: "Write the figures as JSON to this file; - for standard output.")
    var json: String?

    @Option(help: "Draw the latencies by percentile as SVG into this file.")
    var svg: String?

    @Flag(help: "Print no progress.")
    var quiet = false

    func validate() throws {
        guard seconds > 0, seconds <= 86_400 else {
            throw ValidationError("--seconds must be more than 0 and at most 86400, not \(seconds).")
        }
    }

    func target() throws -> Target {
        guard let target = Target(url: url) else {
            throw ValidationError("--url must be http://HOST:PORT, not '\(url)'.")
        }
        return target
    }
}
