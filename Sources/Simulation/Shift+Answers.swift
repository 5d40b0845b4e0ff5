import Bytes
import HTTP1
import Orders

/// Each answer has to be the right one for its request, and come in its turn.
extension Shift {
    /// Reads the answers that a client has been given, and does to the oracle what they tell of.
    func hearAnswers(_ participant: Participant) {
        while participant.speech == .http, participant.unheardCount > 0, fault == nil {
            guard let question = participant.questions.first else {
                fail("client \(participant.number) was answered without a question")
                return
            }
            let delivered = participant.deliveredCount
            let isWhole = delivered >= question.end
            let response = participant.nextResponse(
                toHead: question.isHead && isWhole, asStream: question.asksForStream)
            if response.status == 0 { break }
            note("is answered", participant, response.status)
            if response.status == 100 {
                if !question.awaitsContinue || question.isContinued || delivered < question.headEnd || isWhole
                {
                    fail("client \(participant.number) was asked for a body at the wrong time")
                }
                participant.noteContinued()
            } else if response.status == 408, delivered < question.end {
                checkTimeout(question, participant)
            } else if delivered < question.earliest {
                fail("client \(participant.number) was answered \(response.status) before it had asked")
            } else {
                judge(response, to: question, of: participant)
            }
        }
        if participant.speech == .http, participant.unheardCount > 0, participant.questions.isEmpty {
            fail("client \(participant.number) was told half of something")
        }
    }

    private func checkTimeout(_ question: Question, _ participant: Participant) {
        guard let begun = question.begunNanoseconds else {
            fail("client \(participant.number) was told to hurry before it had begun")
            return
        }
        let limits = conditions.sessions
        let elapsed = now - begun
        if elapsed < min(limits.headMilliseconds, limits.bodyMilliseconds) * 1_000_000 {
            fail("client \(participant.number) was given up after \(elapsed) ns")
        }
        participant.finish(nowNanoseconds: now)
    }

    private func judge(_ response: Response, to question: Question, of participant: Participant) {
        if question.isResetDue || question.heldUntilNanoseconds.map({ now < $0 }) ?? false {
            fail("client \(participant.number) asked \(question.kind), and was to be answered later or never")
            return
        }
        if !isRight(response, to: question, of: participant) {
            fail(
                "client \(participant.number) asked \(question.kind), and was answered \(response.status) "
                    + "\(response.reason) \(response.fields.map { "\($0.name): \($0.value)" }) "
                    + "\(response.text), after \(model.events.count) events, \(question)")
            return
        }
        _ = participant.takeQuestion()
        guard response.chunkSizes == nil, question.heldUntilNanoseconds == nil else {
            checkClosing(response, of: participant)
            return
        }
        let told = response["Date"]
        if told != date { fail("the date is \(told ?? "missing"), not \(date)") }
        if response.status != 101, response.status != 426 {
            let closes = question.closes || isStopping || participant.speech == .stream
            let expected = closes ? "close" : question.keepsAlive ? "keep-alive" : nil
            if response["Connection"] != expected {
                fail("client \(participant.number) was told wrongly whether the connection stays")
            }
        }
        if participant.speech != .stream { checkClosing(response, of: participant) }
    }

    private func isRight(_ response: Response, to question: Question, of participant: Participant) -> Bool {
        if question.outcome == .refused {
            return response.status == 503 && response["Retry-After"] == "1"
        }
        var outcome = question.outcome
        if outcome == nil, question.changesOrders {
            // Its event is the next, or one behind those that others have made before.
            if makesEvent(question) { adoptRuns(before: participant) }
            outcome = decide(question)
        }
        if isRight(response, to: question, outcome, of: participant) { return true }
        // It may have been answered after others had changed something, and before they changed more.
        while adoptRun(before: participant) {
            if isRight(response, to: question, outcome, of: participant) { return true }
        }
        return false
    }

