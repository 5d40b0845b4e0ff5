import Bytes
import HTTP1
import Orders
import Sessions
import WebSocket

/// The trading platform: orders, their delays and their feed, behind HTTP and WebSocket.
///
/// A deterministic function of bytes in, time and seed: it holds no socket, clock or thread. A driver opens
/// sessions at its ``host``, delivers to them, sets the time, and ends each turn.
public final class Platform: Application {
    // What is marked unchecked is changed by one call at a time and never from inside such a call; checking
    // that anew with every request (SE-0176) costs a tenth of a pipelined one.

    /// Due orders that are executed in one turn, at about 20 ns each.
    static let executionsPerTurnMax = 4_096
    /// Orders of a list that are written in one part: some 80 KB.
    static let rowsPerPartMax: Int64 = 1_024
    /// Orders that are looked at in one turn for one answer that wants some of them, at about 3 ns each.
    static let rowsExaminedMax = 65_536

    @exclusivity(unchecked) var store: OrderStore
    @exclusivity(unchecked) private var hostPolicy: HostPolicy
    let settings: PlatformSettings
    let work: WorkLimits
    let feed: Feed
    let originPolicy: OriginPolicy
    /// Where a body is written whose length its head has to tell.
    var scratch = ByteWriter(capacity: 4_096)
    private var startNanoseconds: UInt64?
    /// The time by which orders fall due.
    @exclusivity(unchecked) var clock = MarketClock(openedAt: 0)
    /// What is to go wrong.
    var faults = FaultPlan()
    /// Who waits for an answer that is held back.
    var delayed = DelayedSessions()
    /// What has been placed under which key.
    var idempotencyKeys: IdempotencyKeys
    /// The number of the market: each reset begins another.
    package internal(set) var era: UInt64 = 0
    /// Who is told what answers do not tell; nobody where the platform is not being checked.
    package weak var witness: (any PlatformWitness)?
    /// `Feed-Sequence` and the beginning of `ETag`, as they are until the next event.
    @exclusivity(unchecked) private var stateFields = StateFields()
    /// What has been counted since the start.
    @exclusivity(unchecked) var counts = PlatformCounts()
    /// Where the orders are kept, where they are not in ``store``: then that has only the log of their
    /// events.
    var market: (any SharedMarket)?
    /// Whether there is one: to look whether ``market`` is nil would retain it, with each request.
    @exclusivity(unchecked) var isShared = false
    /// Delays that were drawn for orders of the market.
    var drawnDelays: Int64 = 0
    /// Who waits for an event that this instance has not heard of yet.
    var awaited: [(sequence: UInt64, then: (MarketResult<Void>) -> Void)] = []
    /// Asks the system of the process; nil where there is none, as in a simulation.
    public var processFigures: (() -> ProcessFigures)?

    /// A platform with the three orders that are there for testing.
    public convenience init(settings: PlatformSettings) {
        self.init(settings: settings, sessions: settings.sessionLimits, work: WorkLimits())
    }

    /// A platform with limits of its own.
    package init(settings: PlatformSettings, sessions: SessionLimits, work: WorkLimits) {
        precondition(work.eventsMax >= 2 * work.executionsPerTurnMax)
        self.settings = settings
        self.work = work
        store = Platform.makeStore(settings, work)
        idempotencyKeys = IdempotencyKeys(countMax: work.idempotencyKeysMax)
        feed = Feed(work: work)
        hostPolicy = HostPolicy(isEnforced: settings.isBoundToLoopback, allowed: settings.allowedHosts)
        originPolicy = OriginPolicy(allowed: settings.allowedOrigins)
        super.init(limits: sessions)
    }

    /// A store with the three orders that are there for testing.
    static func makeStore(_ settings: PlatformSettings, _ work: WorkLimits) -> OrderStore {
        let delays = DelayPolicy(
            minMilliseconds: settings.minDelayMilliseconds, maxMilliseconds: settings.maxDelayMilliseconds,
            seed: settings.delaySeed)
        var store = OrderStore(ordersMax: settings.ordersMax, delays: delays, eventsMax: work.eventsMax)
        store.seedExamples()
        return store
    }

