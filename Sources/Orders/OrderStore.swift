/// Every order there is, its state, the delays that are running and the log of changes.
///
/// A deterministic function of its calls: time is an argument, delays come from a seed. Time never goes back:
/// a `nowNanoseconds` below an earlier one counts as that earlier one. Every change of state appends exactly
/// one event, and an order changes at most twice: to pending when it is placed, then to executed or cancelled
/// for good.
///
/// An order takes 25 bytes, 8 or 16 more while it waits for its time, and those of its text again when it has
/// more than 15. Records and texts never move.
public struct OrderStore: ~Copyable {
    /// The largest quantity, 2^53 - 1: the largest integer that every JSON reader keeps exact (RFC 8259
    /// section 6).
    public static let quantityMax: Int64 = 9_007_199_254_740_991
    /// The longest `stocks`, in bytes of UTF-8.
    public static let stocksBytesMax = 64
    /// The most orders that a store can be made for: wherever an id is kept, it has 32 bits.
    public static let ordersMaxLimit = Int(UInt32.max)
    /// How many orders ``seedExamples()`` places.
    public static let exampleCount = 3

    /// What became of an order that was to be placed.
    public enum Placement: Equatable, Sendable {
        /// It is pending under this id.
        case placed(Int64)
        /// The store holds ``OrderStore/ordersMax`` orders; nothing has changed.
        case full
    }

    /// What became of a cancellation.
    public enum Cancellation: Equatable, Sendable {
        /// The order was pending and is now cancelled.
        case cancelled
        /// It had been cancelled before; nothing has changed.
        case alreadyCancelled
        /// It has been executed, which is final; nothing has changed.
        case executed
        /// There is no such order.
        case unknown
    }

    private static let nanosecondsPerTick: UInt64 = 1_000_000

    /// The most orders that this store takes; none is ever deleted.
    public let ordersMax: Int
    /// The delays of the orders that are placed without one of their own.
    public let delays: DelayPolicy
    /// The last changes of state.
    public internal(set) var log: EventLog

    @usableFromInline internal private(set) var records: ChunkedTable<OrderRecord>
    @usableFromInline internal private(set) var states: ChunkedTable<OrderState>
    private var texts = TextArena()
    private var schedule: ExecutionSchedule
    private let latenessCounter = DurationCounter()
    /// The latest time named by a caller.
    private var clockNanoseconds: UInt64 = 0

    /// How many pending orders have a delay running.
    public private(set) var scheduledCount = 0
    /// How many orders have been executed.
    public private(set) var executedCount = 0
    /// How many orders have been cancelled.
    public private(set) var cancelledCount = 0

    /// An empty store.
    ///
    /// - Parameters:
    ///   - ordersMax: 1...``ordersMaxLimit``. Memory is taken as orders come.
    ///   - delays: how long an order waits before it is executed.
    ///   - eventsMax: how many events ``log`` holds: a power of two, at most ``EventLog/eventsMaxLimit``.
    public init(ordersMax: Int, delays: DelayPolicy, eventsMax: Int) {
        precondition(ordersMax >= 1 && ordersMax <= Self.ordersMaxLimit)
        self.ordersMax = ordersMax
        self.delays = delays
        log = EventLog(eventsMax: eventsMax)
        records = ChunkedTable(countMax: ordersMax)
        states = ChunkedTable(countMax: ordersMax)
        schedule = ExecutionSchedule(entriesMax: ordersMax)
    }

    /// How many orders there are; their ids are 1...`count`.
    public var count: Int { records.count }
    /// How many orders are neither executed nor cancelled.
    public var pendingCount: Int { count - executedCount - cancelledCount }

    /// Gives an empty store of at least ``exampleCount`` orders three to try things on, without events: 1 is
    /// pending and stays so until someone cancels it, 2 is executed, 3 is cancelled.
    public mutating func seedExamples() {
        precondition(count == 0 && ordersMax >= Self.exampleCount)
        append("AAPL", quantity: 10, state: .open)
        append("MSFT", quantity: 5, state: .executed)
        append("GOOG", quantity: 20, state: .cancelled)
        executedCount += 1
        cancelledCount += 1
    }

