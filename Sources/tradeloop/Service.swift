import Glibc
import Logging
import Platform
import Reactor
import Redis
import Server
import Sessions

/// The running server: the platform on the loop, from its start to its stop.
@LoopActor
struct Service {
    private let settings: Settings
    private let logger: Logger

    init(_ settings: Settings) {
        self.settings = settings
        var logger = Logger(
            label: "tradeloop", factory: { _ in StreamLogHandler.standardError(label: "tradeloop") })
        logger.logLevel = settings.logLevel
        self.logger = logger
    }

    /// Serves until a signal ends it.
    func run() throws(SettingError) {
        let address = try resolve()
        var platformSettings = settings.platform
        platformSettings.isBoundToLoopback = address.isLoopback
        platformSettings.connectionsMax = connectionsMax()
        let platform = Platform(settings: platformSettings)
        do {
            let loop = try Loop(
                receiveBytes: Server.receiveBytes,
                receiveHeadroomBytes: platform.host.limits.headroomBytes)
            let market = shareMarket(platform, loop)
            let server = Server(application: platform, loop: loop)
            let bound = try server.listen(at: address)
            let watchers = try stopOnSignals(server, loop) + keepAccessLog(server, loop)
            watch(platform, server, loop, platformSettings)
            print("TradeLoop listens on http://\(bound)")
            fflush(nil)
            logger.info(
                "Started.",
                metadata: [
                    "version": "\(ProductVersion.text)", "delay-seed": "\(platformSettings.delaySeed)",
                ])
            loop.run()
            market?.close()
            // A write that nobody takes would keep the end waiting for its thread.
            if server.accessLog?.file.isBusy ?? false { _exit(0) }
            server.accessLog?.file.close()
            // All is given back, so that what is left at the end is a leak to whoever looks for one.
            for watcher in watchers { watcher.close() }
            loop.close()
            logger.info("Stopped.")
        } catch let error as SettingError {
            throw error
        } catch let error as UVError {
            throw SettingError(description: sentence(for: error))
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// Has the platform serve the market that is in Redis, where there is one.
    private func shareMarket(_ platform: Platform, _ loop: Loop) -> RedisMarket? {
        guard let address = settings.redis else { return nil }
        let connections = RedisConnections(to: address, on: loop)
        let market = connections.makeMarket(seed: UInt64.random(in: 0...UInt64.max))
        market.notice = { [logger] notice in
            let place: Logger.Metadata = ["redis": "\(address.shown)"]
            switch notice {
            case .here:
                logger.info("The market in Redis is open.", metadata: place)
            case .away(let reason):
                logger.warning(
                    "Redis cannot be reached: \(reason). Orders are answered 503 until it can be.",
                    metadata: place)
            case .replaced:
                logger.warning(
                    "Another market is in Redis, or its last events are lost: followers have to come back.",
                    metadata: place)
            }
        }
        platform.share(market)
        return market
    }

    private func resolve() throws(SettingError) -> SocketAddress {
        do throws(UVError) {
            return try SocketAddress(host: settings.host, port: settings.port)
        } catch {
            throw SettingError(
                description:
                    "The host '\(settings.host)' cannot be found: \(error). Choose another with --host.")
        }
    }

    private func sentence(for error: UVError) -> String {
        let place = "port \(settings.port) on \(settings.host)"
        return switch error {
        case .addressInUse:
            "Another program is using \(place); end it, or choose another port with --port (0 picks a free one)."
        case .accessDenied:
            "This user may not use \(place); choose a port above 1023 with --port."
        case .addressNotAvailable:
            "The host '\(settings.host)' is not an address of this machine; choose another with --host."
        default:
            "The server cannot listen to \(place): \(error)."
        }
    }

    /// Descriptors that are not connections: the standard streams, the loop's own, the listener.
    private static let otherDescriptors = 32

    private func connectionsMax() -> Int {
        let wanted = settings.platform.connectionsMax
        let possible = max(1, DescriptorLimit.raise() - Service.otherDescriptors)
        if wanted > possible, settings.isConnectionsMaxGiven {
            logger.warning(
                "Fewer connections than asked for: the limit of open files allows no more. Raise it (ulimit -n).",
                metadata: ["asked": "\(wanted)", "allowed": "\(possible)"])
        }
        return min(wanted, possible)
    }

    /// Answers what watches for the signals.
    private func stopOnSignals(_ server: Server, _ loop: Loop) throws(UVError) -> [SignalWatcher] {
        var watchers: [SignalWatcher] = []
        for (name, signal) in [("SIGINT", SignalWatcher.interrupt), ("SIGTERM", SignalWatcher.terminate)] {
            let watcher = try SignalWatcher(loop: loop, signal: signal) { [logger] in
                if server.host.isStopping {
                    logger.warning("Stopped at once by a second signal.", metadata: ["signal": "\(name)"])
                    _exit(128 + signal)
                }
                logger.info("Stopping: answering what is under way.", metadata: ["signal": "\(name)"])
                server.stop { loop.stop() }
            }
            watchers.append(watcher)
        }
        return watchers
    }

    /// Notes requests where that was asked for, and opens the file anew on SIGHUP, for whoever rotates it.
    private func keepAccessLog(_ server: Server, _ loop: Loop) throws -> [SignalWatcher] {
        guard let path = settings.accessLogPath else { return [] }
        let file: LogFile
        do throws(UVError) {
            file = try LogFile(loop: loop, path: path)
        } catch {
            throw SettingError(
                description: "The access log '\(path)' cannot be opened: \(error). Choose another with "
                    + "--access-log.")
        }
        let log = AccessLog()
        server.host.accessLog = log
        server.accessLog = AccessLogWriter(log, to: file)
        guard file.isFile else { return [] }
        let watcher = try SignalWatcher(loop: loop, signal: SignalWatcher.hangUp) { [logger] in
            file.reopen { error in
                guard let error else {
                    logger.info("The access log has been opened anew.", metadata: ["path": "\(path)"])
                    return
                }
                logger.error(
                    "The access log cannot be opened anew; the old file is written to.",
                    metadata: ["path": "\(path)", "error": "\(error)"])
            }
        }
        return [watcher]
    }

    /// Lets the platform know what the system says of the process, and the operator what goes wrong.
    private func watch(
        _ platform: Platform, _ server: Server, _ loop: Loop, _ platformSettings: PlatformSettings
    ) {
        let startUnixMicroseconds = loop.unixMicroseconds
        let descriptorsMax = DescriptorLimit.current
        platform.processFigures = {
            ProcessFigures(
                residentBytes: ProcessUsage.residentBytes,
                processorMicroseconds: ProcessUsage.processorMicroseconds,
                openDescriptors: ProcessUsage.openDescriptors, descriptorsMax: descriptorsMax,
                startUnixMicroseconds: startUnixMicroseconds)
        }
        let notices = Notices(
            platform, connectionsMax: platformSettings.connectionsMax, ordersMax: platformSettings.ordersMax,
            loop: loop, logger: logger)
        server.whenTurnEnds = { notices.look() }
    }
}