    /// When the next order is due, or the next answer that is held back.
    public override var nextDeadlineNanoseconds: UInt64? {
        if isShared { return market?.nextDeadlineNanoseconds }
        let due = store.nextDueNanoseconds.flatMap { clock.hostTime(ofMarket: $0) }
        guard let delayedDue = delayed.nextDueNanoseconds else { return due }
        return min(delayedDue, due ?? .max)
    }

    /// The moment by the market's clock.
    var marketNow: UInt64 { clock.now(atHost: host.nowNanoseconds) }

    var uptimeSeconds: UInt64 {
        (host.nowNanoseconds - (startNanoseconds ?? host.nowNanoseconds)) / 1_000_000_000
    }

    // MARK: Requests

    /// Answers one request.
    public override func respond(
        to request: Request, head: Span<UInt8>, body: Span<UInt8>, on session: Session,
        into output: inout ByteWriter
    ) -> Reply {
        let authority = head.extracting(request.head.authority.range)
        let verdict: OriginPolicy.Verdict =
            request.head.flags.contains(.origin)
            ? originPolicy.verdict(on: head.extracting(request.head.origin.range), for: authority) : .absent
        let answer = Answer(request: request, origin: verdict)
        guard hostPolicy.accepts(authority), !request.head.flags.contains(.foreignScheme) else {
            return counted(
                RouteKind.none.place, request.head.method, session, misdirected(answer, head, into: &output))
        }
        guard !request.head.flags.contains(.pathEncoded) else {
            return respondDecoded(answer, head, body, on: session, into: &output)
        }
        let route = Route(path: head.extracting(request.head.path.range))
        return counted(
            route.place(of: request), request.head.method, session,
            respond(answer, route, head, body, on: session, into: &output))
    }

