import ArgumentParser
import Glibc
import Reactor
import Server

/// A server that echoes, for protocol conformance suites.
@main
struct ProtocolEcho: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "protocol-echo",
        abstract: "Echo requests and WebSocket messages on /echo, for protocol conformance suites.")

    @Option(help: "The port to listen on, on 127.0.0.1; 0 picks a free one.")
    var port: UInt16 = 9000

    func run() throws {
        let port = port
        LoopActor.runOnThisThread { ProtocolEcho.serve(port: port) }
    }

    @LoopActor
    private static func serve(port: UInt16) {
        do {
            let echo = EchoApplication()
            let loop = try Loop(
                receiveBytes: Server.receiveBytes, receiveHeadroomBytes: echo.host.limits.headroomBytes)
            let server = Server(application: echo, loop: loop)
            let address = try server.listen(at: SocketAddress(host: "127.0.0.1", port: port))
            var watchers: [SignalWatcher] = []
            for signal in [SignalWatcher.interrupt, SignalWatcher.terminate] {
                watchers.append(
                    try SignalWatcher(loop: loop, signal: signal) { server.stop { loop.stop() } })
            }
            print("protocol-echo listens on http://\(address)")
            fflush(nil)
            loop.run()
            for watcher in watchers { watcher.close() }
            loop.close()
        } catch {
            ProtocolEcho.exit(withError: ValidationError("Port \(port) cannot be listened on: \(error)."))
        }
    }
}