    /// How late orders were executed: from the millisecond that each was due in to the moment of its turn.
    public var lateness: DurationHistogram { latenessCounter.histogram }

    // MARK: Transitions

    /// Places an order that waits as long as ``delays`` says: a new order is pending.
    ///
    /// - Parameters:
    ///   - stocks: 1...``stocksBytesMax`` bytes, copied.
    ///   - quantity: 1...``quantityMax``.
    ///   - nowNanoseconds: the time from which its delay runs.
    public mutating func place(
        stocks: Span<UInt8>, quantity: Int64, at nowNanoseconds: UInt64
    ) -> Placement {
        place(
            stocks: stocks, quantity: quantity,
            delayMilliseconds: delays.delayMilliseconds(for: Int64(count + 1)), at: nowNanoseconds)
    }

    /// Places an order with a delay of its own: at most ``DelayPolicy/delayMillisecondsMax``, or nil when it
    /// is to stay pending until it is cancelled. Otherwise like ``place(stocks:quantity:at:)``.
    public mutating func place(
        stocks: Span<UInt8>, quantity: Int64, delayMilliseconds: UInt32?, at nowNanoseconds: UInt64
    ) -> Placement {
        precondition(stocks.count >= 1 && stocks.count <= Self.stocksBytesMax)
        precondition(quantity >= 1 && quantity <= Self.quantityMax)
        precondition((delayMilliseconds ?? 0) <= DelayPolicy.delayMillisecondsMax)
        clockNanoseconds = max(clockNanoseconds, nowNanoseconds)
        guard count < ordersMax else { return .full }

        if let delayMilliseconds {
            let dueTick = dueTick(after: delayMilliseconds)
            // Only when nobody has asked for 48 days what is due: all that waits is, and goes first.
            if !schedule.reaches(dueTick) { _ = executeDue(at: clockNanoseconds, max: .max) }
            schedule.append(UInt32(count), dueTick: dueTick, nowTick: nowTick)
            scheduledCount += 1
        }
        append(stocks, quantity: quantity, state: delayMilliseconds == nil ? .open : .waiting)
        let id = Int64(count)
        log.append(OrderEvent(orderID: id, status: .pending))
        return .placed(id)
    }

    /// Cancels an order if it is pending. Any `id` may be asked.
    public mutating func cancel(_ id: Int64) -> Cancellation {
        guard let index = index(of: id) else { return .unknown }
        let state = states.pointer(to: index)
        switch state.pointee {
        case .executed: return .executed
        case .cancelled: return .alreadyCancelled
        case .waiting: scheduledCount -= 1
        case .open: break
        }
        state.pointee = .cancelled
        cancelledCount += 1
        log.append(OrderEvent(orderID: id, status: .cancelled))
        return .cancelled
    }

    /// Executes what is due, in order of (due time, id), and answers whether there is more to do at this
    /// time.
    ///
    /// An order is due in the first whole millisecond at which its delay has passed, never before. Looks at
    /// no more than `max` orders (at least 1). Those count too that were cancelled, or whose turn is only
    /// being prepared: so a call may execute fewer than `max` orders, or none, and still answer true.
    public mutating func executeDue(at nowNanoseconds: UInt64, max visitsMax: Int) -> Bool {
        precondition(visitsMax >= 1)
        clockNanoseconds = max(clockNanoseconds, nowNanoseconds)
        let tick = nowTick
        var visitsLeft = visitsMax
        while let due = schedule.takeDue(in: tick, visitsLeft: &visitsLeft) { execute(due) }
        guard scheduledCount > 0, let next = schedule.nextTick else { return false }
        return next <= tick
    }

