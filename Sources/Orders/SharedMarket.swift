/// Where orders are kept that several instances share: an engine outside of this process.
///
/// Whatever it is asked, the answer comes later, exactly once, from inside a call of the loop's; or at once,
/// from inside the question, where it is already known that there can be none. The moments of the market are
/// the engine's own, and delays end by its clock.
public protocol SharedMarket: AnyObject {
    /// Who is told what happens in the market.
    var follower: (any MarketFollower)? { get set }
    /// Whether the market can be asked.
    var presence: MarketPresence { get }
    /// How many orders there are, as of the last event that the follower was told.
    var census: MarketCensus { get }
    /// How late the orders were that this instance has executed.
    var lateness: DurationHistogram { get }
    /// What has passed between this instance and the engine.
    var traffic: MarketTraffic { get }

    /// Places an order: a new order is pending.
    func place(_ placement: MarketPlacement, then: @escaping (MarketResult<MarketPlacement.Outcome>) -> Void)
    /// Cancels an order if it is pending.
    func cancel(_ id: Int64, then: @escaping (MarketResult<OrderStore.Cancellation>) -> Void)
    /// Finds one order; nil where there is none of that id.
    func order(_ id: Int64, then: @escaping (MarketResult<SharedOrder?>) -> Void)
    /// Finds the orders of a range of ids, which lies in one block: see ``MarketBlock``. In order of their
    /// ids.
    func orders(_ ids: ClosedRange<Int64>, then: @escaping (MarketResult<[SharedOrder]>) -> Void)
    /// How far the market has come.
    func position(then: @escaping (MarketResult<MarketPosition>) -> Void)

    /// When ``finishTurn(atNanoseconds:)`` has to be called next, if nothing arrives before.
    var nextDeadlineNanoseconds: UInt64? { get }
    /// Does what is due, and sends all that this turn has asked.
    func finishTurn(atNanoseconds now: UInt64)
    /// Ends everything that connects to the engine. Nothing is called after this.
    func close()
}

/// Who is told what happens in a shared market, in its order, without a gap.
public protocol MarketFollower: AnyObject {
    /// The market is there: the next event will be the one behind `sequence`. Told again when the events that
    /// were told are not those of the market any more, or some are lost to this instance: see `reason`.
    func marketBegan(after sequence: UInt64, _ reason: MarketBeginning)
    /// An order has changed. Numbers follow each other.
    func marketChanged(_ event: OrderEvent, sequence: UInt64)
    /// The market can be asked again, or can no longer.
    func marketPresenceChanged()
}

/// Why the events of a shared market are told from somewhere.
public enum MarketBeginning: Sendable {
    /// They are the first that this instance hears.
    case opened
    /// It is another market than before: it was emptied, or the engine has lost its last events.
    case replaced
    /// The engine no longer has those between: the instance was away for too long.
    case missed
}

/// Whether a shared market can be asked.
public enum MarketPresence: Sendable {
    /// It has never been reached yet.
    case opening
    /// It answers.
    case here
    /// It cannot be reached.
    case away
}

/// Why a shared market did not do what it was asked for.
public enum MarketFailure: Error, Equatable, Sendable {
    /// It cannot be reached; nothing was done.
    case away
    /// It was asked and did not answer: it may or may not have been done.
    case unknown
    /// It answered that it would not, with its own words; nothing was done.
    case refused(String)
}

/// The answer of a shared market.
public typealias MarketResult<Success> = Result<Success, MarketFailure>

/// How far a shared market has come.
public struct MarketPosition: Equatable, Sendable {
    /// The id of the last order; ids are 1 to this.
    public let lastOrderID: Int64
    /// The number of the last event.
    public let lastSequence: UInt64

    /// A position.
    public init(lastOrderID: Int64, lastSequence: UInt64) {
        self.lastOrderID = lastOrderID
        self.lastSequence = lastSequence
    }
}

/// How many orders a shared market has.
public struct MarketCensus: Equatable, Sendable {
    /// All orders.
    public var count = 0
    /// Those that have been executed.
    public var executedCount = 0
    /// Those that have been cancelled.
    public var cancelledCount = 0

    /// No orders.
    public init() {}

    /// Those that are neither executed nor cancelled.
    public var pendingCount: Int { count - executedCount - cancelledCount }

    /// Takes in a change.
    public mutating func take(_ event: OrderEvent) {
        switch event.status {
        case .pending: count += 1
        case .executed: executedCount += 1
        case .cancelled: cancelledCount += 1
        }
    }
}

/// What has passed between an instance and the engine of its market, since the start.
public struct MarketTraffic: Equatable, Sendable {
    /// Questions asked.
    public var commands: UInt64 = 0
    /// Writes that carried them: each is a round trip, for all the questions of a turn.
    public var writes: UInt64 = 0
    /// Bytes sent.
    public var sentBytes: UInt64 = 0
    /// Bytes received.
    public var receivedBytes: UInt64 = 0
    /// Connections that were lost.
    public var losses: UInt64 = 0

    /// Nothing yet.
    public init() {}
}

/// Orders are kept in blocks, which are read whole.
public enum MarketBlock {
    /// Orders in a block: as many as Redis keeps in one run of bytes (`hash-max-listpack-entries`).
    public static let ordersMax: Int64 = 128

    /// The number of the block that an order is in.
    public static func number(of id: Int64) -> Int64 { (id - 1) / ordersMax }

    /// The last id in the block of an order.
    public static func lastID(with id: Int64) -> Int64 { (number(of: id) + 1) * ordersMax }
}
