import Platform

/// What has to be so at any moment, and what when no work is left.
extension Shift {
    /// The longest that anybody can be silent, in time that is seen to pass, before it is given up: the
    /// longest of the time-outs, or two of them that follow one another, and what it takes to notice.
    private static let silenceNanosecondsMax: UInt64 = 90_000_000_000

    /// The longest that a stream can be silent, with what it takes to notice.
    private static let heartbeatNanosecondsMax: UInt64 = 20_000_000_000

    /// How long it takes at most to look at all sessions, while the server is being stopped: where one is
    /// looked at in a turn, and those who go change the places of others, many times the pause between looks.
    static let sweepNanosecondsMax: UInt64 = 600_000_000

    // MARK: At any moment

    func check() {
        for violation in network.violations { fail("the host broke a promise: \(violation)") }
        var heldBytes = 0
        for participant in participants { heldBytes += check(participant) }
        if heldBytes > conditions.sessions.heldBytesMax { fail("\(heldBytes) bytes are held for all") }
        let gone = participants.filter { $0.line.isClosed }
        if !gone.isEmpty {
            participants.removeAll { $0.line.isClosed }
            departed += gone
        }
        if network.host.sessionCount != participants.count {
            fail("\(network.host.sessionCount) sessions for \(participants.count) connections")
        }
        let subscribers = participants.count { $0.isSubscribed }
        if platform.subscriberCount != subscribers {
            fail("\(platform.subscriberCount) subscribers, not \(subscribers)")
        }
        if platform.lastSequence + 1 - platform.firstSequence > UInt64(conditions.work.eventsMax) {
            fail("the log holds more than it may")
        }
    }

    /// Answers how many bytes are held for a client.
    private func check(_ participant: Participant) -> Int {
        let line = participant.line
        for violation in line.violations { fail("client \(participant.number): \(violation)") }
        if line.isShutDown, participant.shutDownNanoseconds == nil { participant.shutDownNanoseconds = now }
        if line.isClosing {
            if !participant.isVanished { checkEnding(participant) }
            return 0
        }
        if line.isBlocked, line.isReading {
            fail("client \(participant.number) is read while it does not read")
        }
        if line.queuedBytes > queuedBytesMax { fail("\(line.queuedBytes) bytes wait for one client") }
        guard let session = participant.session else {
            fail("client \(participant.number) has no session")
            return 0
        }
        let kept = session.keptInputBytes
        let keptMax = conditions.sessions.headroomBytes + (session.holdsInput ? Network.deliveryBytesMax : 0)
        if kept > keptMax || session.collectedBodyBytes > conditions.sessions.http.bodyBytesMax {
            fail("client \(participant.number): \(kept) bytes are kept")
        }
        return line.queuedBytes + kept + session.collectedBodyBytes
    }

    /// What a session collects before it writes, and one answer more: a part or a page of a list at most.
    private var queuedBytesMax: Int {
        let rows = min(model.entries.count, max(1_000, Int(conditions.work.rowsPerPartMax)))
        return conditions.sessions.outputBytesMax + rows * 200 + 32_768
    }

