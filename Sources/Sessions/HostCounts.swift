import HTTP1

/// What a host has counted since it was made.
public struct HostCounts: ~Copyable {
    /// Connections that were taken, those among them that were refused at once.
    public internal(set) var acceptedConnections: UInt64 = 0
    /// Connections that were refused at once, with words or without.
    public internal(set) var refusedConnections: UInt64 = 0
    /// Bytes that arrived.
    public internal(set) var receivedBytes: UInt64 = 0
    /// Bytes that transports took.
    public internal(set) var sentBytes: UInt64 = 0
    /// How often any limit was hit: whoever looks for news compares this alone.
    public private(set) var limitsHit: UInt64 = 0

    private var hits = InlineArray<32, UInt64>(repeating: 0)
    private var refusals = AnswerCounts(kindCount: Method.count)

    /// How often a limit was hit.
    public func hits(of limit: SessionLimit) -> UInt64 { hits[Int(limit.rawValue)] }

    /// How many requests of a method were answered with a status before the application saw them: they could
    /// not be read, took too long or came on a connection too many.
    public func refusals(of method: Method, with status: Status) -> UInt64 {
        refusals[status, ofKind: Int(method.rawValue)]
    }

    mutating func countHit(_ limit: SessionLimit) {
        hits[Int(limit.rawValue)] += 1
        limitsHit += 1
    }

    mutating func countRefusal(of method: Method, with status: Status) {
        refusals.count(status, ofKind: Int(method.rawValue))
    }
}
