/// When which order is due: two timing wheels, append and expiry O(1), in ticks of one millisecond.
///
/// Time is cut into spans of 65,536 ticks. The near wheel has one slot for each tick of the span that the
/// cursor is in; the far wheel has one slot for each span to come. When the cursor enters a span, its entries
/// are spread over the near wheel before anything is taken or added there, so each queue stays in the order
/// of appending, and taking tick after tick gives the order of (due tick, appending). An entry moves at most
/// once, however far time jumps.
///
/// Entries are not taken out before their time: whose order was cancelled comes up when it is due and is
/// passed over. That costs 8 bytes until then, but cancelling costs nothing, and no entry has to know its
/// neighbours.
struct ExecutionSchedule: ~Copyable {
    private static let spanShift: UInt64 = 16
    private static let slotMask = UInt64(TimingWheel.slotCount - 1)

    private var near: TimingWheel
    private var far: TimingWheel

    /// How many entries wait.
    private(set) var count = 0
    /// No entry is due before this tick, and the entry that was taken last was due in it. It never passes the
    /// latest tick that the caller has named.
    private(set) var cursor: UInt64 = 0

    /// A schedule for at most `entriesMax` entries at a time.
    init(entriesMax: Int) {
        precondition(TimingWheel.slotCount == 1 << Self.spanShift)
        near = TimingWheel(entriesMax: entriesMax)
        far = TimingWheel(entriesMax: entriesMax)
    }

    /// Whether an entry can be appended: its tick is less than 65,536 spans (49 days) after the earliest that
    /// waits.
    func reaches(_ dueTick: UInt64) -> Bool {
        count == 0 || Self.span(of: dueTick) - Self.span(of: cursor) <= Self.slotMask
    }

    /// Appends an entry; `dueTick` is within reach and not before `nowTick`, which never goes back.
    mutating func append(_ number: UInt32, dueTick: UInt64, nowTick: UInt64) {
        precondition(cursor <= nowTick && nowTick <= dueTick && reaches(dueTick))
        // An empty schedule has nothing to find between its cursor and now, however long it was idle.
        if count == 0 { cursor = nowTick }
        count += 1

        let fineSlot = Int(truncatingIfNeeded: dueTick & Self.slotMask)
        let entry = TimingWheel.Entry(number: number, fineSlot: UInt32(fineSlot))
        if Self.span(of: dueTick) == Self.span(of: cursor), !far.contains(farSlot) {
            near.append(entry, to: fineSlot)
        } else {
            far.append(entry, to: Int(truncatingIfNeeded: Self.span(of: dueTick) & Self.slotMask))
        }
    }

    /// Takes the next entry that is due in `tick` or before, in order of (due tick, appending).
    ///
    /// `tick` never goes back. Each entry looked at, be it taken or spread, takes one of `visitsLeft`, so
    /// that a long queue costs no more than that. Nil when nothing is due or no visit is left: ``nextTick``
    /// tells which.
    mutating func takeDue(in tick: UInt64, visitsLeft: inout Int) -> UInt32? {
        precondition(cursor <= tick)
        while visitsLeft > 0 {
            if let entry = far.popFirst(from: farSlot) {
                near.append(entry, to: Int(entry.fineSlot))
                visitsLeft -= 1
            } else if let entry = near.popFirst(from: nearSlot) {
                visitsLeft -= 1
                count -= 1
                return entry.number
            } else if let next = nextTick, next <= tick {
                cursor = next
            } else {
                cursor = tick
                return nil
            }
        }
        return nil
    }

    /// The next tick in which there is something to do; nil when no entry waits. Never late, but early when
    /// all that waits is due in a later span: that span's first tick then, when it has to be spread.
    var nextTick: UInt64? {
        guard count > 0 else { return nil }
        if far.contains(farSlot) { return cursor }
        let span = Self.span(of: cursor)
        if let slot = near.first(from: nearSlot) {
            return span << Self.spanShift | UInt64(slot)
        }
        guard let slot = far.first(from: farSlot + 1) ?? far.first(from: 0) else { return nil }
        let distance = (UInt64(slot) &- span) & Self.slotMask
        return (span + distance) << Self.spanShift
    }

    /// The tick in which the first entry is due of those that `isMeant` says are; nil when none is.
    ///
    /// Looks at no more than `looksMax` entries (at least 1), and is early when that is not enough.
    func firstDueTick(looksMax: Int, where isMeant: (UInt32) -> Bool) -> UInt64? {
        var looksLeft = looksMax
        // The lowest fine slot among the entries of a far slot that are meant; 0 when not all were seen.
        func lowest(in slot: Int) -> UInt64? {
            var lowest: UInt64?
            far.look(at: slot) { entry in
                looksLeft -= 1
                if isMeant(entry.number) { lowest = min(lowest ?? .max, UInt64(entry.fineSlot)) }
                if looksLeft == 0 { lowest = 0 }
                return looksLeft == 0
            }
            return lowest
        }
        let span = Self.span(of: cursor)
        // What has not been spread yet, and what has.
        let unspread = lowest(in: farSlot)
        var slot = near.first(from: nearSlot)
        while let candidate = slot, looksLeft > 0, UInt64(candidate) < unspread ?? .max {
            var isFound = false
            near.look(at: candidate) { entry in
                looksLeft -= 1
                isFound = isMeant(entry.number) || looksLeft == 0
                return isFound
            }
            if isFound { return span << Self.spanShift | UInt64(candidate) }
            slot = near.first(from: candidate + 1)
        }
        if let unspread { return max(cursor, span << Self.spanShift | unspread) }
        // The later spans, in their order around the far wheel.
        var distance: UInt64 = 1
        while distance <= Self.slotMask {
            let from = Int(truncatingIfNeeded: (span + distance) & Self.slotMask)
            guard let slot = far.first(from: from) ?? far.first(from: 0) else { return nil }
            let next = (UInt64(slot) &- span) & Self.slotMask
            guard next >= distance else { return nil }
            if let fine = lowest(in: slot) { return (span + next) << Self.spanShift | fine }
            distance = next + 1
        }
        return nil
    }

    /// The far wheel's slot for the span that the cursor is in: in use until that span has been spread.
    private var farSlot: Int { Int(truncatingIfNeeded: Self.span(of: cursor) & Self.slotMask) }

    /// The near wheel's slot for the cursor's tick.
    private var nearSlot: Int { Int(truncatingIfNeeded: cursor & Self.slotMask) }

    private static func span(of tick: UInt64) -> UInt64 { tick >> spanShift }
}
