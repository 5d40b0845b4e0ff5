import Glibc
import Reactor

/// The program: flags and environment in, an exit status out.
@main
enum Main {
    /// The command line or the environment is wrong (sysexits.h: EX_USAGE).
    private static let usageStatus: Int32 = 64
    /// The server could not start.
    private static let failureStatus: Int32 = 1

    static func main() {
        let settings = readSettings()
        LoopActor.runOnThisThread {
            if settings.checksHealth { exit(HealthCheck.isWell(settings) ? 0 : failureStatus) }
            do throws(SettingError) {
                try Service(settings).run()
            } catch {
                fail(error.description, status: failureStatus)
            }
        }
        exit(0)
    }

    private static func readSettings() -> Settings {
        do {
            let flags = try GivenFlags(plain: CommandLine.arguments.dropFirst()) ?? GivenFlags(Flags.parse())
            return try Settings(
                flags, environment: { getenv($0).map { String(cString: $0) } },
                randomSeed: UInt64.random(in: 0...UInt64.max))
        } catch let error as SettingError {
            fail(error.description, status: usageStatus)
        } catch {
            if Flags.exitCode(for: error).isSuccess {
                print(Flags.fullMessage(for: error))
                exit(0)
            }
            fail(Flags.message(for: error) + " See tradeloop --help.", status: usageStatus)
        }
    }

    private static func fail(_ sentence: String, status: Int32) -> Never {
        let line = "tradeloop: \(sentence)\n"
        _ = line.utf8CString.withUnsafeBytes { write(2, $0.baseAddress!, $0.count - 1) }
        exit(status)
    }
}
