import Bytes
import HTTP1
import WebSocket

/// All sessions of a server, and what they share: time, limits, the output buffer, the application.
///
/// It is a function of bytes in and time, and holds no socket, clock or thread. Its driver sets the time by
/// ``advance(toNanoseconds:unixMicroseconds:)``, opens sessions and delivers to them, has their answers go
/// with ``sendAnswers()``, and ends each turn with ``finishTurn()``.
public final class SessionHost {
    // What is marked unchecked here is used by one session at a time, and by none from inside a call that
    // changes it. Checking that anew with every request (SE-0176) costs a tenth of a pipelined one.

    /// What is served. It owns the host, and so outlives it: nobody has to keep it alive for a call.
    private(set) var served: Unmanaged<Application>!
    /// What sessions may take.
    public let limits: SessionLimits
    @exclusivity(unchecked) private(set) var time = Moment()
    /// Whether the server is being stopped: each answer is now its connection's last.
    @exclusivity(unchecked) public private(set) var isStopping = false

    @exclusivity(unchecked) private var okHead = PreparedHead(.ok, date: HTTPDate(unixSeconds: 0))
    @exclusivity(unchecked) private var createdHead = PreparedHead(.created, date: HTTPDate(unixSeconds: 0))
    /// What sessions have to say: the answers that wait for ``sendAnswers()``, and behind them that of the
    /// session which is being served.
    @exclusivity(unchecked) var output = ByteWriter(capacity: 65_536)
    /// Whose answers wait in ``output``, one behind the other.
    private let waitingAnswers = UnsafeMutablePointer<WaitingAnswer>.allocate(
        capacity: SessionHost.waitingAnswersMax)
    @exclusivity(unchecked) private var waitingAnswerCount = 0
    /// Where in ``output`` begins what the session that is being served has to say.
    @exclusivity(unchecked) private(set) var outputStart = 0
    /// Reads the heads that arrive whole; a session keeps a copy of it while its head is not.
    @exclusivity(unchecked) var parser: RequestParser
    @exclusivity(unchecked) var headMemory = HeadMemory()

    private var sessions: [Session] = []
    /// Sessions that are only being told that they are refused: they take no place of those that are served.
    private var refusals = 0
    /// What all sessions together hold of input and output that waits, in bytes.
    @exclusivity(unchecked) public internal(set) var heldBytes = 0
    /// What has been counted since the start.
    @exclusivity(unchecked) public internal(set) var counts = HostCounts()
    /// Where requests are noted, if anywhere.
    @exclusivity(unchecked) public var accessLog: AccessLog?
    /// The status that the application's answer has been begun with, in this call to it; nil before.
    @exclusivity(unchecked) var answeredStatus: Status?
    private var queue: [Session] = []
    private var queueStart = 0
    private var sweepIndex = 0
    private var nextSweepNanoseconds: UInt64?
    private var stopDeadlineNanoseconds: UInt64?

    /// A host without sessions, which serves nothing yet.
    init(limits: SessionLimits) {
        self.limits = limits
        parser = RequestParser(limits: limits.http)
    }

    deinit { waitingAnswers.deallocate() }

    /// Serves an application, which owns the host. To be called once, before anything else is.
    func serve(_ application: Application) { served = .passUnretained(application) }

    /// What is served.
    var application: Application { served.takeUnretainedValue() }

    /// How many sessions there are.
    public var sessionCount: Int { sessions.count }

    // MARK: Time

    /// Sets the time. An earlier one than before is taken as no progress.
    public func advance(toNanoseconds now: UInt64) {
        if time.advance(toNanoseconds: now) { secondChanged() }
    }

    /// Sets the time, also that of the calendar, in microseconds since 1970-01-01T00:00:00Z: once a turn is
    /// enough for it, as it goes on with the clock.
    public func advance(toNanoseconds now: UInt64, unixMicroseconds: Int64) {
        advance(toNanoseconds: now)
        if time.set(unixMicroseconds: unixMicroseconds) { secondChanged() }
    }

    private func secondChanged() {
        okHead.update(time.date)
        createdHead.update(time.date)
    }

    /// The moment, by the clock.
    public var nowNanoseconds: UInt64 { time.nanoseconds }

    // MARK: Answers

