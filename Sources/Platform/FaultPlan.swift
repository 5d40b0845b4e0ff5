/// What is to go wrong, and how often: for tests of other people's clients.
package struct FaultPlan {
    /// What goes wrong with one request.
    package struct Verdict: Equatable {
        package var isRefused = false
        /// For how long the answer is held back; 0 where it is not.
        package var delayMilliseconds: UInt32 = 0
        package var isReset = false
    }

    /// The longest that an answer can be held back: as long as an order's own delay.
    static let delayMillisecondsMax: UInt32 = 600_000

    /// What chance begins from: the same seed and requests have the same faults.
    private(set) var seed: UInt64 = 0
    private var state: UInt64 = 0
    /// How likely a request is answered 503, and nothing changed by it.
    var refuse = 0.0 { didSet { weigh() } }
    /// How likely an answer is held back.
    var delay = 0.0 { didSet { weigh() } }
    /// For how long at least.
    var delayMinMilliseconds: UInt32 = 0
    /// For how long at most.
    var delayMaxMilliseconds: UInt32 = 0
    /// How likely a connection is reset in place of an answer.
    var reset = 0.0 { didSet { weigh() } }
    /// How likely a subscriber is dropped when it is to be sent something.
    var dropSubscriber = 0.0

    /// Whether requests may be faulted. Each request asks.
    private(set) var actsOnRequests = false

    private mutating func weigh() { actsOnRequests = refuse > 0 || delay > 0 || reset > 0 }

    /// Begins chance anew.
    mutating func begin(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// Decides on the next request. Every request takes as many draws, so that one probability does not
    /// change what another decides.
    mutating func nextVerdict() -> Verdict {
        var verdict = Verdict()
        let (refuseDraw, delayDraw, length, resetDraw) = (draw(), draw(), draw(), draw())
        verdict.isRefused = refuseDraw < refuse
        verdict.isReset = resetDraw < reset
        if delayDraw < delay {
            let width = Double(delayMaxMilliseconds - delayMinMilliseconds + 1)
            let drawn = delayMinMilliseconds + UInt32(length * width)
            verdict.delayMilliseconds = min(drawn, delayMaxMilliseconds)
        }
        return verdict
    }

    /// Decides on the next time that a subscriber is sent something.
    mutating func dropsSubscriber() -> Bool { dropSubscriber > 0 && draw() < dropSubscriber }

    /// A number from 0 up to but not 1 (SplitMix64, its high 53 bits).
    private mutating func draw() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return Double(mixed >> 11) * 0x1p-53
    }
}
