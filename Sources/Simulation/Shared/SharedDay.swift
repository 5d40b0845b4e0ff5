/// One simulated day of several instances that share a market in Redis, all of it from one seed.
package struct SharedDay {
    /// Runs a day. `follow` is called with each step as it happens.
    package static func run(seed: UInt64, follow: ((String) -> Void)? = nil) -> Day.Outcome {
        let trace = Trace()
        trace.whenNoted = follow
        var generator = SeededGenerator(seed: seed)
        let conditions = SharedConditions(&generator)
        var exchange: Exchange? = Exchange(
            conditions: conditions, generator: SeededGenerator(seed: generator.next()), trace: trace)
        exchange?.run()
        var fault = exchange?.fault
        let nanoseconds = exchange?.now ?? 0
        let orders = exchange?.ledger.positions.map(\.orders).max() ?? 0
        let clients = exchange?.clientCount ?? 0
        let remains = exchange?.remains ?? []
        exchange = nil
        if fault == nil, remains.contains(where: { $0.platform != nil }) {
            fault = "a platform outlives its day"
        }
        return Day.Outcome(
            seed: seed, fault: fault, lastSteps: fault == nil ? [] : trace.lastSteps, traceHash: trace.hash,
            stepCount: trace.count, simulatedNanoseconds: nanoseconds, orderCount: Int(orders),
            clientCount: clients)
    }
}
