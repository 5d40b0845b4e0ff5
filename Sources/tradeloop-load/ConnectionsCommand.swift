import ArgumentParser
import Glibc
import Reactor

/// Idle connections, for the memory that they take.
struct ConnectionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections",
        abstract: "Idle connections, and the memory that each takes at the server.")

    @OptionGroup var common: CommonOptions

    @Option(help: "Connections.")
    var count = 10_000

    @Flag(help: "Upgrade each to a WebSocket.")
    var webSocket = false

    func validate() throws {
        guard count > 0, count <= 60_000 else {
            throw ValidationError("--count must be from 1 to 60000, not \(count).")
        }
        guard common.pid != nil else { throw ValidationError("--pid is needed: memory is the server's.") }
    }

    func run() throws {
        let command = self
        LoadRun.run { try ConnectionsRun(command) }
    }
}

/// Runs ``ConnectionsCommand``: each connection makes one request, or becomes a WebSocket, and then waits.
@LoopActor
final class ConnectionsRun: LoadRun {
    private let command: ConnectionsCommand
    private let opening: [UInt8]
    private var clients: [Client] = []
    private var readyCount = 0
    private let residentAtStart: Int
    private var residentAtEnd = 0
    private var settling: LoopTimer!

    /// Connections that are opened at a time: fewer than a server keeps waiting to be accepted.
    private static let openingMax = 64

    init(_ command: ConnectionsCommand) throws {
        self.command = command
        let target = try command.common.target()
        opening = command.webSocket ? target.handshake : target.request("GET", "/orders/1")
        guard let resident = ServerProcess(pid: command.common.pid ?? 0).residentBytes else {
            throw ValidationError("There is no process \(command.common.pid ?? 0).")
        }
        residentAtStart = resident
        try super.init(command.common)
        _ = DescriptorLimit.raise()
        for _ in 0..<min(command.count, ConnectionsRun.openingMax) { open() }
    }

    private func open() {
        TCPConnecting.connect(to: address, on: loop) { [unowned self] result in
            switch result {
            case .failure(let error): fail("\(options.url) cannot be reached: \(error).")
            case .success(let transport):
                let client = Client(transport, self)
                clients.append(client)
                opening.withUnsafeBytes { client.send($0) }
            }
        }
    }

    fileprivate func isReady(_ client: Client) {
        readyCount += 1
        if readyCount + ConnectionsRun.openingMax <= command.count { open() }
        guard readyCount == command.count else { return }
        settling = LoopTimer(loop: loop) { [unowned self] in
            residentAtEnd = process?.residentBytes ?? 0
            loop.stop()
        }
        settling.arm(atNanoseconds: now + UInt64(options.seconds * 1e9))
    }

    fileprivate func lost() {
        fail("The server closed a connection when there were \(readyCount).")
    }

    override func figures() -> Figures {
        var figures = Figures()
        figures.add("connections", Double(readyCount))
        figures.add("serverResidentBytes", Double(residentAtEnd))
        figures.add(
            "serverResidentBytesPerConnection", Double(residentAtEnd - residentAtStart) / Double(readyCount))
        return figures
    }

    fileprivate final class Client: ClientConnection {
        private unowned let run: ConnectionsRun
        private var reader = ResponseReader()
        private var isReady = false

        init(_ transport: TCPConnection, _ run: ConnectionsRun) {
            self.run = run
            super.init(transport)
        }

        override func read(_ bytes: UnsafeBufferPointer<UInt8>, atNanoseconds now: UInt64) -> Int {
            guard !isReady else { return bytes.count }
            var offset = 0
            if (try? reader.next(bytes, &offset)) ?? nil != nil {
                isReady = true
                run.isReady(self)
            }
            return offset
        }

        override func ended() { run.lost() }
    }
}
