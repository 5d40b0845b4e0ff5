import Bytes
import Orders

/// The last events as the bytes that subscribers are sent: each event is encoded once, however many listen.
///
/// A ring of bytes, and beside it where each event begins, so that a subscriber needs to know no more than
/// the number of the event that it is to hear next.
final class FeedRing {
    let form: FeedForm
    /// How many listen in this form: where nobody does, nothing is encoded.
    private(set) var subscriberCount = 0
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private let starts: UnsafeMutableBufferPointer<UInt64>
    private let eventsMax: UInt64
    /// The number of the oldest event in the ring.
    private(set) var firstSequence: UInt64
    /// The number that the next event will have.
    private(set) var nextSequence: UInt64
    /// How many bytes were ever written: where the next event begins, before it is wrapped.
    private var end: UInt64 = 0
    private var encoded = ByteWriter(capacity: 128)

    /// A ring for at least `eventsMax` events, a power of two, the first of which is to have the number
    /// `nextSequence`. Memory is used as it is written to.
    init(form: FeedForm, eventsMax: Int, nextSequence: UInt64) {
        precondition(eventsMax > 0 && eventsMax & (eventsMax - 1) == 0)
        self.form = form
        bytes = .allocate(capacity: eventsMax * form.eventBytesMax)
        starts = .allocate(capacity: eventsMax)
        self.eventsMax = UInt64(eventsMax)
        firstSequence = nextSequence
        self.nextSequence = nextSequence
    }

    deinit {
        bytes.deallocate()
        starts.deallocate()
    }

    /// Counts one who listens in this form. The first finds the ring empty, up to the event `nextSequence`.
    func join(nextSequence: UInt64) {
        if subscriberCount == 0 {
            firstSequence = nextSequence
            self.nextSequence = nextSequence
        }
        subscriberCount += 1
    }

    /// Counts one fewer.
    func leave() { subscriberCount -= 1 }

    /// Appends the next event. It takes the place of the oldest where the ring is full.
    func append(_ event: OrderEvent) {
        encoded.reset()
        form.append(event, sequence: nextSequence, to: &encoded)
        precondition(encoded.count <= form.eventBytesMax)
        starts[Int(nextSequence % eventsMax)] = end
        let (first, second) = segments(from: end, to: end + UInt64(encoded.count))
        let source = encoded.unsafeBytes
        UnsafeMutableRawBufferPointer(mutating: first).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: source[..<first.count]))
        UnsafeMutableRawBufferPointer(mutating: second).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: source[first.count...]))
        end += UInt64(encoded.count)
        nextSequence += 1
        if nextSequence - firstSequence > eventsMax { firstSequence += 1 }
    }

    /// Where an event begins; for the next event, where the last one ends.
    private func start(of sequence: UInt64) -> UInt64 {
        precondition(sequence >= firstSequence && sequence <= nextSequence)
        return sequence == nextSequence ? end : starts[Int(sequence % eventsMax)]
    }

    private func segments(
        from lower: UInt64, to upper: UInt64
    ) -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer) {
        let offset = Int(lower % UInt64(bytes.count))
        let count = Int(upper - lower)
        let firstCount = min(count, bytes.count - offset)
        return (
            UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[offset..<offset + firstCount]),
            UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[0..<count - firstCount])
        )
    }

    /// The events in a range, in one run of bytes or two. Borrowed until the next change.
    func events(_ range: Range<UInt64>) -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer) {
        segments(from: start(of: range.lowerBound), to: start(of: range.upperBound))
    }

    /// What is left of the event that was cut after `count` bytes of the events in `range`, or the whole of
    /// the next one where the cut is between two: in one run of bytes or two, with the event's number.
    func rest(
        of range: Range<UInt64>, after count: Int
    ) -> (sequence: UInt64, UnsafeRawBufferPointer, UnsafeRawBufferPointer) {
        let cut = start(of: range.lowerBound) + UInt64(count)
        // The last event that begins at or before the cut, by halving.
        var lower = range.lowerBound
        var upper = range.upperBound
        while upper - lower > 1 {
            let middle = lower + (upper - lower) / 2
            if start(of: middle) <= cut { lower = middle } else { upper = middle }
        }
        let (first, second) = segments(from: cut, to: start(of: lower + 1))
        return (lower, first, second)
    }
}