    /// Begins an answer: status line, `Date`, and what has to be said of the connection.
    public func beginResponse(_ status: Status, _ persistence: Persistence, into output: inout ByteWriter) {
        answeredStatus = status
        output.beginResponse(status, date: time.date, persistence: persistence)
    }

    /// Appends a head of 200 with a JSON body on a connection that stays open, up to its last empty line.
    public func appendOKHead(bodyBytes: Int, to output: inout ByteWriter) {
        answeredStatus = .ok
        okHead.append(bodyBytes: bodyBytes, to: &output)
    }

    /// Appends a head of 201 with a JSON body on a connection that stays open, up to its last empty line.
    public func appendCreatedHead(bodyBytes: Int, to output: inout ByteWriter) {
        answeredStatus = .created
        createdHead.append(bodyBytes: bodyBytes, to: &output)
    }

    /// The status that the application has begun its answer with, in this call to it; nil where it has begun
    /// none.
    @inline(__always)
    public func statusOfAnswer() -> Status? { answeredStatus }

    /// The answer that has been begun will not be given, and counts as none.
    public func withdrawAnswer() { answeredStatus = nil }

    func deadline(in milliseconds: UInt64) -> UInt64 { time.nanoseconds + milliseconds * 1_000_000 }

    /// When ``finishTurn()`` has to be called next, if nothing arrives before.
    public var nextDeadlineNanoseconds: UInt64? {
        let due = served._withUnsafeGuaranteedRef { $0.nextDeadlineNanoseconds }
        guard let sweep = nextSweepNanoseconds else { return due }
        return min(sweep, due ?? sweep)
    }

    // MARK: Output

    /// A session's answer, which ends at this byte of the output.
    private struct WaitingAnswer {
        /// Its place in the table keeps it alive: it leaves it between turns.
        let session: Unmanaged<Session>
        let end: Int
    }

    /// How many bytes a session has to say that is being served.
    var ownOutputBytes: Int { output.count &- outputStart }

