/// Where an order stands, and while it is pending whether a delay is running for it.
@usableFromInline
enum OrderState: UInt8, BitwiseCopyable {
    /// Pending until someone cancels it.
    case open
    /// Pending with a delay running.
    case waiting
    case executed
    case cancelled

    @inlinable @inline(__always)
    var status: OrderStatus {
        switch self {
        case .open, .waiting: .pending
        case .executed: .executed
        case .cancelled: .cancelled
        }
    }
}
