import ArgumentParser

/// Subscribers of the feed, and orders for them to hear of.
struct FeedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feed",
        abstract: "WebSocket subscribers, and orders whose frames they hear: frames per second, and the time "
            + "from placing an order to each subscriber's frame.")

    @OptionGroup var common: CommonOptions

    @Option(help: "WebSocket clients; 0 measures the orders alone.")
    var subscribers = 1_000

    @Option(help: "Orders that are sent in one packet before their answers are awaited.")
    var depth = 1

    @Option(help: "Orders per second (open loop); absent: as fast as they are answered.")
    var rate: Double?

    func validate() throws {
        guard subscribers >= 0, subscribers <= 60_000 else {
            throw ValidationError("--subscribers must be from 0 to 60000, not \(subscribers).")
        }
        guard depth > 0, depth <= 1_024 else {
            throw ValidationError("--depth must be from 1 to 1024, not \(depth).")
        }
        if let rate, rate <= 0 || rate > 1_000_000 {
            throw ValidationError("--rate must be more than 0 and at most 1000000, not \(rate).")
        }
    }

    func run() throws {
        let command = self
        LoadRun.run { try FeedRun(command) }
    }
}
