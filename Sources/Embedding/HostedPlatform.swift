import Orders
import Platform
import Reactor
import Server

/// A platform on the loop's thread, from its start to its stop, for those who are elsewhere: whatever they
/// ask for is one hop to the loop and back.
@LoopActor
final class HostedPlatform: LoopTurnHandler {
    private enum Phase {
        case running
        /// What is under way is being answered.
        case stopping
        /// All connections are gone; libuv frees the last handles in this turn.
        case closing
        /// It may be freed at the turn's end.
        case closed
        case stopped
    }

    /// What one hop fetches for whoever iterates: its memory, at 24 bytes each.
    private static let eventsPerBatchMax: UInt64 = 256

    private let loop: Loop
    private(set) var platform: Platform?
    private var server: Server?
    private var phase = Phase.running
    /// What the log held when the server stopped, and the number of its first event.
    private var lastEvents: [OrderEvent] = []
    private var firstSequence: UInt64 = 1
    private var era: UInt64 = 0
    /// The number of the last event of which those who wait have been told.
    private var toldSequence: UInt64 = 0
    private var waitingForTurn: [CheckedContinuation<Void, Never>] = []
    private var waitingForStop: [CheckedContinuation<Void, Never>] = []
    private var waitingForEvents: [UInt64: CheckedContinuation<Void, Never>] = [:]
    private var nextWaiting: UInt64 = 0

    private init(_ platform: Platform, on loop: Loop) {
        self.loop = loop
        self.platform = platform
        server = Server(application: platform, loop: loop)
        super.init()
        // After the server, so that this sees what it has done.
        loop.finishTurns(with: self)
    }

    /// A platform that listens at an address and whose market is open, and the address as it is bound.
    static func start(
        _ settings: PlatformSettings, _ work: WorkLimits, on loop: Loop, at address: SocketAddress
    ) async throws(UVError) -> (HostedPlatform, SocketAddress) {
        let platform = Platform(settings: settings, sessions: settings.sessionLimits, work: work)
        let hosted = HostedPlatform(platform, on: loop)
        do throws(UVError) {
            let bound = try hosted.server!.listen(at: address)
            await hosted.turn()
            return (hosted, bound)
        } catch {
            await hosted.stop()
            throw error
        }
    }

    /// Waits until the loop has finished a turn.
    private func turn() async {
        await withCheckedContinuation { waitingForTurn.append($0) }
    }

    /// Has the market's clock leap, and waits until what fell due is executed: a bounded part of it in each
    /// turn, as for all who ask.
    func advance(milliseconds: UInt64) async throws(TradeLoopError) {
        guard phase == .running, let platform, let server else { throw .serverStopped }
        server.advance()
        platform.leap(milliseconds: milliseconds)
        while platform.executeDue() {
            await turn()
            guard phase == .running else { throw .serverStopped }
        }
    }

    // MARK: Events

    /// The number of the last event.
    var lastSequence: Int { Int(lastEventSequence) }

    private var lastEventSequence: UInt64 {
        platform?.lastSequence ?? firstSequence + UInt64(lastEvents.count) - 1
    }

    private var firstEventSequence: UInt64 { platform?.firstSequence ?? firstSequence }

    private func event(_ sequence: UInt64) -> OrderEvent {
        platform?.event(sequence) ?? lastEvents[Int(sequence - firstSequence)]
    }

    /// The next events after a place in the log, once there are some; none where there will be none.
    func nextEvents(after place: TradeLoop.Events.Place) async throws(TradeLoopError)
        -> TradeLoop.Events.Batch
    {
        var place = place
        while true {
            let era = platform?.era ?? era
            guard place.era == nil || place.era == era else { throw .marketReset }
            place.era = era
            let (first, last) = (firstEventSequence, lastEventSequence)
            guard place.sequence >= 0, place.sequence <= last else {
                throw .eventUnknown(place.sequence, last: Int(last))
            }
            let next = UInt64(place.sequence) + 1
            guard next >= first else {
                throw .eventsPassed(after: place.sequence, held: Int(first)...Int(last))
            }
            if next <= last, !Task.isCancelled {
                let end = min(last + 1, next + Self.eventsPerBatchMax)
                let events = (next..<end).map { TradeLoop.Event(event($0), sequence: $0) }
                return TradeLoop.Events.Batch(events: events, era: era)
            }
            if phase == .stopped || Task.isCancelled {
                return TradeLoop.Events.Batch(events: [], era: era)
            }
            await news()
        }
    }

    /// Waits until there are new events, the server has stopped, or the task is cancelled.
    private func news() async {
        let number = nextWaiting
        nextWaiting += 1
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiting in
                if Task.isCancelled {
                    waiting.resume()
                } else {
                    waitingForEvents[number] = waiting
                }
            }
        } onCancel: {
            // On the loop this comes after the task above has begun to wait.
            Task { @LoopActor in self.waitingForEvents.removeValue(forKey: number)?.resume() }
        }
    }

    private func tellNews() {
        let waiting = waitingForEvents
        waitingForEvents = [:]
        for waiting in waiting.values { waiting.resume() }
    }

    // MARK: Turns

    /// Goes on with those who wait for what this turn has done.
    override func turnEnding(atNanoseconds now: UInt64) -> Bool {
        if !waitingForTurn.isEmpty {
            let waiting = waitingForTurn
            waitingForTurn = []
            for waiting in waiting { waiting.resume() }
        }
        if let platform, platform.lastSequence != toldSequence || platform.era != era {
            toldSequence = platform.lastSequence
            era = platform.era
            tellNews()
        }
        switch phase {
        case .running, .stopping, .stopped:
            return false
        case .closing:
            phase = .closed
            return true
        case .closed:
            finishStopping()
            return false
        }
    }

    // MARK: Stopping

    /// Stops, and waits until all is given back.
    func stop() async {
        guard phase != .stopped else { return }
        await withCheckedContinuation { waiting in
            waitingForStop.append(waiting)
            guard phase == .running else { return }
            phase = .stopping
            server?.stop { [self] in phase = .closing }
        }
    }

    private func finishStopping() {
        if let platform, platform.lastSequence >= platform.firstSequence {
            firstSequence = platform.firstSequence
            lastEvents = (firstSequence...platform.lastSequence).map(platform.event)
        }
        phase = .stopped
        loop.forget(self)
        server = nil
        platform = nil
        tellNews()
        let waiting = waitingForStop
        waitingForStop = []
        for waiting in waiting { waiting.resume() }
    }
}
