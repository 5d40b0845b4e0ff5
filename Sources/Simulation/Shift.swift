import Orders
import Platform
import Sessions

/// One server's life, from its start to its stop, with its clients: the whole platform on a simulated network
/// and clock, held after every step against an oracle.
final class Shift {
    let conditions: Conditions
    let trace: Trace
    var platform: Platform
    let network: Network
    var generator: SeededGenerator
    var model: OrderModel
    /// The market's clock, what is to go wrong, and what was placed under which key, as they have to be.
    var clock: MarketModel
    var faults = FaultModel()
    var keys: KeyModel
    /// What clients have been told.
    var known = Knowledge()
    /// What long answers have changed, in the order in which they did, and the oracle has not taken over.
    var runs: [ForeignRun] = []
    /// Who has joined the feed since that was last looked at.
    var joined: [Participant] = []
    /// Orders of the markets that were before the last reset.
    var pastOrderCount = 0
    /// Whether subscribers may have been dropped in this step because that was asked for.
    var mayDropSubscribers = false
    var participants: [Participant] = []
    /// Those whose connections are gone, to see that their sessions are.
    var departed: [Participant] = []
    /// To whom the server has said something since that was last looked at, in order.
    var touched: [Participant] = []
    /// Who was delivered to before any of them was answered, in order.
    var askedTogether: [Participant] = []
    var connectedCount = 0
    /// When the server was stopped.
    var stopNanoseconds: UInt64?
    /// When time leapt last: what should have happened meanwhile is made up for in some turns.
    var leapNanoseconds: UInt64 = 0
    /// How many of the log's events have been held against the oracle's.
    var checkedEvents = 0
    /// What went wrong first.
    private(set) var fault: String?

    init(conditions: Conditions, generator: SeededGenerator, trace: Trace) {
        self.conditions = conditions
        self.generator = generator
        self.trace = trace
        platform = Platform(
            settings: conditions.settings, sessions: conditions.sessions, work: conditions.work)
        model = OrderModel(delays: conditions.delays)
        clock = MarketModel(openedAt: Network.startNanoseconds)
        keys = KeyModel(countMax: conditions.work.idempotencyKeysMax)
        network = Network(host: platform.host)
        platform.witness = self
        network.skip(nanoseconds: conditions.startNanoseconds)
        network.whenDelivered = { [unowned self] in observe() }
        network.whenTurnFinished = { [unowned self] isMoreLeft in observeTurn(isMoreLeft: isMoreLeft) }
    }

    var now: UInt64 { network.host.nowNanoseconds }
    /// The time by the market's clock.
    var marketNow: UInt64 { clock.now(now) }
    var isStopping: Bool { stopNanoseconds != nil }

    /// Runs the shift to its end, or to the first fault.
    func run() {
        for step in 0..<conditions.steps where fault == nil {
            if step == conditions.stopStep { stop() }
            act(conditions.deed(&generator))
            intervene()
            endStep()
            if isStopping, participants.isEmpty { break }
        }
        if fault == nil { finish() }
    }

    func fail(_ reason: @autoclosure () -> String) {
        guard fault == nil else { return }
        fault = reason()
        network.isHalted = true
    }

    func note(_ what: StaticString, _ participant: Participant? = nil, _ amount: Int = 0) {
        trace.nanoseconds = network.nanoseconds
        trace.note(what, participant?.number ?? 0, amount)
    }

    /// Ends turns as the loop would: none yet, one, or as many as there is work for.
    private func endStep() {
        switch generator.below(6) {
        case 0: check()
        case 1:
            network.turn()
            check()
        default: settle()
        }
        mayDropSubscribers = faults.dropSubscriber > 0
    }

    /// Ends turns until no work is left.
    func settle() {
        network.settle()
        check()
        checkSettled()
    }

    // MARK: Hearing

    /// Looks at what the server said in a delivery.
    func observe() {
        applyControl()
        noteArrivals()
        // In whatever order they are answered, they were served in the order in which they asked.
        touched =
            askedTogether.filter(\.isTouched)
            + touched.filter { one in !askedTogether.contains { $0 === one } }
        askedTogether = []
        for participant in touched { hearAnswers(participant) }
        for participant in participants { participant.noteBegun(nowNanoseconds: now) }
        adoptAllRuns()
        checkLog()
        hearFeed()
    }

    /// Looks at what the server said at a turn's end. Answers to held requests come first, then due orders.
    private func observeTurn(isMoreLeft: Bool) {
        for participant in touched { hearAnswers(participant) }
        for participant in touched { participant.noteBegun(nowNanoseconds: now) }
        adoptAllRuns()
        let executed = Int(platform.lastSequence) - model.events.count
        if executed > conditions.work.executionsPerTurnMax { fail("\(executed) orders executed in one turn") }
        model.execute(atNanoseconds: marketNow, countMax: max(0, executed))
        if !isMoreLeft, let due = model.firstDueNanoseconds, due <= marketNow {
            fail("an order is due since \(due) ns at \(marketNow) ns, and no work is said to be left")
        }
        checkLog()
        hearFeed()
    }

    private func hearFeed() {
        for participant in touched {
            hearFrames(participant)
            hearBlocks(participant)
            participant.forgetHeard()
            participant.isTouched = false
        }
        touched.removeAll(keepingCapacity: true)
        for participant in participants where participant.speech == .stream && participant.line.isShutDown {
            checkStreamEnd(participant)
        }
    }

    private func noteArrivals() {
        for participant in participants {
            let delivered = participant.deliveredCount
            if delivered != participant.lastDeliveredCount {
                participant.lastDeliveredCount = delivered
                participant.lastLifeNanoseconds = now
            }
        }
    }

    /// Holds the platform's log against the oracle's, event by event.
    private func checkLog() {
        guard Int(platform.lastSequence) == model.events.count else {
            fail("the log has \(platform.lastSequence) events, not \(model.events.count)")
            return
        }
        // What the log has passed already can no longer be looked at.
        checkedEvents = max(checkedEvents, Int(platform.firstSequence) - 1)
        while checkedEvents < model.events.count {
            let event = platform.event(UInt64(checkedEvents + 1))
            let due = model.events[checkedEvents]
            if event != due {
                fail(
                    "event \(checkedEvents + 1) is \(event.orderID) \(event.status.name), not "
                        + "\(due.orderID) \(due.status.name)")
            }
            checkedEvents += 1
        }
        if let id = model.doubled { fail("order \(id) ended twice") }
    }
}
