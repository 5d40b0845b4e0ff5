/// What a session holds in memory, open to whoever checks it.
extension Session {
    /// Bytes that have arrived and were not acted on, a body that is being collected not among them.
    package var keptInputBytes: Int { partial?.keptCount ?? 0 }
    /// Bytes of a body that is being collected, as far as it has arrived.
    package var collectedBodyBytes: Int { partial?.request?.body.count ?? 0 }
    /// Whether an answer is under way that takes more than one turn.
    package var isReplying: Bool { phase == .replying }
    /// Whether input waits until output has been sent.
    package var holdsInput: Bool { isHeld }
}
