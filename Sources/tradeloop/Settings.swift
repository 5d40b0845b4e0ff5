import Logging
import Orders
import Platform
import Redis

/// All settings, each from its flag, else from its environment variable, else its default.
struct Settings {
    var host = "127.0.0.1"
    var port: UInt16 = 8000
    var platform = PlatformSettings()
    /// Whether the number of connections was asked for, so that it must not be lowered without a word.
    var isConnectionsMaxGiven = false
    var logLevel = Logger.Level.info
    /// Whether a server is only to be asked how it is.
    var checksHealth = false
    /// The Redis that keeps the market; nil where it is in memory.
    var redis: RedisAddress?
    /// The file for a line of each request, `-` for standard output, nil for none.
    var accessLogPath: String?

    /// Reads all settings; `environment` answers the value of a variable, nil where it is not set.
    init(
        _ flags: GivenFlags, environment: (String) -> String?, randomSeed: UInt64
    ) throws(SettingError) {
        func setting(_ option: String) -> Setting? {
            Setting(flag: flags[option], option: option, environment: environment)
        }
        platform.delaySeed = randomSeed
        if let given = setting("host") { host = given.text }
        if let given = setting("port") { port = try given.number(in: 0...UInt16.max) }
        try readDelays(
            setting("min-delay-ms"), setting("max-delay-ms"),
            seed: setting("delay-seed"))
        if let given = setting("max-orders") {
            platform.ordersMax = try given.number(in: OrderStore.exampleCount...1_000_000_000)
        }
        if let given = setting("max-connections") {
            platform.connectionsMax = try given.number(in: 1...1_000_000)
            isConnectionsMaxGiven = true
        }
        if let given = setting("allowed-origins") {
            platform.allowedOrigins = try Settings.origins(given)
        }
        if let given = setting("allowed-hosts") {
            platform.allowedHosts = try Settings.hosts(given)
        }
        checksHealth = flags.isOn("health-check")
        platform.isControllable = flags.isOn("control")
        if !platform.isControllable,
            let given = Setting(flag: nil, option: "control", environment: environment)
        {
            platform.isControllable = try given.boolean()
        }
        try readRedis(
            Setting(flag: flags["redis"], name: "--redis", variable: "REDIS_URL", environment: environment))
        accessLogPath = setting("access-log")?.text
        if let given = setting("log-level") {
            guard let level = Logger.Level(rawValue: given.text.lowercased()) else {
                let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
                throw SettingError(
                    description: "\(given.name) must be one of \(levels), not '\(given.text)'.")
            }
            logLevel = level
        }
    }

    private mutating func readRedis(_ setting: Setting?) throws(SettingError) {
        guard let setting else { return }
        do throws(RedisAddress.Fault) {
            redis = try RedisAddress(setting.text)
        } catch {
            throw SettingError(description: "\(setting.name) \(error).")
        }
        guard !platform.isControllable else {
            throw SettingError(
                description: "--control is for a market in memory: it cannot go with \(setting.name).")
        }
        guard RedisConnections.isBuilt else {
            throw SettingError(
                description: "\(setting.name) needs a program that was built with Redis: install hiredis "
                    + "(Debian: libhiredis-dev) and run scripts/build tradeloop.")
        }
    }

    private mutating func readDelays(_ min: Setting?, _ max: Setting?, seed: Setting?) throws(SettingError) {
        let range = 0...DelayPolicy.delayMillisecondsMax
        if let min { platform.minDelayMilliseconds = try min.number(in: range) }
        if let max { platform.maxDelayMilliseconds = try max.number(in: range) }
        guard platform.minDelayMilliseconds <= platform.maxDelayMilliseconds else {
            let minName = min?.name ?? "--min-delay-ms"
            let maxName = max?.name ?? "--max-delay-ms"
            throw SettingError(
                description: "\(minName) must be at most \(maxName), which is "
                    + "\(platform.maxDelayMilliseconds), not \(platform.minDelayMilliseconds).")
        }
        if let seed { platform.delaySeed = try seed.number(in: 0...UInt64.max) }
    }

    private static func origins(_ setting: Setting) throws(SettingError) -> [String] {
        let origins = setting.list
        for origin in origins where origin != "*" && origin != "null" {
            let parts = origin.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, !parts[1].contains("/") else {
                throw setting.invalid(origin, "origins such as https://desk.example, with no path, or *")
            }
        }
        return origins
    }

    private static func hosts(_ setting: Setting) throws(SettingError) -> [String] {
        let hosts = setting.list
        for host in hosts where host.contains("/") || host.contains(" ") {
            throw setting.invalid(host, "hosts such as desk.example or desk.example:8000, or *")
        }
        return hosts
    }
}
