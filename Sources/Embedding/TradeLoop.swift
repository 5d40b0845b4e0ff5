import Platform
import Reactor
import Server

/// A simulated trading platform that runs inside this process: for tests of programs that trade.
///
/// Each is a server of its own, with its own port, orders and clock. Any number may run at the same time, and
/// one after another; they share one thread, which is started with the first and sleeps while none has work.
/// They answer requests as the program `tradeloop` does.
///
/// Keep the value for as long as the server is to run: one that nobody holds any more stops by itself. All of
/// it may be used from any task. The process ignores `SIGPIPE` from the first start on, unless it has a
/// handler for it.
public final class TradeLoop: Sendable {
    /// The address that the server listens on, an IPv6 one in brackets.
    public let host: String
    /// The port that it listens on: the one that the system chose where ``Settings/port`` was 0.
    public let port: UInt16
    let hosted: HostedPlatform

    /// Where the server is: `http://127.0.0.1:54321`, without a slash at its end.
    public var url: String { "http://\(host):\(port)" }

    private init(_ hosted: HostedPlatform, at address: SocketAddress) {
        self.hosted = hosted
        host = address.host
        port = address.port
    }

    deinit {
        Task { [hosted] in await hosted.stop() }
    }

    /// Starts a server: when this returns, it accepts connections and its market is open.
    ///
    /// - Parameter configure: changes the settings from their defaults: a free port on 127.0.0.1, delays of
    ///   1,000 to 5,000 milliseconds, the clock of the system.
    /// - Throws: ``TradeLoopError/invalidValue(_:)`` for a setting that cannot be,
    ///   ``TradeLoopError/addressTaken(host:port:)`` and ``TradeLoopError/cannotListen(host:port:reason:)``.
    public static func start(
        _ configure: (inout Settings) -> Void = { _ in }
    ) async throws(TradeLoopError) -> TradeLoop {
        var settings = Settings()
        configure(&settings)
        return try await start(settings, work: WorkLimits())
    }

    /// Starts a server with limits of its own, so that a test may pass them.
    static func start(_ settings: Settings, work: WorkLimits) async throws(TradeLoopError) -> TradeLoop {
        var platformSettings = try settings.platformSettings()
        do throws(UVError) {
            let address = try SocketAddress(host: settings.host, port: settings.port)
            platformSettings.isBoundToLoopback = address.isLoopback
            // First of all: without its thread, nothing that is the loop's can run.
            let loop = try await LoopThread.loop(
                receiveBytes: Server.receiveBytes,
                receiveHeadroomBytes: platformSettings.sessionLimits.headroomBytes)
            let (hosted, bound) = try await HostedPlatform.start(
                platformSettings, work, on: loop, at: address)
            return TradeLoop(hosted, at: bound)
        } catch {
            throw TradeLoopError(error, host: settings.host, port: settings.port)
        }
    }

    /// What happens to the orders, in the order in which it happens: first what has happened after the event
    /// `since`, then each event as it comes, until the server has stopped.
    ///
    /// The events are those of the server's log, which holds the last 131,072. Whoever iterates has a place
    /// in it and no more than a few hundred events of its own, however slow it is: one that the log has
    /// passed gets an error in place of events that are gone. Each iterator begins anew.
    ///
    /// An iterator keeps the server, and ends early where its task is cancelled. A server that has stopped
    /// still tells what its log held.
    ///
    /// - Parameter since: the number of an event, or 0 for all; ``lastSequence`` for those that are to come.
    public func events(since: Int = 0) -> Events { Events(server: self, since: since) }

    /// The number of the last event; 0 before the first.
    public var lastSequence: Int {
        get async { await hosted.lastSequence }
    }

    /// Has the market's clock leap, and returns when all that fell due by it is executed.
    ///
    /// Made for ``Settings/Clock/stepped``, with which time passes in no other way; a clock that runs leaps
    /// as well, and runs on.
    ///
    /// - Parameter milliseconds: 0 to 86,400,000, which is one day.
    /// - Throws: ``TradeLoopError/invalidValue(_:)`` beyond that, ``TradeLoopError/serverStopped`` once the
    ///   server is being stopped.
    public func advance(milliseconds: Int) async throws(TradeLoopError) {
        guard Settings.delayRange.contains(milliseconds) else {
            throw .invalidValue(
                "milliseconds must be from 0 to \(Settings.delayRange.upperBound), not \(milliseconds).")
        }
        try await hosted.advance(milliseconds: UInt64(milliseconds))
    }

    /// Stops the server, and returns when its sockets are closed and its memory is given back: at once where
    /// nobody is connected.
    ///
    /// What is under way is answered first, WebSockets are closed with 1001, and connections without a
    /// request after a quarter of a second; whoever is left is reset after 4 seconds. Stopping again changes
    /// nothing, and returns when the server has stopped.
    public func stop() async { await hosted.stop() }

    /// The next events after one, a bounded number; none where there will be no more.
    func nextEvents(after place: Events.Place) async throws(TradeLoopError) -> Events.Batch {
        try await hosted.nextEvents(after: place)
    }
}
