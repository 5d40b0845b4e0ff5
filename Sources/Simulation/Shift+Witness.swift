import Orders
import Platform
import Sessions

/// What the platform does between the question and the answer.
extension Shift: PlatformWitness {
    /// Chance has decided on a request: what comes of it is known from here on, whenever it is answered.
    package func saw(_ verdict: FaultPlan.Verdict, on session: Session) {
        guard fault == nil else { return }
        // What others were told in this turn came before.
        for participant in touched { hearAnswers(participant) }
        adoptRuns()
        if model.events.count != Int(platform.lastSequence) {
            fail("\(platform.lastSequence) events have happened, not \(model.events.count)")
        }
        if !faults.agrees(with: verdict) { fail("chance was to decide otherwise than \(verdict)") }
        guard let participant = participants.first(where: { $0.session === session }),
            let index = participant.questions.firstIndex(where: { $0.isAboutOrders && !$0.isDecided })
        else {
            fail("chance decided on a request that nobody has made")
            return
        }
        var question = participant.questions[index]
        question.isDecided = true
        question.outcome = verdict.isRefused ? .refused : decide(question)
        if case .list = question.kind, !verdict.isRefused {
            question.outcome = .listed(sequence: model.events.count)
        }
        if !verdict.isRefused {
            question.isResetDue = verdict.isReset
            if !verdict.isReset, verdict.delayMilliseconds > 0 {
                question.heldUntilNanoseconds = now + UInt64(verdict.delayMilliseconds) * 1_000_000
            }
        }
        participant.questions[index] = question
    }

    package func sawProgress(of session: Session, since sequence: UInt64) {
        guard platform.lastSequence > sequence,
            let participant = participants.first(where: { $0.session === session })
        else { return }
        let events = (sequence + 1...platform.lastSequence).map { platform.event($0) }
        runs.append(ForeignRun(start: Int(sequence), events: events, participant: participant))
    }

    // MARK: What long answers change

    /// Takes over what long answers have changed, as far as it comes next. Answers whether there was any.
    @discardableResult
    func adoptRuns(before participant: Participant? = nil) -> Bool {
        var isAny = false
        while adoptRun(before: participant) { isAny = true }
        return isAny
    }

    /// Takes over what one of them has changed, if it comes next; for one whose answer is being heard only
    /// what did not come behind that. Answers whether there was any.
    func adoptRun(before participant: Participant?) -> Bool {
        guard fault == nil, let run = runs.first, run.start == model.events.count else { return false }
        if run.participant === participant, participant?.questions.first?.isLong == false { return false }
        runs.removeFirst()
        for event in run.events { adopt(event, run.participant) }
        return true
    }

    /// The same at the end of what has been heard.
    func adoptAllRuns() {
        let isAny = adoptRuns()
        if let run = runs.first { fail("client \(run.participant.number) has changed something unseen") }
        // Where others changed something in the same turn, nobody knows who came first.
        for participant in joined where isAny { participant.liveEvent = model.events.count }
        joined = []
    }

    private func adopt(_ event: OrderEvent, _ participant: Participant) {
        let id = Int(event.orderID)
        let isRight =
            switch event.status {
            case .pending: false
            case .executed: participant.isOperator && model.execute(id, atNanoseconds: marketNow)
            case .cancelled: adoptCancellation(id, participant)
            }
        if !isRight { fail("client \(participant.number) has made order \(id) \(event.status.name)") }
    }

    /// One of the cancellations of a request for many: an order that is meant, after those before it.
    private func adoptCancellation(_ id: Int, _ participant: Participant) -> Bool {
        for index in participant.questions.indices {
            guard case .cancelAll(let listing) = participant.questions[index].kind else { continue }
            guard let order = model.order(id), order.status == .pending,
                listing.means(stocksJSON: order.stocksJSON),
                id > participant.questions[index].cancelledID
            else { return false }
            participant.questions[index].cancelledID = id
            participant.questions[index].cancelledCount += 1
            model.cancel(id)
            return true
        }
        return false
    }

    // MARK: What requests come to

    /// What a request comes to at this moment, where that is one thing; the oracle changes with it.
    func decide(_ question: Question) -> Outcome? {
        switch question.kind {
        case .place(let placement): return decidePlaced(placement)
        case .show(let id):
            return model.order(id).map { .shown($0.status, sequence: model.events.count) } ?? .unknown
        case .cancel(let id):
            switch model.order(id)?.status {
            case nil: return .unknown
            case .executed?: return .executed
            case .cancelled?: return .cancelled
            case .pending?:
                model.cancel(id)
                return .cancelled
            }
        default: return nil
        }
    }

    /// Whether a request will have changed an order, if nobody has before.
    func makesEvent(_ question: Question) -> Bool {
        switch question.kind {
        case .place(let placement):
            let isKnown = placement.key.map { keys.orderID($0, now) != nil } ?? false
            return !isKnown && model.entries.count < conditions.settings.ordersMax
        case .cancel(let id): return model.order(id)?.status == .pending
        default: return false
        }
    }

    private func decidePlaced(_ placement: Placement) -> Outcome {
        let stocks = placement.stocks.told
        if let key = placement.key, let id = keys.orderID(key, now) {
            let order = model.entries[id - 1]
            let isSame = order.stocksJSON == stocks && order.quantity == placement.quantity
            return isSame ? .placed(id: id, isReplayed: true) : .otherOrder
        }
        guard model.entries.count < conditions.settings.ordersMax else { return .full }
        let id = model.place(
            stocksJSON: stocks, quantity: placement.quantity, delayMilliseconds: placement.delayMilliseconds,
            atNanoseconds: marketNow)
        if let key = placement.key {
            keys.remember(key, id: id, now)
            known.note(placement, &generator)
        }
        return .placed(id: id, isReplayed: false)
    }
}
