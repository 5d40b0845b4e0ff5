import Orders

/// What executions must come to, told as plainly as possible: a sorted list of who is due when.
struct ExecutionModel {
    struct Waiting: Comparable {
        let dueTick: UInt64
        let id: Int64

        static func < (left: Waiting, right: Waiting) -> Bool {
            (left.dueTick, left.id) < (right.dueTick, right.id)
        }
    }

    /// In order of (due tick, id).
    private(set) var waiting: [Waiting] = []
    private(set) var now: UInt64 = 0

    mutating func advance(to time: UInt64) { now = max(now, time) }

    mutating func place(_ id: Int64, delayMilliseconds: UInt32) {
        // The first whole millisecond by which the delay has passed.
        let due = now + UInt64(delayMilliseconds) * millisecond
        let tick = due / millisecond + (due % millisecond == 0 ? 0 : 1)
        let entry = Waiting(dueTick: tick, id: id)
        waiting.insert(entry, at: waiting.firstIndex { entry < $0 } ?? waiting.count)
    }

    mutating func cancel(_ id: Int64) { waiting.removeAll { $0.id == id } }

    /// Takes the first `count` that are due; fewer when fewer are.
    mutating func execute(_ count: Int) -> [Int64] {
        let ids = waiting.prefix { $0.dueTick <= now / millisecond }.prefix(count).map(\.id)
        waiting.removeFirst(ids.count)
        return ids
    }

    var dueCount: Int { waiting.prefix { $0.dueTick <= now / millisecond }.count }
}
