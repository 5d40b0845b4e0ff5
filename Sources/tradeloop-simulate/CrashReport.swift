import Glibc

/// Tells of a day in which the program itself is stopped by one of its checks: the seed is printed all the
/// same, and the day is run once more with each of its steps shown.
enum CrashReport {
    /// What the handler needs, in memory that is there before the crash.
    private nonisolated(unsafe) static let seedText = UnsafeMutablePointer<CChar>.allocate(capacity: 24)
    private nonisolated(unsafe) static let arguments =
        UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: 6)
    private nonisolated(unsafe) static var isArmed = false
    private nonisolated(unsafe) static var isFollowed = false

    /// Has a crash from here on be that of a seed.
    static func arm(seed: UInt64, isFollowing: Bool, isShared: Bool) {
        var end = 0
        for byte in "\(seed)".utf8 {
            seedText[end] = CChar(bitPattern: byte)
            end += 1
        }
        seedText[end] = 0
        guard !isArmed else { return }
        isArmed = true
        isFollowed = isFollowing
        arguments[0] = CommandLine.unsafeArgv[0]
        arguments[1] = strdup("--follow")
        arguments[2] = strdup("--seed")
        arguments[3] = seedText
        arguments[4] = isShared ? strdup("--shared") : nil
        arguments[5] = nil
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in CrashReport.tell() }
        // The signal is not to stay blocked in the program that takes this one's place.
        action.sa_flags = Int32(SA_NODEFER)
        for signal in [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS] { sigaction(signal, &action, nil) }
    }

    /// Uses nothing but system calls: the memory may be in any state.
    private static func tell() {
        say("seed ")
        write(1, seedText, strlen(seedText))
        say(isFollowed ? " CRASHED after the step above\n" : " CRASHED; once more, with its steps:\n")
        if !isFollowed { execv("/proc/self/exe", arguments) }
        _exit(1)
    }

    private static func say(_ text: StaticString) {
        write(1, text.utf8Start, text.utf8CodeUnitCount)
    }
}
