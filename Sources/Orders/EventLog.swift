/// The last events, in a ring of fixed size, numbered from 1, or from where the log begins, by a sequence
/// that never repeats.
///
/// A reader keeps the sequence it has seen and asks for the next one; when that is below ``firstSequence``,
/// the log has passed the reader and the events between are gone.
public struct EventLog: ~Copyable {
    /// The largest ring, 128 MiB: more history than that is no longer a cache of recent events.
    public static let eventsMaxLimit = 1 << 24

    @usableFromInline let ring: UnsafeMutablePointer<OrderEvent>
    @usableFromInline let mask: UInt64
    /// The sequence of the first event that the log ever had.
    @usableFromInline let originSequence: UInt64

    /// The sequence of the newest event; that before the first when there was none yet.
    public private(set) var lastSequence: UInt64

    /// An empty log that holds the last `eventsMax` events: a power of two, at most ``eventsMaxLimit``. Its
    /// first event is the one behind `sequence`.
    ///
    /// All of it is reserved here; pages become resident as events are first written to them.
    public init(eventsMax: Int, after sequence: UInt64 = 0) {
        precondition(eventsMax >= 1 && eventsMax <= Self.eventsMaxLimit)
        precondition(eventsMax & (eventsMax - 1) == 0, "the ring is indexed by a mask")
        ring = .allocate(capacity: eventsMax)
        mask = UInt64(eventsMax - 1)
        originSequence = sequence + 1
        lastSequence = sequence
    }

    @inlinable
    deinit { ring.deallocate() }

    /// The sequence of the oldest event still held; ``lastSequence`` + 1 when the log is empty.
    @inlinable
    public var firstSequence: UInt64 {
        lastSequence > mask ? max(originSequence, lastSequence &- mask) : originSequence
    }

    /// How many events it holds at most.
    public var eventsMax: Int { Int(mask) + 1 }

    /// The event of one sequence, which must lie in ``firstSequence``...``lastSequence``.
    @inlinable
    public subscript(sequence: UInt64) -> OrderEvent {
        precondition(sequence >= firstSequence && sequence <= lastSequence)
        return ring[Int(truncatingIfNeeded: sequence & mask)]
    }

    mutating func append(_ event: OrderEvent) {
        lastSequence += 1
        ring[Int(truncatingIfNeeded: lastSequence & mask)] = event
    }
}