    private func isRight(
        _ response: Response, to question: Question, _ outcome: Outcome?, of participant: Participant
    ) -> Bool {
        switch question.kind {
        case .place: judgePlaced(response, outcome)
        case .show(let id): judgeShown(response, id, outcome ?? decide(question), question)
        case .cancel: judgeCancelled(response, outcome)
        case .list(let listing): judgeList(response, listing, question)
        case .cancelAll(let listing): judgeCancelAll(response, listing, participant.questions[0])
        case .health: judgeHealth(response, question, of: participant)
        case .follow(let following): judgeFollow(response, following, participant)
        case .control(let request): judgeControl(response, request)
        case .fixed(let status): response.status == status || response.status == 503 && isStopping
        case .unreadable(let status): response.status == status
        }
    }

    /// Whoever is told that the connection closes is told nothing more.
    private func checkClosing(_ response: Response, of participant: Participant) {
        if response.fields.contains(where: { $0.name == "Connection" && $0.value == "close" }) {
            participant.finish(nowNanoseconds: now)
        }
        checkOver(participant)
    }

    /// The date by the calendar.
    private var date: String {
        var text = ByteWriter(capacity: HTTPDate.byteCount)
        HTTPDate(unixSeconds: network.unixSeconds).append(to: &text)
        return String(decoding: text.unsafeBytes, as: UTF8.self)
    }

    // MARK: Each request

    private func judgePlaced(_ response: Response, _ outcome: Outcome?) -> Bool {
        switch outcome {
        case .placed(let id, let isReplayed):
            response.status == 201 && response["Location"] == "/orders/\(id)"
                && response.text == model.entries[id - 1].json(id: id, status: .pending)
                && response["Idempotency-Replayed"] == (isReplayed ? "true" : nil)
        case .full: response.status == 503
        case .otherOrder: response.status == 422
        default: false
        }
    }

    private func judgeShown(
        _ response: Response, _ id: Int, _ outcome: Outcome?, _ question: Question
    ) -> Bool {
        guard case .shown(let status, let sequence) = outcome else {
            return outcome == .unknown && response.status == 404
        }
        guard let tag = response["ETag"], model.isTag(tag, of: id, status),
            response["Feed-Sequence"] == "\(sequence)"
        else { return false }
        let isKnown = question.knownTags == ["*"] || question.knownTags.contains(tag)
        let hasBody = !isKnown && !question.isHead
        let text = hasBody ? model.entries[id - 1].json(id: id, status: status) : ""
        guard response.status == (isKnown ? 304 : 200), response.text == text else { return false }
        model.note(tag: tag, of: id, status)
        known.note(tag: tag, of: id, &generator)
        return true
    }

    private func judgeCancelled(_ response: Response, _ outcome: Outcome?) -> Bool {
        switch outcome {
        case .unknown: response.status == 404
        case .executed: response.status == 409
        case .cancelled: response.status == 204
        default: false
        }
    }

    private func judgeHealth(
        _ response: Response, _ question: Question, of participant: Participant
    ) -> Bool {
        // A server that is being stopped may say that it is not well.
        guard response.status == 200 else { return response.status == 503 && isStopping }
        if question.isHead { return true }
        var parts = [
            "\"connections\": \(participants.count { !$0.line.isClosed })",
            "\"subscribers\": \(participants.count { $0.isSubscribed && !$0.line.isClosed })",
        ]
        // Where chance has decided on what it asked behind this, the oracle is ahead.
        if !participant.questions.dropFirst().contains(where: { $0.isDecided }) {
            parts += [OrderStatus.pending, .executed, .cancelled].map { "\"\($0.name)\": \(model.count($0))" }
        }
        return parts.allSatisfy { part in
            response.text.contains("\(part),") || response.text.contains("\(part)}")
        }
    }

    /// A connection beyond the limit, or while the server is being stopped, is told so and closed.
    func checkRefusal(_ participant: Participant) {
        let response = participant.nextResponse(toHead: false)
        if response.status != 503 || response["Connection"] != "close" {
            fail("client \(participant.number) was to be refused, and told \(response.status)")
        }
        participant.finish(nowNanoseconds: now)
        checkOver(participant)
        touched.removeAll { $0 === participant }
        participant.isTouched = false
        participant.forgetHeard()
    }
}
