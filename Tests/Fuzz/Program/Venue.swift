import HTTP1
import Platform
import Simulation
import WebSocket

/// A platform on a network of its own, with limits drawn from an input.
struct Venue {
    let platform: Platform
    let network: Network

    init(_ script: inout Script, isTight: Bool) {
        let flags = isTight ? script.byte() : 0
        var settings = PlatformSettings()
        settings.minDelayMilliseconds = 5
        settings.maxDelayMilliseconds = 3_000
        if flags & 1 != 0 { settings.ordersMax = 6 }
        if flags & 2 != 0 { settings.connectionsMax = 2 }
        var sessions = settings.sessionLimits
        if flags & 4 != 0 { sessions.refusalsMax = 1 }
        if flags & 8 != 0 {
            sessions.http = HTTPLimits(
                requestLineBytesMax: 60, headBytesMax: 200, bodyBytesMax: 50, chunkExtensionBytesMax: 10,
                trailerBytesMax: 20)
        }
        if flags & 16 != 0 { sessions.webSocket = WebSocketLimits(messageBytesMax: 200, fragmentsMax: 3) }
        if flags & 32 != 0 { sessions.heldBytesMax = 3_000 }
        if flags & 64 != 0 { sessions.outputBytesMax = 600 }
        if flags & 128 != 0 { sessions.resumedSessionsMax = 1 }
        var work = WorkLimits()
        work.eventsMax = 64
        work.executionsPerTurnMax = 32
        if flags & 64 != 0 {
            work.eventsMax = 16
            work.executionsPerTurnMax = 1
            work.rowsPerPartMax = 2
            work.eventsPerWriteMax = 2
            work.visitsPerTurnMax = 1
            work.bytesPerTurnMax = 200
        }
        platform = Platform(settings: settings, sessions: sessions, work: work)
        network = Network(host: platform.host)
    }

    /// Stops the program where the platform has broken a promise to its driver.
    func check(_ clients: [Client]) {
        SessionTarget.expect(network.violations.isEmpty, "\(network.violations)")
        for client in clients {
            SessionTarget.expect(client.line.violations.isEmpty, "\(client.line.violations)")
        }
    }
}
