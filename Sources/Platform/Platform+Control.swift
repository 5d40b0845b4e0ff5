import Bytes
import HTTP1
import Orders
import Sessions

/// Control over time and failure, for tests of clients: there only where the settings allow it.
extension Platform {
    func control(
        _ route: Route, _ answer: Answer, _ head: Span<UInt8>, _ body: Span<UInt8>, on session: Session,
        into output: inout ByteWriter
    ) -> Reply {
        guard settings.isControllable else {
            let problem = Problem(
                .notFound, "This server is not controllable; start it with --control to have it so.")
            return refuse(problem, answer, head, into: &output)
        }
        guard answer.origin != .foreign else { return refuseOrigin(answer, head, into: &output) }
        if case .control = route {
            answerControl(answer, head, into: &output)
            return .done
        }
        var content = ControlBody()
        if let problem = content.read(body) { return refuse(problem, answer, head, into: &output) }
        switch route {
        case .controlClock:
            let change = ClockChange(&content)
            if let problem = Problem(parameters: content.errors) {
                return refuse(problem, answer, head, into: &output)
            }
            change.apply(to: &clock, atHost: host.nowNanoseconds)
            return start(ClockReply(answer, head, era: era), on: session, into: &output)
        case .controlFaults:
            var plan = faults
            plan.change(&content)
            if let problem = Problem(parameters: content.errors) {
                return refuse(problem, answer, head, into: &output)
            }
            faults = plan
            feed.dropsSubscriber =
                plan.dropSubscriber > 0 ? { [unowned self] in faults.dropsSubscriber() } : nil
        default:
            for member in content.members { content.refuse(member.name, "is not known here") }
            if let problem = Problem(parameters: content.errors) {
                return refuse(problem, answer, head, into: &output)
            }
            reset()
        }
        answerControl(answer, head, into: &output)
        return .done
    }

    /// Begins anew: three orders, the sequence at 0, the clock running from 0, no faults. Who followed the
    /// feed is told to come back, at the turn's end: the output is in use.
    private func reset() {
        era += 1
        store = Platform.makeStore(settings, work)
        clock = openedClock()
        faults = FaultPlan()
        feed.dropsSubscriber = nil
        idempotencyKeys = IdempotencyKeys(countMax: work.idempotencyKeysMax)
        feed.reset(.serviceRestart, reason: "The market was reset. Connect again.")
    }

    /// Has the market's clock leap, by at most ``DelayPolicy/delayMillisecondsMax``. What falls due by it is
    /// executed from the turn's end on, or by ``executeDue()``.
    package func leap(milliseconds: UInt64) {
        clock.advance(milliseconds: milliseconds, atHost: host.nowNanoseconds)
    }

    // MARK: The state

    /// Appends an answer that tells how the control stands.
    func answerControl(_ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter) {
        scratch.reset()
        let market = marketNow
        scratch.append("{\"clock\": {\"nowMs\": ")
        scratch.append(decimal: clock.milliseconds(market))
        scratch.append(clock.isPaused ? ", \"paused\": true" : ", \"paused\": false")
        append(", \"speed\": ", Double(clock.speedThousandths) / 1_000)
        scratch.append("}, \"faults\": {\"seed\": ")
        scratch.append(decimal: faults.seed)
        append(", \"refuse\": ", faults.refuse)
        append(", \"delay\": ", faults.delay)
        append(", \"delayMinMs\": ", Double(faults.delayMinMilliseconds))
        append(", \"delayMaxMs\": ", Double(faults.delayMaxMilliseconds))
        append(", \"reset\": ", faults.reset)
        append(", \"dropSubscriber\": ", faults.dropSubscriber)
        scratch.append("}, \"orders\": ")
        appendOrderCounts(to: &scratch)
        scratch.append(", \"lastSequence\": ")
        scratch.append(decimal: store.log.lastSequence)
        scratch.append(", \"pendingDelays\": ")
        scratch.append(decimal: store.scheduledCount)
        scratch.append(", \"nextDueMs\": ")
        if let due = store.nextExecutionNanoseconds(looksMax: work.rowsExaminedMax) {
            scratch.append(decimal: clock.milliseconds(due))
        } else {
            scratch.append("null")
        }
        scratch.append("}")
        begin(.ok, answer, head, into: &output)
        output.append("Cache-Control: no-store\r\n")
        output.endHead(contentType: "application/json", contentLength: scratch.count)
        if !answer.request.isHead { output.append(scratch.unsafeBytes) }
    }

