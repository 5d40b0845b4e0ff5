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

    /// The sessions and the time.
    @exclusivity(unchecked) public private(set) var host: SessionHost!

    /// Due orders that are executed in one turn, at about 20 ns each.
    static let executionsPerTurnMax = 4_096
    /// Orders of a list that are written in one part: some 80 KB.
    static let rowsPerPartMax: Int64 = 1_024

    @exclusivity(unchecked) var store: OrderStore
    @exclusivity(unchecked) private var hostPolicy: HostPolicy
    let settings: PlatformSettings
    let work: WorkLimits
    let feed: Feed
    let originPolicy: OriginPolicy
    /// Where a body is written whose length its head has to tell.
    var scratch = ByteWriter(capacity: 4_096)
    private var startNanoseconds: UInt64?

    /// A platform with the three orders that are there for testing.
    public convenience init(settings: PlatformSettings) {
        self.init(settings: settings, sessions: settings.sessionLimits, work: WorkLimits())
    }

    /// A platform with limits of its own.
    package init(settings: PlatformSettings, sessions: SessionLimits, work: WorkLimits) {
        precondition(work.eventsMax >= 2 * work.executionsPerTurnMax)
        self.settings = settings
        self.work = work
        let delays = DelayPolicy(
            minMilliseconds: settings.minDelayMilliseconds, maxMilliseconds: settings.maxDelayMilliseconds,
            seed: settings.delaySeed)
        store = OrderStore(
            ordersMax: settings.ordersMax, delays: delays, eventsMax: work.eventsMax)
        store.seedExamples()
        feed = Feed(work: work)
        hostPolicy = HostPolicy(isEnforced: settings.isBoundToLoopback, allowed: settings.allowedHosts)
        originPolicy = OriginPolicy(allowed: settings.allowedOrigins)
        host = SessionHost(application: self, limits: sessions)
    }

    /// When the next order is due.
    public var nextDeadlineNanoseconds: UInt64? { store.nextDueNanoseconds }

    var uptimeSeconds: UInt64 {
        (host.nowNanoseconds - (startNanoseconds ?? host.nowNanoseconds)) / 1_000_000_000
    }

    // MARK: Requests

    /// Answers one request.
    public func respond(
        to request: Request, head: Span<UInt8>, body: Span<UInt8>, on session: Session,
        into output: inout ByteWriter
    ) -> Reply {
        let authority = head.extracting(request.head.authority.range)
        let verdict: OriginPolicy.Verdict =
            request.head.flags.contains(.origin)
            ? originPolicy.verdict(on: head.extracting(request.head.origin.range), for: authority) : .absent
        let answer = Answer(request: request, origin: verdict)
        guard hostPolicy.accepts(authority), !request.head.flags.contains(.foreignScheme) else {
            return misdirected(answer, head, into: &output)
        }
        guard !request.head.flags.contains(.pathEncoded) else {
            return respondDecoded(answer, head, body, on: session, into: &output)
        }
        let route = Route(path: head.extracting(request.head.path.range))
        return respond(answer, route, head, body, on: session, into: &output)
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
            return refuse(problem, answer, head, into: &output)
        }
        let route = Route(path: UnsafeBufferPointer(decoded).span.extracting(0..<count))
        return respond(answer, route, head, body, on: session, into: &output)
    }

    private func respond(
        _ answer: Answer, _ route: Route, _ head: Span<UInt8>, _ body: Span<UInt8>, on session: Session,
        into output: inout ByteWriter
    ) -> Reply {
        let flags = answer.request.head.flags
        if flags.contains(.asterisk) { return options(answer, Route.allowAnywhere, head, into: &output) }
        if flags.contains(.authorityForm) {
            return methodNotAllowed(answer, Route.allowAnywhere, head, into: &output)
        }
        guard let allow = route.allow else {
            return refuse(
                Problem(.notFound, "There is nothing at this address."), answer, head, into: &output)
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
            return openWebSocket(answer, head, into: &output)
        case (.health, .get), (.health, .head):
            return health(answer, head, into: &output)
        case (.home, .get), (.home, .head):
            return asset(.home, answer, head, into: &output)
        case (.style, .get), (.style, .head):
            return asset(.style, answer, head, into: &output)
        case (.script, .get), (.script, .head):
            return asset(.script, answer, head, into: &output)
        case (.icon, .get), (.icon, .head):
            return asset(.icon, answer, head, into: &output)
        case (_, .options):
            return options(answer, allow, head, into: &output)
        default:
            return methodNotAllowed(answer, allow, head, into: &output)
        }
    }

    // MARK: The feed

    private func openWebSocket(
        _ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        if let refusal = Upgrade.refusal(of: answer.request, head: head) {
            return refuse(refusal.problem, answer, head, fields: refusal.fields, into: &output)
        }
        guard answer.origin != .foreign else { return refuseOrigin(answer, head, into: &output) }
        guard !host.isStopping else {
            return refuse(
                Problem(.serviceUnavailable, "This server is being stopped."), answer, head, into: &output)
        }
        Upgrade.accept(answer.request, head: head, of: host, into: &output)
        return .webSocket
    }

    /// Has the session hear all events from now on.
    public func webSocketOpened(on session: Session) {
        feed.subscribe(session, log: store.log)
    }

    /// What subscribers send is read and ignored.
    public func received(
        _ kind: Opcode, _ data: UnsafeRawBufferPointer, endOfMessage: Bool, on session: Session,
        into output: inout ByteWriter
    ) {}

    /// Sends what a subscriber has missed while it had no room.
    public func hasRoom(_ session: Session) {
        guard let subscriber = session.attachment as? Feed.Subscriber else { return }
        feed.visit(subscriber)
    }

    /// Forgets a subscriber.
    public func ended(_ session: Session) {
        feed.unsubscribe(session)
    }

    /// Keeps the log from passing subscribers who do read, in a turn that changes very much.
    func relievePressure() {
        if feed.isPressed(by: store.log) { feed.relieve(store.log) }
    }

    /// Sends all that has happened.
    public func willStop() {
        feed.relieve(store.log)
    }

    /// Executes what is due and sends what has happened.
    public func finishTurn() -> Bool {
        if startNanoseconds == nil { startNanoseconds = host.nowNanoseconds }
        let isMoreDue = store.executeDue(at: host.nowNanoseconds, max: work.executionsPerTurnMax)
        let isMoreToSend = feed.distribute(store.log)
        return isMoreDue || isMoreToSend
    }
}
