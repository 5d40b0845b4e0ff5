/// Moments in the order in which they came, in a ring that grows.
struct TimeQueue {
    private var ring = [UInt64](repeating: 0, count: 64)
    private var first = 0
    private(set) var count = 0

    mutating func append(_ moment: UInt64) {
        if count == ring.count {
            ring = Array(ring[first...] + ring[..<first]) + [UInt64](repeating: 0, count: count)
            first = 0
        }
        ring[(first + count) & (ring.count - 1)] = moment
        count += 1
    }

    mutating func removeFirst() -> UInt64 {
        precondition(count > 0, "an answer without a request")
        let moment = ring[first]
        first = (first + 1) & (ring.count - 1)
        count -= 1
        return moment
    }
}
