/// What traders are answered, held against what the market was like since they asked.
extension Exchange {
    /// Reads what has been said.
    func hear() {
        for trader in traders { hear(trader) }
        for follower in followers { hear(follower) }
        traders.removeAll { $0.client.line.isClosing }
        followers.removeAll { $0.client.line.isClosing }
        endStopped()
    }

    private func hear(_ trader: SharedTrader) {
        let line = trader.client.line
        for violation in line.violations { fail("client \(trader.number): \(violation)") }
        guard line.arrivedCount != trader.heardCount || line.isClosing || line.isShutDown else { return }
        trader.heardCount = line.arrivedCount
        while let question = trader.questions.first {
            let response = trader.client.response()
            if response.status == 0 { break }
            trader.questions.removeFirst()
            trader.answeredNanoseconds = now
            note("is answered", trader.number, response.status)
            check(response, to: question, of: trader)
        }
        guard line.isClosing || line.isShutDown else {
            if trader.questions.isEmpty, !trader.client.unread.isEmpty {
                fail("client \(trader.number) hears what it has not asked")
            }
            return
        }
        checkEnding(trader)
        lose(trader.questions)
        trader.questions = []
        if !line.isClosing { trader.client.abandon() }
        trader.instance.isTouched = true
    }

    /// A connection is ended only where its server stops, or in the middle of a list that cannot be ended.
    private func checkEnding(_ trader: SharedTrader) {
        guard let question = trader.questions.first, trader.instance.stopNanoseconds == nil else { return }
        if case .list(_, _, nil, _) = question.kind, !trader.client.unread.isEmpty,
            trader.instance.wasTroubled(since: question.nanoseconds)
        {
            return
        }
        fail("client \(trader.number) is cut off without an answer")
    }

    private func check(_ response: Response, to question: SharedQuestion, of trader: SharedTrader) {
        if response.status == 503 || response.status == 504 {
            return checkRefusal(response, to: question, of: trader)
        }
        switch question.kind {
        case .place(let text, let delay, let key):
            if let key, response.status == 422 { return checkKey(key, text, question, response) }
            checkPlaced(response, question, text, delay, key)
        case .show(let id, let row, let tag):
            checkShown(response, question, id, row: row, tag: tag)
        case .cancel(let id):
            let rows = ledger.stored(id, from: question.tick, to: agenda.tick)
            let isRight =
                switch response.status {
                case 204: rows.contains { $0?.first == UInt8(ascii: "C") }
                case 409: rows.contains { $0?.first == UInt8(ascii: "E") }
                case 404: rows.contains(nil)
                default: false
                }
            if !isRight { fail("order \(id) is not cancelled with \(response.status)") }
        case .list: checkList(response, question)
        case .cancelAll(let text): checkCancelled(response, question, text, trader.instance)
        case .health: checkHealth(response, trader.instance)
        }
    }

    // MARK: Refusals

    private func checkRefusal(
        _ response: Response, to question: SharedQuestion, of trader: SharedTrader
    ) {
        if case .health = question.kind, trader.instance.stopNanoseconds == nil {
            return fail("no health: \(response.text)")
        }
        let isTroubled = trader.instance.wasTroubled(since: question.nanoseconds)
        let isRefusal = response.text.contains("The market refuses")
        var isKeyed = false
        var isPlacing = false
        if case .place(let text, _, let key) = question.kind {
            isPlacing = true
            isKeyed = key != nil
            if response.status == 503, !isKeyed {
                neverPlaced.insert(text)
                if ledger.placements[Array(text.utf8)] != nil { fail("\(text) is placed, and answered 503") }
            }
            if response.text.contains("The store is full") { return checkFull(response, question) }
        }
        if response.status == 504 {
            lose([question])
            if !isPlacing { fail("504 for what is not placing") }
            if (response["Retry-After"] != nil) != isKeyed { fail("504 with the wrong Retry-After") }
        } else {
            if question.cancels { lose([question]) }
            if response["Retry-After"] == nil { fail("503 without Retry-After: \(response.text)") }
        }
        let isShort = isRefusal && isPlacing && shortUntilNanoseconds >= question.nanoseconds
        if !isTroubled, !isShort {
            fail("client \(trader.number) is answered \(response.status) without need: \(response.text)")
        }
    }

    private func checkFull(_ response: Response, _ question: SharedQuestion) {
        let positions = ledger.positions(from: question.tick, to: agenda.tick)
        if !positions.contains(where: { $0.orders >= conditions.settings.ordersMax }) {
            fail("the store is not full")
        }
        if response["Retry-After"] != nil { fail("a full store with Retry-After") }
    }

