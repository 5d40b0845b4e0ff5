/// What a client's frame has to be answered with.
struct FrameExpectation {
    enum Kind: Equatable {
        case pong([UInt8])
        /// A close frame with a code, or with none.
        case close(UInt16?)
    }

    let kind: Kind
    /// The first moment at which it may be answered, and the one at which it must, as how much of what the
    /// client sends has arrived.
    let earliest: Int
    let end: Int
}
