import Orders

extension OrderStatus {
    /// The state of a name, as it is written in JSON.
    init?(name: String) {
        switch name {
        case "PENDING": self = .pending
        case "EXECUTED": self = .executed
        case "CANCELLED": self = .cancelled
        default: return nil
        }
    }

    /// What to say of something else.
    static func nameRule(_ given: String) -> String {
        "must be PENDING, EXECUTED or CANCELLED, not '\(given.prefix(32))'"
    }
}