    /// What a session has to say that is being served.
    var ownOutput: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: output.unsafeBytes[outputStart...])
    }

    /// What the session had to say is gone.
    func resetOwnOutput(keeping capacity: Int = .max) {
        if outputStart == 0 { output.reset(keeping: capacity) } else { output.truncate(to: outputStart) }
    }

    /// More answers than a loop hands over reads at a time.
    private static let waitingAnswersMax = 64

    /// Has what the session had to say wait for ``sendAnswers()``. Answers whether it does: only so many can.
    func holdAnswer(of session: Session) -> Bool {
        guard waitingAnswerCount < Self.waitingAnswersMax else { return false }
        outputStart = output.count
        (waitingAnswers + waitingAnswerCount).initialize(
            to: WaitingAnswer(session: .passUnretained(session), end: outputStart))
        waitingAnswerCount &+= 1
        session.isAnswerWaiting = true
        return true
    }

    /// Has the answers go that were given since the last call, to be called when several sessions have been
    /// delivered to, and before anything else happens: see ``Session/received(_:headroomBytes:)``.
    public func sendAnswers() {
        guard outputStart > 0 else { return }
        let bytes = output.unsafeBytes
        var start = 0
        for index in 0..<waitingAnswerCount {
            let answer = waitingAnswers[index]
            let own = UnsafeRawBufferPointer(rebasing: bytes[start..<answer.end])
            answer.session._withUnsafeGuaranteedRef { $0.sendAnswer(own) }
            start = answer.end
        }
        waitingAnswerCount = 0
        outputStart = 0
        output.reset(keeping: limits.outputBytesKept)
    }

    // MARK: Sessions

    /// Begins a session on a new connection. Nil where there are too many even to refuse it with words: the
    /// transport is closed then.
    public func open(_ transport: any Transport) -> Session? {
        let isRefused = sessions.count - refusals >= limits.connectionsMax || isStopping
        counts.acceptedConnections += 1
        if isRefused {
            counts.refusedConnections += 1
            if !isStopping { counts.countHit(.connections) }
        }
        guard !isRefused || refusals < limits.refusalsMax else {
            transport.close()
            return nil
        }
        let session = Session(host: self, transport: transport)
        session.hostIndex = UInt32(sessions.count)
        sessions.append(session)
        session.restartClock()
        if nextSweepNanoseconds == nil { nextSweepNanoseconds = deadline(in: limits.sweepMilliseconds) }
        if isRefused {
            session.isRefusal = true
            refusals += 1
            session.refuse(isStopping ? stoppingProblem : tooManyProblem)
            session.flush()
        }
        return session
    }

    private var tooManyProblem: Problem {
        Problem(.serviceUnavailable, "All \(limits.connectionsMax) connections of this server are in use.")
    }

    private var stoppingProblem: Problem {
        Problem(.serviceUnavailable, "This server is being stopped.")
    }

    /// Counts that the driver had no descriptor left for another connection.
    public func noteDescriptorsExhausted() { counts.countHit(.descriptors) }

    func remove(_ session: Session) {
        if session.isRefusal { refusals -= 1 }
        let last = sessions.removeLast()
        if last !== session {
            sessions[Int(session.hostIndex)] = last
            last.hostIndex = session.hostIndex
        }
        if sessions.isEmpty { nextSweepNanoseconds = nil }
    }

    /// Has a session go on in the next turn.
    func enqueue(_ session: Session) {
        guard !session.isQueued else { return }
        session.isQueued = true
        queue.append(session)
    }

    // MARK: Turns

    /// Does what the turn has left to do, within its bounds. Answers whether work is left, so that the driver
    /// calls again after it has looked for input, without waiting.
    public func finishTurn() -> Bool {
        precondition(outputStart == 0, "answers wait to be sent")
        if !queue.isEmpty { resumeQueued() }
        sweep()
        let applicationHasMore = served._withUnsafeGuaranteedRef { $0.finishTurn() }
        return applicationHasMore || queueStart < queue.count
    }

    private func resumeQueued() {
        var left = min(limits.resumedSessionsMax, queue.count - queueStart)
        while left > 0 {
            left -= 1
            let session = queue[queueStart]
            queueStart += 1
            session.isQueued = false
            session.resume()
        }
        if queueStart == queue.count {
            queue.removeAll(keepingCapacity: true)
            queueStart = 0
        } else if queueStart > 1_024 {
            queue.removeFirst(queueStart)
            queueStart = 0
        }
    }

    /// Looks at the deadlines of some sessions, all of them once in a sweep's time. Setting a deadline costs
    /// a request one store; this is what it saves.
    private func sweep() {
        guard let due = nextSweepNanoseconds, due <= time.nanoseconds else { return }
        let hasToStop = stopDeadlineNanoseconds.map { $0 <= time.nanoseconds } ?? false
        var left = min(limits.sweepSessionsMax, sessions.count)
        while left > 0, !sessions.isEmpty {
            left -= 1
            if sweepIndex >= sessions.count { sweepIndex = 0 }
            let session = sessions[sweepIndex]
            sweepIndex += 1
            if hasToStop {
                counts.countHit(.stopTime)
                session.drop()
            } else if session.deadlineNanoseconds <= time.nanoseconds {
                session.expire()
            }
        }
        let slices = UInt64((sessions.count + limits.sweepSessionsMax - 1) / limits.sweepSessionsMax)
        let pause = isStopping ? limits.stopIdleMilliseconds / 5 : limits.sweepMilliseconds
        nextSweepNanoseconds = sessions.isEmpty ? nil : deadline(in: max(1, pause / max(1, slices)))
    }

    // MARK: Stopping

    /// Begins to stop: what is under way is answered, connections without a request are closed after a
    /// moment, WebSockets are closed with 1001. The driver no longer opens sessions, and is done when
    /// ``sessionCount`` is 0, at the latest soon after ``SessionLimits/stopMilliseconds``.
    public func stop() {
        guard !isStopping else { return }
        isStopping = true
        stopDeadlineNanoseconds = deadline(in: limits.stopMilliseconds)
        application.willStop()
        for session in sessions {
            if session.isWebSocket {
                session.closeWebSocket(.goingAway, reason: "The server is being stopped.")
            } else if session.isOpenEnded {
                session.endStream()
            } else if session.isIdle {
                session.restartClock()
            }
        }
        if !sessions.isEmpty { nextSweepNanoseconds = time.nanoseconds }
    }
}
