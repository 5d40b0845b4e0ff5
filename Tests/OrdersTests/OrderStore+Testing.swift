import Orders
import Testing

let millisecond: UInt64 = 1_000_000

/// Delays as the platform has them unless told otherwise.
let usualDelays = DelayPolicy(minMilliseconds: 1_000, maxMilliseconds: 5_000, seed: 1)

/// A store for a test, small unless told otherwise.
func makeStore(ordersMax: Int = 1_000, delays: DelayPolicy = usualDelays, eventsMax: Int = 4_096)
    -> OrderStore
{
    OrderStore(ordersMax: ordersMax, delays: delays, eventsMax: eventsMax)
}

extension OrderStore {
    /// Places an order with the policy's delay and answers its id, or nil when the store is full.
    mutating func place(_ stocks: String = "AAPL", quantity: Int64 = 10, at now: UInt64 = 0) -> Int64? {
        let bytes = Array(stocks.utf8)
        guard case .placed(let id) = place(stocks: bytes.span, quantity: quantity, at: now) else {
            return nil
        }
        return id
    }

    /// Places an order with a delay of its own and answers its id, or nil when the store is full.
    mutating func place(delay: UInt32?, at now: UInt64 = 0) -> Int64? {
        let bytes = Array("AAPL".utf8)
        let placement = place(stocks: bytes.span, quantity: 10, delayMilliseconds: delay, at: now)
        guard case .placed(let id) = placement else { return nil }
        return id
    }

    /// Places an order for which there must be room.
    mutating func placed(delay: UInt32?, at now: UInt64 = 0) throws -> Int64 {
        let id = place(delay: delay, at: now)
        return try #require(id)
    }

    /// Executes all that is due.
    mutating func executeAll(at now: UInt64) {
        while executeDue(at: now, max: 64) {}
    }

    /// The events from `sequence` on.
    func events(from sequence: UInt64 = 1) -> [OrderEvent] {
        guard sequence <= log.lastSequence else { return [] }
        return (sequence...log.lastSequence).map { log[$0] }
    }
}
