import Orders
import Testing

/// Thousands of random steps, each compared with the model.
@Suite struct ExecutionModelTests {
    private static let stepCount = 3_000

    /// How far time moves in one step: not at all, within a millisecond, and up to hours over many spans.
    private static func jump(_ random: inout SeededGenerator) -> UInt64 {
        switch UInt.random(in: 0..<12, using: &random) {
        case 0, 1: 0
        case 2: UInt64.random(in: 1..<millisecond, using: &random)
        case 3, 4: millisecond
        case 5, 6: UInt64.random(in: 0...3_000 * millisecond, using: &random)
        case 7, 8: UInt64.random(in: 0...30_000 * millisecond, using: &random)
        case 9: 65_536 * millisecond
        case 10: UInt64.random(in: 0...600_000 * millisecond, using: &random)
        default: UInt64.random(in: 0...20_000_000 * millisecond, using: &random)
        }
    }

    private static func delay(_ random: inout SeededGenerator) -> UInt32 {
        switch UInt.random(in: 0..<8, using: &random) {
        case 0: UInt32.random(in: 0...2, using: &random)
        case 1...4: UInt32.random(in: 1_000...5_000, using: &random)
        case 5: UInt32.random(in: 65_530...65_540, using: &random)
        case 6: UInt32.random(in: 0...400_000, using: &random)
        default: UInt32.random(in: 0...DelayPolicy.delayMillisecondsMax, using: &random)
        }
    }

    @Test(arguments: UInt64(1)...16)
    func agreesWithTheModel(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var store = makeStore(ordersMax: Self.stepCount * 4, eventsMax: 16_384)
        var model = ExecutionModel()
        var now = ExecutionTests.starts[Int(seed) % ExecutionTests.starts.count]
        for step in 0..<Self.stepCount {
            switch UInt.random(in: 0..<8, using: &random) {
            case 0...2:
                // Several at one time, so that due times are often equal.
                let delay = Self.delay(&random)
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    model.advance(to: now)
                    let id = try store.placed(delay: delay, at: now)
                    model.place(id, delayMilliseconds: delay)
                }
            case 3:
                let id = Int64.random(in: 0...Int64(store.count), using: &random)
                _ = store.cancel(id)
                model.cancel(id)
            default:
                if UInt.random(in: 0..<4, using: &random) == 0 { now += Self.jump(&random) }
                let visitsMax = Int.random(in: 1...24, using: &random)
                try Self.executeAndCompare(&store, &model, at: now, visitsMax: visitsMax)
            }
            try #require(store.scheduledCount == model.waiting.count, "step \(step)")
            let next = store.nextDueNanoseconds
            try #require((next == nil) == model.waiting.isEmpty, "step \(step)")
            if let next, let first = model.waiting.first {
                try #require(next <= first.dueTick * millisecond, "late at step \(step)")
            }
        }
        #expect(store.executedCount > Self.stepCount / 8)
    }

    private static func executeAndCompare(
        _ store: inout OrderStore, _ model: inout ExecutionModel, at now: UInt64, visitsMax: Int
    ) throws {
        // Now and then a time that mostly lies before, which must count as the latest.
        let seen = store.log.lastSequence
        let time = visitsMax == 7 ? now / 2 : now
        model.advance(to: time)
        let more = store.executeDue(at: time, max: visitsMax)
        let executed = store.events(from: seen + 1)
        try #require(executed.count <= visitsMax)
        try #require(executed.allSatisfy { $0.status == .executed })
        try #require(executed.map(\.orderID) == model.execute(executed.count))
        if !more {
            try #require(model.dueCount == 0, "something due was left")
            if let next = store.nextDueNanoseconds {
                try #require(next / millisecond > model.now / millisecond, "a deadline that cannot be met")
            }
        }
    }
}
