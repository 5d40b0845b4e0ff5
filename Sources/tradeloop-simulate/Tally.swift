import Simulation

/// Days added up, with the time they took.
struct Tally {
    private let start = ContinuousClock.now
    private var days = 0
    private var steps = 0
    private var orders = 0
    private var clients = 0
    private var simulatedNanoseconds: UInt64 = 0

    mutating func add(_ outcome: Day.Outcome) {
        days += 1
        steps += outcome.stepCount
        orders += outcome.orderCount
        clients += outcome.clientCount
        simulatedNanoseconds += outcome.simulatedNanoseconds
    }

    var summary: String {
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        let hours = Double(simulatedNanoseconds) / 3_600e9
        return """
            \(days) days without a fault: \(steps) steps, \(orders) orders, \(clients) clients
            \(Tally.rounded(hours)) simulated hours in \(Tally.rounded(elapsed)) s: \
            \(Tally.rounded(hours / elapsed * 60)) simulated hours a minute, \
            \(Tally.rounded(Double(days) / elapsed)) seeds a second
            """
    }

    static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func rounded(_ number: Double) -> Double { (number * 10).rounded() / 10 }
}
