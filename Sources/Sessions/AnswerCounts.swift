import HTTP1

/// How many answers of each status were given, for some kinds of request: a flat table, so that counting is
/// one addition.
public struct AnswerCounts: ~Copyable {
    private let counts: UnsafeMutablePointer<UInt64>
    private let placeCount: Int

    /// A table of zeros with a row for each of so many kinds.
    public init(kindCount: Int) {
        placeCount = kindCount * Status.count
        counts = .allocate(capacity: placeCount)
        counts.initialize(repeating: 0, count: placeCount)
    }

    deinit { counts.deallocate() }

    /// Counts one answer.
    @inline(__always)
    public mutating func count(_ status: Status, ofKind kind: Int) {
        let place = place(status, kind)
        counts[place] &+= 1
    }

    /// How many answers of that status the kind has had.
    public subscript(status: Status, ofKind kind: Int) -> UInt64 { counts[place(status, kind)] }

    @inline(__always)
    private func place(_ status: Status, _ kind: Int) -> Int {
        let place = kind &* Status.count &+ status.index
        precondition(kind >= 0 && place < placeCount)
        return place
    }
}
