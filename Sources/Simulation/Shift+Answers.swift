import Bytes
import HTTP1

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
            let response = participant.nextResponse(toHead: question.isHead && isWhole)
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
                judge(response, to: participant.takeQuestion(), of: participant)
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
        let isRight =
            switch question.kind {
            case .place(let stocks, let quantity): judgePlaced(response, stocks, quantity)
            case .show(let id): judgeShown(response, id, question)
            case .cancel(let id): judgeCancelled(response, id)
            case .list: judgeList(response, question)
            case .health: judgeHealth(response, question)
            case .handshake: judgeHandshake(response, participant)
            case .fixed(let status), .unreadable(let status): response.status == status
            }
        if !isRight {
            fail(
                "client \(participant.number) asked \(question.kind), and was answered \(response.status) "
                    + "\(response.reason) \(response.text)")
            return
        }
        guard response.chunkSizes == nil else {
            checkClosing(response, of: participant)
            return
        }
        let told = response["Date"]
        if told != date { fail("the date is \(told ?? "missing"), not \(date)") }
        if response.status != 101, response.status != 426 {
            let closes = question.closes || isStopping
            let expected = closes ? "close" : question.keepsAlive ? "keep-alive" : nil
            if response["Connection"] != expected {
                fail("client \(participant.number) was told wrongly whether the connection stays")
            }
        }
        checkClosing(response, of: participant)
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

    private func judgePlaced(_ response: Response, _ stocks: String, _ quantity: Int64) -> Bool {
        guard model.entries.count < conditions.settings.ordersMax else { return response.status == 503 }
        let id = model.place(stocksJSON: stocks, quantity: quantity, atNanoseconds: now)
        return response.status == 201 && response["Location"] == "/orders/\(id)"
            && response.text == model.row(id)
    }

    private func judgeShown(_ response: Response, _ id: Int, _ question: Question) -> Bool {
        guard model.order(id) != nil else { return response.status == 404 }
        return response.status == 200 && response.text == (question.isHead ? "" : model.row(id))
    }

    private func judgeCancelled(_ response: Response, _ id: Int) -> Bool {
        guard let order = model.order(id) else { return response.status == 404 }
        switch order.status {
        case .executed: return response.status == 409
        case .cancelled: return response.status == 204
        case .pending:
            model.cancel(id)
            return response.status == 204
        }
    }

    private func judgeList(_ response: Response, _ question: Question) -> Bool {
        guard response.status == 200 else { return false }
        if question.isHead { return true }
        if response.chunkSizes == nil { return response.text == model.list }
        // It was written in parts, each of them right when it was written: what is pending there may have
        // come to its end meanwhile.
        var rest = Substring(response.text)
        var id = 0
        while id < model.entries.count {
            guard rest.hasPrefix(id == 0 ? "[" : ", ") else { break }
            rest = rest.dropFirst(id == 0 ? 1 : 2)
            id += 1
            let rows = [model.row(id), model.entries[id - 1].json(id: id, status: .pending)]
            guard let row = rows.first(where: { rest.utf8.starts(with: $0.utf8) }) else { return false }
            rest = Substring(rest.utf8.dropFirst(row.utf8.count))
        }
        return rest == "]" && id > Int(conditions.work.rowsPerPartMax)
    }

    private func judgeHealth(_ response: Response, _ question: Question) -> Bool {
        // A server that is being stopped may say that it is not well.
        guard response.status == 200 else { return response.status == 503 && isStopping }
        if question.isHead { return true }
        let parts = [
            "\"connections\": \(participants.count { !$0.line.isClosed })",
            "\"subscribers\": \(participants.count { $0.isSubscribed && !$0.line.isClosed })",
            "\"PENDING\": \(model.count(.pending))", "\"EXECUTED\": \(model.count(.executed))",
            "\"CANCELLED\": \(model.count(.cancelled))",
        ]
        return parts.allSatisfy { part in
            response.text.contains("\(part),") || response.text.contains("\(part)}")
        }
    }

    private func judgeHandshake(_ response: Response, _ participant: Participant) -> Bool {
        if isStopping { return response.status == 503 }
        participant.speech = .webSocket
        participant.isSubscribed = true
        participant.nextEvent = model.events.count
        // The example of RFC 6455 section 1.3.
        return response.status == 101 && response["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
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
