import HTTP1
import Orders
import Platform
import Sessions
import WebSocket

/// What a day is like, drawn from its seed: each has habits of its own, and limits small enough to be met.
struct Conditions {
    /// What may happen in a step.
    enum Deed: CaseIterable {
        case connect, subscribe, ask, burst, crowd, say, send, operate, stall, relax, vanish, halfClose, wait,
            leap,
            turn
    }

    let settings: PlatformSettings
    let sessions: SessionLimits
    let work: WorkLimits
    let steps: Int
    /// The step after which the server is stopped; nil where it is not.
    let stopStep: Int?
    let clientsMax: Int
    let startNanoseconds: UInt64
    /// Each deed as often as it is likely.
    private let deeds: [Deed]

    var delays: DelayPolicy {
        DelayPolicy(
            minMilliseconds: settings.minDelayMilliseconds, maxMilliseconds: settings.maxDelayMilliseconds,
            seed: settings.delaySeed)
    }

    init(_ generator: inout SeededGenerator) {
        var settings = PlatformSettings()
        let isTrue = generator.once(in: 3)
        settings.minDelayMilliseconds = isTrue ? 1_000 : UInt32(generator.below(400))
        settings.maxDelayMilliseconds =
            isTrue ? 5_000 : settings.minDelayMilliseconds + UInt32(generator.below(2_000))
        if generator.once(in: 40) { settings.maxDelayMilliseconds = 200_000 }
        settings.delaySeed = generator.next()
        if generator.once(in: 6) { settings.ordersMax = 3 + generator.below(40) }
        settings.isControllable = generator.once(in: 3)
        if generator.once(in: 6) { settings.connectionsMax = 1 + generator.below(12) }
        self.settings = settings

        var sessions = settings.sessionLimits
        sessions.outputBytesMax = generator.one(of: [600, 2_000, 10_000, sessions.outputBytesMax])
        sessions.refusalsMax = generator.one(of: [1, 3, sessions.refusalsMax])
        sessions.resumedSessionsMax = generator.one(of: [1, 2, sessions.resumedSessionsMax])
        sessions.sweepSessionsMax = generator.one(of: [1, 3, sessions.sweepSessionsMax])
        sessions.webSocket = WebSocketLimits(
            messageBytesMax: generator.one(of: [300, 1_000, 65_536]), fragmentsMax: 16)
        self.sessions = sessions

        var work = WorkLimits()
        if !generator.once(in: 4) {
            work.eventsMax = generator.one(of: [16, 32, 128, 1_024])
            work.executionsPerTurnMax = generator.one(of: [1, 3, work.eventsMax / 2])
            work.rowsPerPartMax = generator.one(of: [1, 4, 50])
            work.rowsExaminedMax = generator.one(of: [1, 3, 20, work.rowsExaminedMax])
            work.idempotencyKeysMax = generator.one(of: [1, 2, 5, work.idempotencyKeysMax])
            work.eventsPerWriteMax = generator.one(of: [1, 3, 100])
            work.visitsPerTurnMax = generator.one(of: [1, 2, 32])
            work.bytesPerTurnMax = generator.one(of: [1, 200, work.bytesPerTurnMax])
        }
        self.work = work

        steps = generator.once(in: 20) ? 600 : 40 + generator.below(120)
        stopStep = generator.once(in: 3) ? generator.below(steps) : nil
        clientsMax = generator.one(of: [3, 8, 20, 45])
        startNanoseconds = UInt64(generator.below(3_000_000_000))
        var deeds: [Deed] = [
            .connect, .connect, .subscribe, .ask, .ask, .ask, .send, .send, .wait, .wait, .relax,
        ]
        for deed in Deed.allCases {
            deeds += Array(repeating: deed, count: generator.one(of: [0, 0, 1, 2, 5]))
        }
        self.deeds = deeds
    }

    func deed(_ generator: inout SeededGenerator) -> Deed { generator.one(of: deeds) }
}
