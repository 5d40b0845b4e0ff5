/// Lists, and the cancellation of many, held against the market.
extension Exchange {
    func checkList(_ response: Response, _ question: SharedQuestion) {
        guard case .list(let status, let text, let limit, let after) = question.kind else { return }
        guard response.status == 200, let rows = SharedRow.rows(response.text),
            let sequence = response["Feed-Sequence"].flatMap({ Int64($0) })
        else { return fail("a list is answered \(response.status): \(response.text.prefix(200))") }
        let seen = ledger.positions(from: question.tick, to: agenda.tick).filter { $0.sequence == sequence }
        guard let most = seen.map(\.orders).max(), let least = seen.map(\.orders).min() else {
            return fail("the market was never at event \(sequence) meanwhile")
        }
        func isMeant(_ row: SharedRow) -> Bool {
            (status ?? row.status) == row.status && (text ?? row.text) == row.text
        }
        var last = after
        var listed: Set<Int64> = []
        for row in rows {
            guard let id = SharedRow.number(of: "orderId", in: row), id > last, id <= most else {
                return fail("a list has \(row) behind \(last) of \(most)")
            }
            last = id
            listed.insert(id)
            let known = ledger.stored(id, from: question.tick, to: agenda.tick)
            let isRight = known.contains { stored in
                guard let stored else { return false }
                let row2 = SharedRow(id, stored)
                return row2.json == row && isMeant(row2)
            }
            if !isRight { return fail("a list has \(row)") }
        }
        if let limit, rows.count > limit { fail("\(rows.count) rows, not \(limit)") }
        let link = response["Link"]
        if let link, limit != rows.count || !link.contains("after=\(last)>") { fail("the link \(link)") }
        let end = link == nil ? least : last
        guard after < end else { return }
        for id in after + 1...end where !listed.contains(id) {
            let known = ledger.stored(id, from: question.tick, to: agenda.tick)
            if known.allSatisfy({ $0.map { isMeant(SharedRow(id, $0)) } ?? false }) {
                return fail("order \(id) is not in the list")
            }
        }
    }

    func checkCancelled(
        _ response: Response, _ question: SharedQuestion, _ text: String?, _ instance: SharedInstance
    ) {
        guard response.status == 200, let told = SharedRow.number(of: "cancelled", in: response.text) else {
            return fail("a cancellation of all is answered \(response.status)")
        }
        let wanted = text.map { Array($0.utf8) }
        let count = ledger.cancellations.count {
            $0.tick > question.tick && $0.instance == instance.number && (wanted ?? $0.text) == $0.text
        }
        if told > count || (told < count && question.isAlone && wasOne(since: question.tick)) {
            fail("\(told) were cancelled, not \(count)")
        }
        let last = ledger.positions(from: question.tick, to: question.tick).first?.orders ?? 0
        guard last >= 1, wasOne(since: question.tick) else { return }
        for id in 1...last {
            let known = ledger.stored(id, from: question.tick, to: agenda.tick)
            let isLeft = known.allSatisfy { stored in
                stored.map { $0[0] == UInt8(ascii: "P") && (wanted ?? Ledger.text($0)) == Ledger.text($0) }
                    ?? false
            }
            if isLeft { fail("order \(id) is left, though all were cancelled") }
        }
    }

    /// Whether the market is the one that it was at a tick.
    private func wasOne(since tick: Int) -> Bool { replacementTick < tick }
}
