/// What has to be so whenever something happens in the market, and in good time.
extension Exchange {
    /// An event has happened, to an order that was as it was before.
    func check(_ event: FakeEvent, before: [UInt8]?) {
        let id = event.orderID
        switch event.letter {
        case UInt8(ascii: "P"):
            if before != nil { fail("order \(id) is placed twice") }
            checkPlacing(event)
        case UInt8(ascii: "E"):
            if before?.first != UInt8(ascii: "P") { fail("order \(id) is executed, and was not pending") }
            checkExecution(event)
        default:
            if before?.first != UInt8(ascii: "P") { fail("order \(id) is cancelled, and was not pending") }
            let text = before.map { String(decoding: Ledger.text($0), as: UTF8.self) } ?? ""
            let isAsked =
                lostQuestions.contains { $0.mayCancel(id, text) }
                || traders.contains { $0.questions.contains { $0.mayCancel(id, text) } }
            if !isAsked { fail("order \(id) is cancelled, and nobody has asked for it") }
        }
    }

    private func checkPlacing(_ event: FakeEvent) {
        guard let stored = ledger.stored(event.orderID) else { return }
        let text = String(decoding: Ledger.text(stored), as: UTF8.self)
        if neverPlaced.contains(text) { fail("\(text) is placed, though that was refused") }
        if text.hasPrefix("S"), ledger.placements[Array(text.utf8)]?.count ?? 0 > 1 {
            fail("\(text) is placed twice")
        }
        if text.hasPrefix("K") { checkKey(text, event) }
    }

    /// Under a key that is known, nothing is placed.
    private func checkKey(_ text: String, _ event: FakeEvent) {
        let base = String(text.prefix { $0 != "x" })
        for text in [base, "\(base)x"] {
            let earlier = ledger.placements[Array(text.utf8)]?.last {
                $0.event != event && ledger.isCurrent($0)
            }
            guard let earlier else { continue }
            if event.microseconds / 1_000 < earlier.event.microseconds / 1_000 + 600_000 {
                fail("order \(event.orderID) is placed under the key of order \(earlier.id)")
            }
        }
    }

    private func checkExecution(_ event: FakeEvent) {
        let due = ledger.placements.isEmpty ? nil : dueMilliseconds(of: event.orderID)
        guard let due else { return fail("order \(event.orderID) is executed, and has no delay") }
        let late = event.microseconds - due * 1_000
        if late < 0 { fail("order \(event.orderID) is executed \(-late) us early") }
        if let latest = latestNanoseconds(dueMilliseconds: due), now > latest {
            fail("order \(event.orderID) is executed \(late) us late")
        }
    }

    /// When an order has to have been executed: by the instance that was out of trouble first. Nil where
    /// nobody has to.
    private func latestNanoseconds(dueMilliseconds: Int64) -> UInt64? {
        // Where many are due at once, each call takes only some.
        let moment = redis.microseconds / 1_000
        guard redis.market.due.prefix(while: { $0.milliseconds <= moment }).count < 100 else { return nil }
        let attending = instances.filter { instance in
            !instance.connector.connections.contains(where: \.isHalfOpen)
        }
        guard let first = attending.map(\.troubleUntilNanoseconds).min() else { return nil }
        let due = redis.nanoseconds(ofMilliseconds: dueMilliseconds)
        return max(due, first) + UInt64(latenessMicrosecondsMax) * 1_000
    }

    /// How late an order may be: an instance that stands by, the ways to and fro, in pieces, late timers.
    private var latenessMicrosecondsMax: Int64 {
        let transit = Int64(longestTransit / 1_000)
        let timer = Int64(conditions.lateNanosecondsMax / 1_000)
        return 22_000 + leapedMicroseconds + 8 * transit + 2 * timer
    }

    private func dueMilliseconds(of id: Int64) -> Int64? {
        guard let stored = ledger.stored(id) else { return nil }
        let placements = ledger.placements[Ledger.text(stored)]
        return placements?.last { $0.id == id && ledger.isCurrent($0) }?.event.dueMilliseconds
    }

    /// Where nothing has gone wrong for a while, everybody has been told.
    func checkPunctuality() {
        guard fault == nil else { return }
        if let next = redis.market.due.first,
            let latest = latestNanoseconds(dueMilliseconds: next.milliseconds), latest < now
        {
            fail("order \(next.id) is not executed at \(latest) ns")
        }
        let patience = 100_000_000 + 16 * longestTransit + 8 * UInt64(conditions.lateNanosecondsMax)
        guard now > patience else { return }
        let past = now - patience
        let heardAll = ledger.current.entries.prefix { $0.nanoseconds <= past }.count
        for follower in followers where !follower.instance.wasTroubled(since: past) {
            guard follower.isOpen else {
                if follower.nanoseconds < past { fail("client \(follower.number) waits to be let in") }
                continue
            }
            let heard = follower.heard ?? follower.openSequence
            if follower.openNanoseconds < past, heard < heardAll {
                fail("client \(follower.number) has heard \(heard) of \(heardAll) events")
            }
        }
        for trader in traders where !trader.instance.wasTroubled(since: past) {
            // Each of its requests may take some ways to Redis.
            guard let question = trader.questions.first else { continue }
            let since = max(question.nanoseconds, trader.answeredNanoseconds)
            if since + 4 * patience < now {
                fail("client \(trader.number) waits for an answer since \(since) ns")
            }
        }
    }
}
