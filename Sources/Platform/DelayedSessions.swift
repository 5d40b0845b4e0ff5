import Sessions

/// Who waits for an answer that is held back, and until when.
struct DelayedSessions {
    private struct Entry {
        let dueNanoseconds: UInt64
        let session: Session
    }

    /// The one that is due first stands last.
    private var entries: [Entry] = []

    /// When the first of them is due, by the host's clock.
    var nextDueNanoseconds: UInt64? { entries.last?.dueNanoseconds }

    mutating func insert(_ session: Session, dueNanoseconds: UInt64) {
        var (lower, upper) = (0, entries.count)
        while lower < upper {
            let middle = (lower + upper) / 2
            if entries[middle].dueNanoseconds > dueNanoseconds { lower = middle + 1 } else { upper = middle }
        }
        entries.insert(Entry(dueNanoseconds: dueNanoseconds, session: session), at: lower)
    }

    /// Has those go on whose time has come.
    mutating func release(at nanoseconds: UInt64) {
        while let last = entries.last, last.dueNanoseconds <= nanoseconds {
            entries.removeLast()
            last.session.goOn()
        }
    }

    /// Forgets a session that is over.
    mutating func remove(_ session: Session) {
        if !entries.isEmpty { entries.removeAll { $0.session === session } }
    }
}
