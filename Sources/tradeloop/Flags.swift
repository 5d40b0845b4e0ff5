import ArgumentParser
import Platform

/// The command line. Values are texts here: ``Settings`` reads them, as it does those of the environment.
struct Flags: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tradeloop",
        abstract: "A simulated trading platform: orders over HTTP, their states over WebSocket.",
        discussion: """
            Every flag has an environment variable of the same name in capitals, such as MIN_DELAY_MS; the \
            flag goes first.

              curl -d '{"stocks":"AAPL","quantity":10}' localhost:8000/orders
            """,
        version: "tradeloop \(ProductVersion.text)")

    @Option(help: "The address to listen on: an IP address or a name of this machine. (default: 127.0.0.1)")
    var host: String?

    @Option(help: "The port; 0 picks a free one and prints it. (default: 8000)")
    var port: String?

    @Option(help: "The shortest delay until an order is executed, in milliseconds. (default: 1000)")
    var minDelayMs: String?

    @Option(help: "The longest delay until an order is executed, in milliseconds. (default: 5000)")
    var maxDelayMs: String?

    @Option(
        help: "A number that fixes the delays: the same orders get the same in every run. (default: random)")
    var delaySeed: String?

    @Option(help: "Orders stored at most; past it POST is answered 503. (default: 10000000)")
    var maxOrders: String?

    @Option(help: "Connections served at a time; one more is answered 503. (default: 65536)")
    var maxConnections: String?

    @Option(help: "Web pages that may trade, besides those on this machine: origins with commas, or *.")
    var allowedOrigins: String?

    @Option(help: "Hosts to answer for on loopback, besides localhost: names with commas, or *.")
    var allowedHosts: String?

    @Option(
        help: """
            A Redis that keeps the market, for many instances: redis://user:password@host:port/database. Its \
            variable is REDIS_URL. (default: in memory)
            """)
    var redis: String?

    @Flag(
        help: "Serve /control, for tests: stop, advance and speed up time, reset all, have requests fail.")
    var control = false

    @Option(help: "A file to add a line to for each request, or - for standard output. (default: none)")
    var accessLog: String?

    @Flag(
        help: "Ask the server at --host and --port whether it is well: exit with 0 where it is, else with 1.")
    var healthCheck = false

    @Option(help: "What is logged on standard error: trace, debug, info, notice, warning, error or critical.")
    var logLevel: String?
}
