import Reactor
import Sessions

/// Joins sessions to the loop: real sockets, real time. Several servers may share one loop.
///
/// It has to be kept until it has stopped: the loop does not keep it.
@LoopActor
public final class Server: LoopTurnHandler {
    /// The sessions being served.
    public let host: SessionHost
    private let application: Application
    private let loop: Loop
    private var listener: TCPListener?
    private let timer: LoopTimer
    /// In place of the timer while turns follow each other closely.
    private let alarm: LoopAlarm?
    /// Input was looked for after a standstill, and not yet acted on the time that has passed.
    private var hasLookedForInput = false
    /// A turn has gone by since the request to stop.
    private var hasAcceptedLast = false
    private var stopped: (@LoopActor () -> Void)?
    /// What is kept of requests, if anything.
    public var accessLog: AccessLogWriter?
    /// Called at the end of each turn.
    public var whenTurnEnds: (@LoopActor () -> Void)?
    /// When the calendar is to be asked for next.
    private var nextCalendarNanoseconds: UInt64 = 0
    /// What the host wanted at the end of the last turn.
    private var deadlineNanoseconds: UInt64?
    private var pace = TurnPace()
    /// Until when the stop waits for the last lines of the access log to be written.
    private var logDeadlineNanoseconds: UInt64?

    /// What one read takes at most, in bytes: enough for a thousand small requests, and little enough to stay
    /// in the processor's cache.
    public nonisolated static let receiveBytes = 65_536

    /// How long a stop waits for a disk or a reader that does not take the last lines of the access log.
    private static let logWaitNanoseconds: UInt64 = 500_000_000

    /// How late a turn is when something has kept the loop from running.
    private static let standstillNanoseconds: UInt64 = 500_000_000

    /// How long after a deadline the alarm goes off, where turns follow each other closely: as a rule one of
    /// them has done by then what was due, and the alarm has been moved on.
    private static let graceNanoseconds: UInt64 = 500_000

    /// A server for an application, on a loop whose headroom is ``SessionLimits/headroomBytes``. It keeps the
    /// application alive.
    public init(application: Application, loop: Loop) {
        self.application = application
        host = application.host
        self.loop = loop
        // They have nothing to do but to end the loop's sleep: what is due is done at the turn's end.
        timer = LoopTimer(loop: loop) {}
        alarm = LoopAlarm(loop: loop)
        super.init()
        advance()
        loop.finishTurns(with: self)
    }

    /// Begins to accept connections. Answers the address, with the port that the system chose for 0.
    ///
    /// - Throws: `UVError`, such as `addressInUse`.
    public func listen(at address: SocketAddress) throws(UVError) -> SocketAddress {
        let listener = try TCPListener(loop: loop, address: address) { [unowned self] connection in
            accept(connection)
        } descriptorsExhausted: { [unowned self] in
            host.noteDescriptorsExhausted()
        }
        self.listener = listener
        return listener.address
    }

    private func accept(_ connection: TCPConnection) {
        advance()
        if let session = host.open(connection) { connection.start(with: session) }
    }

    /// Tells the sessions what time it is: before the application is asked for something that no socket asked
    /// for.
    public func advance() { advance(toNanoseconds: loop.nowNanoseconds) }

    private func advance(toNanoseconds now: UInt64) {
        // The calendar goes on with the clock. Whether it has been set is asked once in a millisecond.
        guard now >= nextCalendarNanoseconds else { return host.advance(toNanoseconds: now) }
        nextCalendarNanoseconds = now + 1_000_000
        // Both clocks at the same moment: other servers of the loop may have been at work since `now`.
        host.advance(toNanoseconds: loop.nowNanoseconds, unixMicroseconds: loop.unixMicroseconds)
    }

    /// Has the answers go to those who have been read.
    public override func inputDelivered() { host.sendAnswers() }

    /// Finishes a turn: called by the loop before it waits.
    public override func turnEnding(atNanoseconds now: UInt64) -> Bool {
        if let deadlineNanoseconds, now > deadlineNanoseconds + Self.standstillNanoseconds,
            !hasLookedForInput
        {
            // The process or the machine stood still. What arrived meanwhile was in time, so it comes first.
            hasLookedForInput = true
            return true
        }
        hasLookedForInput = false
        advance(toNanoseconds: now)
        let workIsLeft = host.finishTurn()
        accessLog?.write()
        whenTurnEnds?()
        let hasToLookAgain = host.isStopping && goOnStopping()
        deadlineNanoseconds = host.nextDeadlineNanoseconds
        pace.note(turnAtNanoseconds: now)
        var next = deadlineNanoseconds
        if let logDeadlineNanoseconds { next = min(next ?? .max, logDeadlineNanoseconds) }
        if let next { endSleep(atNanoseconds: next) }
        return workIsLeft || hasToLookAgain
    }

    /// Sees to it that there is a turn at a moment or shortly after it.
    private func endSleep(atNanoseconds moment: UInt64) {
        if pace.isBrisk, let alarm {
            alarm.set(toNanoseconds: moment + Server.graceNanoseconds)
        } else {
            timer.arm(atNanoseconds: moment)
        }
    }

    /// Tells the application how long the turn took.
    public override func turnEnded(afterNanoseconds duration: UInt64) {
        application.turnEnded(afterNanoseconds: duration)
    }

    /// Stops accepting, lets what is under way be answered, and then calls `stopped`: after
    /// ``SessionLimits/stopMilliseconds`` and a moment at the latest.
    public func stop(then stopped: @escaping @LoopActor () -> Void) {
        guard !host.isStopping else { return }
        self.stopped = stopped
        advance()
        // Who connected before the request to stop is served: one turn may not have been enough for all.
        listener?.acceptAll()
        host.stop()
    }

    /// Closes the listener in the second turn after the request to stop: connections that the kernel has
    /// already made are told so, as closing at once would reset them. Is done when all sessions are. Answers
    /// whether the second turn has to follow.
    private func goOnStopping() -> Bool {
        guard hasAcceptedLast else {
            hasAcceptedLast = true
            return true
        }
        listener?.close()
        listener = nil
        guard host.sessionCount == 0, isLogWritten, let stopped else { return false }
        self.stopped = nil
        logDeadlineNanoseconds = nil
        timer.close()
        alarm?.close()
        loop.forget(self)
        stopped()
        return false
    }

    /// Whether the access log has all its lines, or has been waited for long enough.
    private var isLogWritten: Bool {
        guard let accessLog, !accessLog.log.isIdle else { return true }
        let deadline = logDeadlineNanoseconds ?? loop.nowNanoseconds + Server.logWaitNanoseconds
        logDeadlineNanoseconds = deadline
        return loop.nowNanoseconds >= deadline
    }
}