    private func respondDecoded(
        _ answer: Answer, _ head: Span<UInt8>, _ body: Span<UInt8>, on session: Session,
        into output: inout ByteWriter
    ) -> Reply {
        let path = head.extracting(answer.request.head.path.range)
        let decoded = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: path.count)
        defer { decoded.deallocate() }
        guard let count = PercentDecoding.decode(path, into: decoded) else {
            let problem = Problem(
                .badRequest, "A percent sign in the path is not followed by two hexadecimal digits.")
            return counted(
                RouteKind.none.place, answer.request.head.method, session,
                refuse(problem, answer, head, into: &output))
        }
        let route = Route(path: UnsafeBufferPointer(decoded).span.extracting(0..<count))
        return counted(
            route.place(of: answer.request), answer.request.head.method, session,
            respond(answer, route, head, body, on: session, into: &output))
    }

    @inline(__always)
    private func respond(
        _ answer: Answer, _ route: Route, _ head: Span<UInt8>, _ body: Span<UInt8>, on session: Session,
        into output: inout ByteWriter
    ) -> Reply {
        let flags = answer.request.head.flags
        if flags.contains(.asterisk) { return options(answer, Route.allowAnywhere, head, into: &output) }
        if flags.contains(.authorityForm) {
            return methodNotAllowed(answer, Route.allowAnywhere, head, into: &output)
        }
        if faults.actsOnRequests, route.isAboutOrders {
            return respondFaultily(answer, route, head, body, on: session, into: &output)
        }
        return serve(answer, route, head, body, on: session, into: &output)
    }

    /// Does what is asked.
    func serve(
        _ answer: Answer, _ route: Route, _ head: Span<UInt8>, _ body: Span<UInt8>, on session: Session,
        into output: inout ByteWriter
    ) -> Reply {
        if isShared, let reply = serveShared(answer, route, head, body, on: session, into: &output) {
            return reply
        }
        switch (route, answer.request.head.method) {
        case (.order(let id), .get), (.order(let id), .head):
            return getOrder(id, answer, head, into: &output)
        case (.orders, .post):
            return placeOrder(answer, head, body, into: &output)
        case (.order(let id), .delete):
            return cancelOrder(id, answer, head, into: &output)
        case (.orders, .get), (.orders, .head):
            return listOrders(answer, head, on: session, into: &output)
        case (.webSocket, .get), (.webSocket, .head):
            return openWebSocket(answer, head, on: session, into: &output)
        case (.events, .get), (.events, .head):
            return openStream(answer, head, on: session, into: &output)
        case (.orders, .delete):
            return cancelOrders(answer, head, on: session, into: &output)
        case (.control, .get), (.control, .head), (.controlReset, .post), (.controlClock, .post),
            (.controlFaults, .post):
            return control(route, answer, head, body, on: session, into: &output)
        case (.health, .get), (.health, .head):
            return health(answer, head, into: &output)
        case (.metrics, .get), (.metrics, .head):
            return metrics(answer, head, into: &output)
        case (.file(let index), .get), (.file(let index), .head):
            return asset(Asset.all[index], answer, head, into: &output)
        default:
            return serveOtherwise(answer, route, head, into: &output)
        }
    }

    private func serveOtherwise(
        _ answer: Answer, _ route: Route, _ head: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        guard let allow = route.allow else {
            return refuse(
                Problem(.notFound, "There is nothing at this address."), answer, head, into: &output)
        }
        return answer.request.head.method == .options
            ? options(answer, allow, head, into: &output)
            : methodNotAllowed(answer, allow, head, into: &output)
    }

    /// Appends the next part of an answer.
    public override func continueReply(on session: Session, into output: inout ByteWriter) -> Reply {
        goOn(on: session, into: &output)
    }

    /// Gives a stream its sign of life. (What subscribers send is read, and not listened to.)
    public override func heartbeat(on session: Session, into output: inout ByteWriter) {
        appendHeartbeat(on: session, to: &output)
    }

    /// Sends what a subscriber has missed while it had no room.
    public override func hasRoom(_ session: Session) {
        guard let subscriber = session.attachment as? Subscriber else { return }
        feed.visit(subscriber, store.log)
    }

    // MARK: Turns

    /// Counts a turn of the loop.
    public override func turnEnded(afterNanoseconds duration: UInt64) {
        counts.turns.record(nanoseconds: duration)
    }

    /// Forgets a subscriber, and who waits for an answer.
    public override func ended(_ session: Session) {
        feed.unsubscribe(session)
        delayed.remove(session)
    }

    /// Sends all that has happened, and what is held back.
    public override func willStop() {
        feed.relieve(store.log)
        delayed.release(at: .max)
    }

    /// Executes some of what is due. Answers whether more is.
    package func executeDue() -> Bool {
        let isMoreDue = store.executeDue(at: marketNow, max: work.executionsPerTurnMax)
        relievePressure()
        return isMoreDue
    }

    /// Executes what is due and sends what has happened.
    public override func finishTurn() -> Bool {
        if startNanoseconds == nil { open() }
        delayed.release(at: host.nowNanoseconds)
        if isShared { market?.finishTurn(atNanoseconds: host.nowNanoseconds) }
        let isMoreDue = store.executeDue(at: marketNow, max: work.executionsPerTurnMax)
        let isMoreToSend = feed.distribute(store.log)
        return isMoreDue || isMoreToSend
    }

    /// The market opens with the first turn.
    private func open() {
        startNanoseconds = host.nowNanoseconds
        clock = openedClock()
    }

    /// The clock of a market that opens now.
    func openedClock() -> MarketClock {
        MarketClock(openedAt: host.nowNanoseconds, isPaused: settings.isClockPaused)
    }

    // MARK: Fields

    /// Appends `Feed-Sequence` and the `ETag` of an order's state.
    @inline(__always)
    func appendStateFields(_ order: Order, asOf sequence: UInt64, to output: inout ByteWriter) {
        stateFields.append(sequence: sequence, EntityTag(order.fingerprint), to: &output)
    }
}
