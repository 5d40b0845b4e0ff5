/// What frames amount to, once the parts of each message are put together.
enum ReceivedFrame: Equatable {
    case message(opcode: UInt8, [UInt8])
    case ping([UInt8])
    case pong([UInt8])
    case close(code: UInt16?, reason: [UInt8])
    /// The connection is failed with a code.
    case failed(UInt16)
}
