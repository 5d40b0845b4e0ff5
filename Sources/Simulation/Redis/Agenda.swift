/// What is going to happen outside of the instances, in the order in which it does: bytes that are on their
/// way, and what a server of a day does by itself.
final class Agenda {
    private struct Entry {
        let nanoseconds: UInt64
        let deed: () -> Void
    }

    /// Time since the day began.
    private(set) var nanoseconds: UInt64 = 0
    /// Counts what happens: of two things at one moment it tells which came first.
    private(set) var tick = 0
    /// The latest first.
    private var entries: [Entry] = []

    /// When the next thing happens.
    var nextNanoseconds: UInt64? { entries.last?.nanoseconds }

    /// Has something happen at a moment, behind all that is to happen by then.
    func at(_ moment: UInt64, _ deed: @escaping () -> Void) {
        let due = max(moment, nanoseconds)
        var lower = 0
        var upper = entries.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if entries[middle].nanoseconds > due { lower = middle + 1 } else { upper = middle }
        }
        entries.insert(Entry(nanoseconds: due, deed: deed), at: lower)
    }

    /// Lets time pass.
    func move(to moment: UInt64) {
        nanoseconds = max(nanoseconds, moment)
        count()
    }

    /// Something else has happened.
    func count() { tick += 1 }

    /// Does the next thing, if its time has come. Answers whether it has.
    func runNext() -> Bool {
        guard let entry = entries.last, entry.nanoseconds <= nanoseconds else { return false }
        entries.removeLast()
        count()
        entry.deed()
        return true
    }
}
