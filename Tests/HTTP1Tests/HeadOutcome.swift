import HTTP1

/// What a parser makes of a head.
enum HeadOutcome: Equatable {
    case complete(Reading, consumed: Int)
    case incomplete
    case refused(Status, reason: String)

    /// The status that a request is refused with.
    var status: Status? {
        if case .refused(let status, _) = self { status } else { nil }
    }
}
