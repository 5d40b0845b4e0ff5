import HTTP1

/// What a decoder makes of a chunked body.
enum ChunkOutcome: Equatable {
    /// The data, and how many bytes the body took.
    case finished([UInt8], used: Int)
    /// The data so far.
    case incomplete([UInt8])
    /// How many bytes it took to see the fault.
    case refused(Status, used: Int, limitBytes: Int?, givenBytes: Int?)

    /// The status that a body is refused with.
    var status: Status? {
        if case .refused(let status, _, _, _) = self { status } else { nil }
    }
}