    // MARK: Placing

    private func checkPlaced(
        _ response: Response, _ question: SharedQuestion, _ text: String, _ delay: Int?, _ key: String?
    ) {
        guard response.status == 201, let id = SharedRow.number(of: "orderId", in: response.text) else {
            return fail("\(text) is answered \(response.status): \(response.text)")
        }
        let stored = Array("P7 \(text)".utf8)
        if response.text != SharedRow(id, stored).json || response["Location"] != "/orders/\(id)" {
            return fail("\(text) is placed as \(response.text)")
        }
        let isReplayed = response["Idempotency-Replayed"] != nil
        let placements = (ledger.placements[Array(text.utf8)] ?? []).filter { $0.id == id }
        guard let placement = placements.last else { return fail("\(text) is not placed as order \(id)") }
        guard !isReplayed else {
            // The key is as old as its order.
            let age = question.nanoseconds - min(question.nanoseconds, placement.nanoseconds)
            if key == nil || age > 600_000_000_000 + leapNanosecondsMax { fail("\(text) is no repetition") }
            return
        }
        if placement.tick < question.tick { fail("\(text) was placed before it was asked for") }
        let settings = conditions.settings
        let due = (placement.event.dueMilliseconds ?? 0) * 1_000 - placement.event.microseconds
        let least = Int64(delay ?? Int(settings.minDelayMilliseconds)) * 1_000
        let most = Int64(delay ?? Int(settings.maxDelayMilliseconds)) * 1_000 + 999
        if !(least...most).contains(due) { fail("\(text) is due after \(due) us") }
    }

    /// How far the clock of Redis may have been set back in a day.
    private var leapNanosecondsMax: UInt64 { 300_000_000_000 }

    /// Another order was placed under the key.
    private func checkKey(
        _ key: String, _ text: String, _ question: SharedQuestion, _ response: Response
    ) {
        let base = String(text.prefix { $0 != "x" })
        let other = text == base ? "\(base)x" : base
        let placements = ledger.placements[Array(other.utf8)] ?? []
        let isKnown = placements.contains { response.text.contains("another order, \($0.id);") }
        if !isKnown { fail("\(text) is refused for its key: \(response.text)") }
    }

    // MARK: Reading

    private func checkShown(
        _ response: Response, _ question: SharedQuestion, _ id: Int64, row: String?, tag: String?
    ) {
        let rows = ledger.stored(id, from: question.tick, to: agenda.tick)
        let shown = rows.map { stored in stored.map { SharedRow(id, $0).json } }
        switch response.status {
        case 200:
            guard shown.contains(response.text) else {
                return fail("order \(id) is shown as \(response.text)")
            }
            if let tag, response["ETag"] == tag, response.text == row { fail("order \(id) is as it was") }
            if let tag = response["ETag"] { tags.append((id, response.text, tag)) }
            if tags.count > 20 { tags.removeFirst() }
        case 304:
            if tag == nil || !shown.contains(row) { fail("order \(id) is not as it was") }
        case 404:
            if !rows.contains(nil) { fail("order \(id) is not found") }
        default:
            fail("order \(id) is answered \(response.status)")
        }
    }

    private func checkHealth(_ response: Response, _ instance: SharedInstance) {
        guard response.status == 200, let pending = SharedRow.number(of: "PENDING", in: response.text),
            let executed = SharedRow.number(of: "EXECUTED", in: response.text),
            let cancelled = SharedRow.number(of: "CANCELLED", in: response.text)
        else { return fail("health is \(response.status): \(response.text)") }
        guard !instance.wasTroubled(since: now) else { return }
        let told = Ledger.Counts(
            orders: pending + executed + cancelled, executed: executed, cancelled: cancelled)
        let heard = min(Int(instance.platform.lastSequence), ledger.sequence)
        let isRight = (heard...ledger.sequence).contains { ledger.counts(at: $0) == told }
        if !isRight { fail("instance \(instance.number) counts \(told), not \(ledger.counts(at: heard))") }
        if !response.text.contains("\"redis\": \"up\"") { fail("Redis is up, and is not said to be") }
    }

    // MARK: Stopping

    /// Instances that stop are gone when nobody is left there, and that in time.
    private func endStopped() {
        for instance in instances {
            guard let stopped = instance.stopNanoseconds else { continue }
            if instance.network.host.sessionCount == 0 {
                depart(instance, isKilled: false)
            } else if now > stopped + 6_000_000_000 {
                fail("instance \(instance.number) does not stop")
            }
        }
    }
}
