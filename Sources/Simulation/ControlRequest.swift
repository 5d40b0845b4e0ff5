/// What is asked of the control over time and failure.
enum ControlRequest {
    case look
    case clock(ClockChange)
    case faults(FaultChange)
    case reset

    /// The request line's method and path.
    var line: String {
        switch self {
        case .look: "GET /control"
        case .clock: "POST /control/clock"
        case .faults: "POST /control/faults"
        case .reset: "POST /control/reset"
        }
    }

    /// The content; nil where there is none.
    var body: String? {
        switch self {
        case .look: nil
        case .clock(let change): change.body
        case .faults(let change): change.body
        case .reset: ""
        }
    }

    static func any(_ generator: inout SeededGenerator) -> ControlRequest {
        switch generator.below(12) {
        case 0: .look
        case 1...5: .clock(.any(&generator))
        case 6...10: .faults(.any(&generator))
        default: .reset
        }
    }
}
