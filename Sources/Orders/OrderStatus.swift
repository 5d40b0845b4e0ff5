/// Where an order stands. `executed` and `cancelled` are final.
public enum OrderStatus: UInt8, Sendable, BitwiseCopyable {
    /// Accepted, neither executed nor cancelled yet.
    case pending
    /// Its delay has passed.
    case executed
    /// Taken back before it was executed.
    case cancelled

    /// The name that clients see: `PENDING`, `EXECUTED` or `CANCELLED`.
    @inlinable
    public var name: StaticString {
        switch self {
        case .pending: "PENDING"
        case .executed: "EXECUTED"
        case .cancelled: "CANCELLED"
        }
    }
}
