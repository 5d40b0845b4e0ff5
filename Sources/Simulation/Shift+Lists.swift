import Orders

/// A list that is written in many turns is right where each row is: as it was at some moment since the number
/// that the list names.
extension Shift {
    func judgeList(_ response: Response, _ listing: Listing, _ question: Question) -> Bool {
        guard response.status == 200, let sequence = response["Feed-Sequence"].flatMap({ Int($0) }),
            sequence >= question.askedSequence, sequence <= model.events.count
        else { return false }
        // What is written in one turn, and not held back, is as it is now.
        let isWhole =
            response.chunkSizes == nil && listing.limit == nil && question.heldUntilNanoseconds == nil
        let due = if case .listed(let sequence) = question.outcome { sequence } else { model.events.count }
        if isWhole, sequence != due { return false }
        if question.isHead { return true }
        return judgeRows(response, listing, sequence)
    }

    private func judgeRows(_ response: Response, _ listing: Listing, _ sequence: Int) -> Bool {
        var rest = Substring(response.text).utf8
        guard rest.first == UInt8(ascii: "[") else { return false }
        rest = rest.dropFirst()
        let link = response["Link"]
        var rowCount = 0
        var lastID = 0
        var isMore = false
        var id = listing.after ?? 0
        let count = model.orderCount(atSequence: sequence)
        while id < count {
            id += 1
            guard listing.means(stocksJSON: model.entries[id - 1].stocksJSON) else { continue }
            if rowCount == listing.limit {
                isMore = true
                // Whether another one is meant may have changed since.
                if link == nil, !mayBeLeftOut(id, listing, sequence) { return false }
                continue
            }
            let separator = rowCount == 0 ? "" : ", "
            let row = rows(id, listing, sequence).map { separator + $0 }.first { rest.starts(with: $0.utf8) }
            guard let row else {
                guard mayBeLeftOut(id, listing, sequence) else { return false }
                continue
            }
            rest = rest.dropFirst(row.utf8.count)
            rowCount += 1
            lastID = id
        }
        if let link, !isMore || link != listing.link(after: lastID) { return false }
        return rest.elementsEqual("]".utf8)
    }

    /// An order as it may stand in the list: in the states that are meant of those it was in.
    private func rows(_ id: Int, _ listing: Listing, _ sequence: Int) -> [String] {
        let meant = states(id, sequence).filter { listing.means($0) }
        return meant.map { model.entries[id - 1].json(id: id, status: $0) }
    }

    private func mayBeLeftOut(_ id: Int, _ listing: Listing, _ sequence: Int) -> Bool {
        states(id, sequence).contains { !listing.means($0) }
    }

    /// The states in which an order was since there were so many events.
    private func states(_ id: Int, _ sequence: Int) -> [OrderStatus] {
        let order = model.entries[id - 1]
        let wasPending = order.endedSequence.map { $0 > sequence } ?? false
        return wasPending ? [order.status, .pending] : [order.status]
    }

    /// As many as it says are cancelled, and none is left of those that were there when it was asked.
    func judgeCancelAll(_ response: Response, _ listing: Listing, _ question: Question) -> Bool {
        let isAnyLeft = model.entries.prefix(question.askedOrderCount).contains {
            $0.status == .pending && listing.means(stocksJSON: $0.stocksJSON)
        }
        return response.status == 200 && response.text == "{\"cancelled\": \(question.cancelledCount)}"
            && !isAnyLeft
    }
}
