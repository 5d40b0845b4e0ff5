import Platform

/// One simulated day, all of it from one seed: a server with its clients, and where it is stopped in the
/// middle of the day, a second one to which they come back.
package struct Day {
    /// What became of a day.
    package struct Outcome {
        /// The seed that the day can be had again with.
        package let seed: UInt64
        /// What went wrong first; nil where nothing did.
        package let fault: String?
        /// The last steps, the oldest first.
        package let lastSteps: [String]
        /// A number that all days with this seed have in common.
        package let traceHash: UInt64
        /// How many steps there were.
        package let stepCount: Int
        /// How much time passed in the day.
        package let simulatedNanoseconds: UInt64
        /// How many orders there were, the examples among them.
        package let orderCount: Int
        /// How many clients came.
        package let clientCount: Int
    }

    /// Runs a day. `follow` is called with each step as it happens.
    package static func run(seed: UInt64, follow: ((String) -> Void)? = nil) -> Outcome {
        let trace = Trace()
        trace.whenNoted = follow
        var generator = SeededGenerator(seed: seed)
        var fault: String?
        var nanoseconds: UInt64 = 0
        var orders = 0
        var clients = 0
        var isOver = false
        while !isOver, fault == nil {
            let conditions = Conditions(&generator)
            var shift: Shift? = Shift(
                conditions: conditions, generator: SeededGenerator(seed: generator.next()), trace: trace)
            shift?.run()
            fault = shift?.fault
            nanoseconds += shift?.network.nanoseconds ?? 0
            orders += (shift?.model.entries.count ?? 0) + (shift?.pastOrderCount ?? 0)
            clients += shift?.connectedCount ?? 0
            weak let platform = shift?.platform
            shift = nil
            if fault == nil, platform != nil { fault = "the platform outlives its day" }
            isOver = conditions.stopStep == nil
        }
        return Outcome(
            seed: seed, fault: fault, lastSteps: fault == nil ? [] : trace.lastSteps, traceHash: trace.hash,
            stepCount: trace.count, simulatedNanoseconds: nanoseconds, orderCount: orders,
            clientCount: clients)
    }
}