    /// No connection is ended without a reason that the limits name.
    private func checkEnding(_ participant: Participant) {
        let limits = conditions.sessions
        func passed(_ milliseconds: UInt64, since nanoseconds: UInt64?) -> Bool {
            nanoseconds.map { now >= $0 + milliseconds * 1_000_000 } ?? false
        }
        let line = participant.line
        let life = participant.lastLifeNanoseconds
        var isRight = passed(limits.stopMilliseconds, since: stopNanoseconds)
        if participant.client.hasToldEnd {
            // What it asked for before is still answered.
            let isAnswered = participant.questions.allSatisfy { $0.end > participant.deliveredCount }
            isRight = isRight || isAnswered && !line.wasBlocked
        }
        if line.wasBlocked {
            isRight = isRight || line.isReset && passed(limits.stallMilliseconds, since: life)
        } else {
            switch participant.speech {
            case .http:
                isRight = isRight || passed(limits.idleMilliseconds, since: life)
                if let stopNanoseconds {
                    isRight =
                        isRight || passed(limits.stopIdleMilliseconds, since: max(life, stopNanoseconds))
                }
            case .webSocket:
                isRight = isRight || passed(limits.pongMilliseconds, since: participant.pingedNanoseconds)
            case .stream: break
            case .over:
                let allowed = min(limits.lingerMilliseconds, limits.closeMilliseconds)
                isRight = isRight || passed(allowed, since: participant.overNanoseconds)
            }
        }
        if line.isReset {
            isRight = isRight || participant.isResetDue || participant.followsFeed && mayDropSubscribers
        }
        if !isRight {
            let state = line.wasBlocked ? "blocked" : "not blocked"
            fail(
                "client \(participant.number) was cut off without a reason: \(participant.speech), \(state), "
                    + "\(now - life) ns after its last sign of life")
        }
        noteLeaver(participant)
        participant.isVanished = true
    }

    // MARK: When no work is left

    func checkSettled() {
        if let due = model.firstDueNanoseconds {
            if due <= marketNow { fail("an order is due since \(due) ns at \(marketNow) ns") }
            // At another speed than the host's it may be a nanosecond more.
            if let moment = clock.hostTime(due), (network.host.nextDeadlineNanoseconds ?? .max) > moment + 1 {
                fail("nobody waits for \(due) ns")
            }
        }
        if !participants.isEmpty, network.host.nextDeadlineNanoseconds == nil {
            fail("nobody looks after the sessions any more")
        }
        for participant in participants where !participant.line.isClosing { checkSettled(participant) }
        if let stopNanoseconds, !participants.isEmpty {
            let end = max(stopNanoseconds + conditions.sessions.stopMilliseconds * 1_000_000, leapNanoseconds)
            if now > end + Shift.sweepNanosecondsMax {
                fail("\(participants.count) connections outlive the stop")
            }
        }
    }

    private func checkSettled(_ participant: Participant) {
        let line = participant.line
        let name = "client \(participant.number)"
        if let heldUntil = participant.heldUntilNanoseconds, now < heldUntil {
            if (network.host.nextDeadlineNanoseconds ?? .max) > heldUntil { fail("\(name) is forgotten") }
            return
        }
        if now > participant.silentSinceNanoseconds + Shift.silenceNanosecondsMax {
            fail("\(name) is silent since \(participant.lastLifeNanoseconds) ns, and still there")
        }
        guard !line.isBlocked, participant.speech != .over else { return }
        if !line.isReading, !participant.client.hasToldEnd { fail("\(name) is no longer read") }
        let delivered = participant.deliveredCount
        if participant.client.undeliveredCount > 0 { fail("\(name) is not delivered") }
        if let question = participant.questions.first, participant.speech == .http {
            if question.end <= delivered { fail("\(name) asked \(question.kind) and was not answered") }
            let isAwaited = question.awaitsContinue && !question.isContinued
            if isAwaited, question.headEnd <= delivered, participant.speech == .http {
                fail("\(name) waits to be asked for its body")
            }
        }
        if participant.followsFeed { checkHeard(participant) }
        if participant.speech == .webSocket, let frame = participant.frames.first, frame.end <= delivered {
            fail("\(name) said something and was not answered with \(frame.kind)")
        }
    }

    private func checkHeard(_ participant: Participant) {
        let name = "client \(participant.number)"
        if isStopping { fail("\(name) follows a server that is being stopped, and was not told") }
        if participant.isOutdated { fail("\(name) follows a market that is no more, and was not told") }
        if !hasHeardAll(participant) {
            fail("\(name) has heard \(participant.nextEvent) of \(model.events.count) events")
        }
        participant.hasLagged = false
        let end = participant.silentSinceNanoseconds + Shift.heartbeatNanosecondsMax
        if participant.speech == .stream, now > end { fail("\(name) was sent no heartbeat") }
    }
}
