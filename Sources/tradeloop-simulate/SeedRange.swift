import ArgumentParser

/// Seeds from one to another, both included.
struct SeedRange: ExpressibleByArgument {
    let first: UInt64
    let last: UInt64

    init(first: UInt64, last: UInt64) {
        self.first = first
        self.last = last
    }

    /// Reads `1..1000`.
    init?(argument: String) {
        let ends = argument.split(separator: "..", omittingEmptySubsequences: false).map { UInt64($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first <= last else { return nil }
        self.init(first: first, last: last)
    }
}
