import Orders

extension TradeLoop {
    /// One change of one order's state.
    public struct Event: Equatable, Sendable, CustomStringConvertible {
        /// Where an order stands.
        public enum Status: String, Sendable {
            /// Accepted, neither executed nor cancelled yet.
            case pending = "PENDING"
            /// Its delay has passed.
            case executed = "EXECUTED"
            /// Taken back before it was executed.
            case cancelled = "CANCELLED"
        }

        /// The number of the event: from 1, without gaps.
        public let sequence: Int
        /// The order that changed.
        public let orderID: Int
        /// The state that the order has reached.
        public let status: Status

        /// An event, such as one that a test expects.
        public init(sequence: Int, orderID: Int, status: Status) {
            self.sequence = sequence
            self.orderID = orderID
            self.status = status
        }

        init(_ event: OrderEvent, sequence: UInt64) {
            self.sequence = Int(sequence)
            orderID = Int(event.orderID)
            status =
                switch event.status {
                case .pending: .pending
                case .executed: .executed
                case .cancelled: .cancelled
                }
        }

        /// `17: order 4 EXECUTED`.
        public var description: String { "\(sequence): order \(orderID) \(status.rawValue)" }
    }
}