    /// Executes those orders whose time has come in the schedule's tick that still wait: who was cancelled
    /// stays in the schedule until then.
    private mutating func execute(_ due: UnsafeBufferPointer<TimingWheel.Entry>) {
        precondition(due.count <= UInt16.bitWidth)
        // Their states lie anywhere in memory: to look at all, before any of them is changed, is to wait for
        // memory once and not for each.
        var isWaiting: UInt16 = 0
        for place in due.indices where states.pointer(to: Int(due[place].number)).pointee == .waiting {
            isWaiting |= 1 &<< UInt16(truncatingIfNeeded: place)
        }
        for place in due.indices where isWaiting &>> UInt16(truncatingIfNeeded: place) & 1 != 0 {
            let index = Int(due[place].number)
            states.pointer(to: index).pointee = .executed
            log.append(OrderEvent(orderID: Int64(index) + 1, status: .executed))
        }
        let count = isWaiting.nonzeroBitCount
        scheduledCount -= count
        executedCount += count
        recordLateness(ofTick: schedule.cursor, times: UInt64(count))
    }

    // MARK: Reading

    // Inlined, as a call would be handed a copy of the whole store.
    /// One order, or nil when there is none of that id. Any `id` may be asked.
    @inlinable @inline(__always)
    public func order(_ id: Int64) -> Order? {
        guard let index = index(of: id) else { return nil }
        let record = records.pointer(to: index)
        return Order(
            id: id, quantity: record.pointee.quantity, stocks: OrderRecord.stocks(of: record),
            status: states.pointer(to: index).pointee.status)
    }

    /// When ``executeDue(at:max:)`` next has something to do; nil when no delay is running.
    ///
    /// Never late, but early when the order that was due then has been cancelled, and for each order that is
    /// due in a later span of 64 ms or 65 s, when that span begins. After a call that answered false it lies
    /// after that call's time.
    public var nextDueNanoseconds: UInt64? {
        guard scheduledCount > 0, let tick = schedule.nextTick else { return nil }
        return tick * Self.nanosecondsPerTick
    }

    /// When the next order is executed; nil when no delay is running.
    ///
    /// Unlike ``nextDueNanoseconds`` it passes over who was cancelled, and looks into later spans. For that
    /// it looks at up to `looksMax` orders, and is early only when that is not enough.
    public func nextExecutionNanoseconds(looksMax: Int) -> UInt64? {
        guard scheduledCount > 0 else { return nil }
        let tick = schedule.firstDueTick(looksMax: looksMax) { index in
            states.pointer(to: Int(index)).pointee == .waiting
        }
        return tick.map { $0 * Self.nanosecondsPerTick }
    }

    @inlinable @inline(__always)
    func index(of id: Int64) -> Int? {
        let index = id &- 1
        return index >= 0 && index < records.count ? Int(index) : nil
    }

    // MARK: Records

    private mutating func append(_ stocks: Span<UInt8>, quantity: Int64, state: OrderState) {
        OrderRecord.initialize(
            records.appendPlace(), stocks: stocks, quantity: quantity, spillingTo: &texts)
        states.append(state)
    }

    private mutating func append(_ stocks: StaticString, quantity: Int64, state: OrderState) {
        let bytes = UnsafeBufferPointer(start: stocks.utf8Start, count: stocks.utf8CodeUnitCount)
        append(bytes.span, quantity: quantity, state: state)
    }

    // MARK: Time

    private func recordLateness(ofTick tick: UInt64, times: UInt64) {
        guard times > 0 else { return }
        latenessCounter.record(nanoseconds: clockNanoseconds - tick * Self.nanosecondsPerTick, times: times)
    }

    private var nowTick: UInt64 { clockNanoseconds / Self.nanosecondsPerTick }

    /// Rounded up, so that no order is executed even a nanosecond before its delay has passed.
    private func dueTick(after delayMilliseconds: UInt32) -> UInt64 {
        (clockNanoseconds + Self.nanosecondsPerTick - 1) / Self.nanosecondsPerTick + UInt64(delayMilliseconds)
    }
}
