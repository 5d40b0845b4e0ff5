import Orders
import Platform

/// Time and failure in the hands of some clients.
extension Shift {
    /// Has the oracle do what has been asked for as soon as it has arrived: those who ask do nothing else, so
    /// that nothing else has happened since.
    func applyControl() {
        for participant in participants where participant.isOperator {
            guard let question = participant.questions.first, !question.isDecided,
                participant.deliveredCount >= question.end, case .control(let request) = question.kind
            else { continue }
            participant.questions[0].isDecided = true
            guard conditions.settings.isControllable else { continue }
            switch request {
            case .look: break
            case .clock(let change): clock.apply(change, now)
            case .faults(let change): apply(change)
            case .reset: beginAnew()
            }
        }
    }

    private func apply(_ change: FaultChange) {
        let wereActing = faults.actsOnRequests
        faults.apply(change)
        mayDropSubscribers = mayDropSubscribers || faults.dropSubscriber > 0
        guard faults.actsOnRequests, !wereActing else { return }
        // What is under way already is not decided on any more.
        for participant in participants
        where participant.session?.isReplying == true && !participant.questions.isEmpty {
            participant.questions[0].isDecided = true
        }
    }

    private func beginAnew() {
        note("the market is reset")
        pastOrderCount += model.entries.count
        model = OrderModel(delays: conditions.delays)
        clock = MarketModel(openedAt: now)
        faults = FaultModel()
        keys = KeyModel(countMax: conditions.work.idempotencyKeysMax)
        checkedEvents = 0
        for participant in participants {
            participant.isSubscribed = false
            if participant.followsFeed { participant.isOutdated = true }
            let isReplying = participant.session?.isReplying == true
            for index in participant.questions.indices {
                participant.questions[index].askedSequence = 0
                participant.questions[index].askedOrderCount = 0
                // What is under way is about a market that is no more.
                if isReplying, index == 0 { participant.questions[0].isResetDue = true }
            }
        }
    }

    /// The state of the control has to be told to the byte, but for when it will next look for due orders.
    func judgeControl(_ response: Response, _ request: ControlRequest) -> Bool {
        guard conditions.settings.isControllable else { return response.status == 404 }
        let market = marketNow
        let start =
            "{\"clock\": {\"nowMs\": \(clock.milliseconds(market)), \"paused\": \(clock.isPaused), "
            + "\"speed\": \(Decimal.text(clock.speedThousandths))}, \"faults\": \(faults.json), \"orders\": "
            + "{\"PENDING\": \(model.count(.pending)), \"EXECUTED\": \(model.count(.executed)), "
            + "\"CANCELLED\": \(model.count(.cancelled))}, \"lastSequence\": \(model.events.count), "
            + "\"pendingDelays\": \(model.waitingCount), \"nextDueMs\": "
        guard response.status == 200, response.text.hasPrefix(start) else { return false }
        let rest = response.text.dropFirst(start.count)
        guard let due = model.firstDueNanoseconds else { return rest == "null}" }
        if case .clock = request, due <= market { return false }
        guard rest.last == "}", let told = UInt64(rest.dropLast()) else { return false }
        return told <= clock.milliseconds(due)
    }
}
