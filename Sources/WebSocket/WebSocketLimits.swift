/// What one message of a client may cost.
public struct WebSocketLimits: Equatable, Sendable {
    /// The longest message, in bytes of payload over all its frames. One past it is refused with 1009.
    public let messageBytesMax: Int

    /// The most frames that one message may be cut into. One past it is refused with 1008: without a limit, a
    /// message of empty frames would never end and never grow.
    public let fragmentsMax: Int

    /// - Parameters:
    ///   - messageBytesMax: 0 or more.
    ///   - fragmentsMax: 1 or more, below 2^32.
    public init(messageBytesMax: Int, fragmentsMax: Int) {
        precondition(messageBytesMax >= 0)
        precondition(fragmentsMax >= 1 && fragmentsMax <= UInt32.max)
        self.messageBytesMax = messageBytesMax
        self.fragmentsMax = fragmentsMax
    }
}