    private func append(_ name: StaticString, _ number: Double) {
        scratch.append(name)
        for byte in ControlBody.text(number).utf8 { scratch.append(byte) }
    }

    // MARK: Faults

    /// Answers a request about orders as the fault plan has it.
    func respondFaultily(
        _ answer: Answer, _ route: Route, _ head: Span<UInt8>, _ body: Span<UInt8>, on session: Session,
        into output: inout ByteWriter
    ) -> Reply {
        let verdict = faults.nextVerdict()
        witness?.saw(verdict, on: session)
        if verdict.isRefused {
            let problem = Problem(
                .serviceUnavailable, "This is one of the faults that were asked for; nothing was changed.")
            return refuse(problem, answer, head, fields: "Retry-After: 1\r\n", into: &output)
        }
        let start = output.count
        let reply = serve(answer, route, head, body, on: session, into: &output)
        if verdict.isReset {
            session.attachment = nil
            output.truncate(to: start)
            host.withdrawAnswer()
            session.closeAfterReply()
            session.drop()
            return .done
        }
        guard verdict.delayMilliseconds > 0 else { return reply }
        session.attachment = DelayedReply(
            &output, from: start, next: reply, nextAttachment: session.attachment, answer, head, era: era)
        delayed.insert(
            session, dueNanoseconds: host.nowNanoseconds + UInt64(verdict.delayMilliseconds) * 1_000_000)
        return .later
    }
}

/// What a request changes about the market's clock.
private struct ClockChange {
    var isPaused: Bool?
    var speedThousandths: UInt64?
    var advanceMilliseconds: UInt64?

    init(_ content: inout ControlBody) {
        for (name, value) in content.members {
            switch (name, value) {
            case ("paused", .boolean(let isPaused)):
                self.isPaused = isPaused
            case ("paused", _):
                content.refuse(name, "must be true or false")
            case ("speed", _):
                guard let speed = content.number(name, value, in: 0.001...1_000) else { continue }
                speedThousandths = UInt64((speed * 1_000).rounded())
            case ("advanceMs", _):
                let range = 0...Double(DelayPolicy.delayMillisecondsMax)
                guard let milliseconds = content.number(name, value, in: range, isWhole: true) else {
                    continue
                }
                advanceMilliseconds = UInt64(milliseconds)
            default:
                content.refuse(name, "is not known here: paused, speed and advanceMs are")
            }
        }
    }

    func apply(to clock: inout MarketClock, atHost now: UInt64) {
        // Whoever stops the clock and has it leap in one request means to count from a stop.
        if let isPaused { clock.setPaused(isPaused, atHost: now) }
        if let speedThousandths { clock.setSpeed(thousandths: speedThousandths, atHost: now) }
        if let advanceMilliseconds { clock.advance(milliseconds: advanceMilliseconds, atHost: now) }
    }
}

extension FaultPlan {
    /// Takes in what a request names, and leaves the rest.
    fileprivate mutating func change(_ content: inout ControlBody) {
        let delays = 0...Double(FaultPlan.delayMillisecondsMax)
        for (name, value) in content.members {
            switch name {
            case "seed":
                // What every JSON reader keeps exact.
                let range = 0...Double(OrderStore.quantityMax)
                if let seed = content.number(name, value, in: range, isWhole: true) {
                    begin(seed: UInt64(seed))
                }
            case "refuse": refuse = content.number(name, value, in: 0...1) ?? refuse
            case "delay": delay = content.number(name, value, in: 0...1) ?? delay
            case "delayMinMs":
                let number = content.number(name, value, in: delays, isWhole: true)
                delayMinMilliseconds = number.map { UInt32($0) } ?? delayMinMilliseconds
            case "delayMaxMs":
                let number = content.number(name, value, in: delays, isWhole: true)
                delayMaxMilliseconds = number.map { UInt32($0) } ?? delayMaxMilliseconds
            case "reset": reset = content.number(name, value, in: 0...1) ?? reset
            case "dropSubscriber":
                dropSubscriber = content.number(name, value, in: 0...1) ?? dropSubscriber
            default: content.refuse(name, "is not known here")
            }
        }
        if delayMinMilliseconds > delayMaxMilliseconds {
            let limit = "must be at most delayMaxMs, which is \(delayMaxMilliseconds)"
            content.refuse("delayMinMs", "\(limit), not \(delayMinMilliseconds)")
        }
    }
}
