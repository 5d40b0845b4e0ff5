import Platform

/// What a day with several instances is like, drawn from its seed.
struct SharedConditions {
    /// What may happen in a step.
    enum Deed: CaseIterable {
        case trade, follow, rejoin, wait, vanish, reset, stall, holdUp, refuse, forget, refuseWrites, empty
        case setBack, keep, trim, load, leap, die, stop, arrive
    }

    private(set) var settings = PlatformSettings()
    private(set) var work = WorkLimits()
    let instancesMax: Int
    let steps: Int
    let tradersMax: Int
    let followersMax: Int
    /// How long bytes are on their way, one way.
    let transitNanoseconds: ClosedRange<Int>
    /// How late timers may be.
    let lateNanosecondsMax: Int
    let password: String?
    let feedMax: Int
    let offsetMicroseconds: Int64
    /// How many orders others have placed before the day began; nil where there is no market yet.
    let pastOrders: Int?
    private let deeds: [Deed]

    init(_ generator: inout SeededGenerator) {
        settings.minDelayMilliseconds = UInt32(generator.below(400))
        settings.maxDelayMilliseconds = settings.minDelayMilliseconds + UInt32(generator.below(3_000))
        settings.delaySeed = generator.next()
        if generator.once(in: 8) { settings.ordersMax = 5 + generator.below(30) }
        if generator.once(in: 3) {
            work.eventsMax = generator.one(of: [16, 64, 1_024])
            work.executionsPerTurnMax = 1
            work.eventsPerWriteMax = generator.one(of: [1, 3, 100])
            work.visitsPerTurnMax = generator.one(of: [1, 2, 32])
        }
        instancesMax = 1 + generator.below(3)
        steps = 20 + generator.below(80)
        tradersMax = 1 + generator.below(5)
        followersMax = 1 + generator.below(5)
        let least = generator.one(of: [20_000, 200_000, 2_000_000, 20_000_000])
        transitNanoseconds = least...least + generator.one(of: [10_000, 500_000, 5_000_000, 100_000_000])
        lateNanosecondsMax = generator.one(of: [1, 1_000_000, 6_000_000])
        password = generator.once(in: 4) ? "secret" : nil
        feedMax = generator.once(in: 6) ? 2 + generator.below(60) : 131_072
        offsetMicroseconds = Int64(generator.below(20_000_000)) - 10_000_000
        pastOrders = generator.once(in: 30) ? 1_200 : generator.one(of: [nil, nil, 0, 20, 140])
        var deeds: [Deed] = [.trade, .trade, .trade, .trade, .trade, .follow, .rejoin, .wait, .wait, .wait]
        if !generator.once(in: 6) {
            for deed in Deed.allCases {
                deeds += Array(repeating: deed, count: generator.one(of: [0, 0, 0, 1, 2]))
            }
        }
        self.deeds = deeds
    }

    func deed(_ generator: inout SeededGenerator) -> Deed { generator.one(of: deeds) }
}
