/// A histogram in memory of its own, so that what holds it stays small: a store is copied to read from it.
struct DurationCounter: ~Copyable {
    private let pointer: UnsafeMutablePointer<DurationHistogram>

    /// A counter without durations.
    init() {
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: DurationHistogram())
    }

    deinit { pointer.deallocate() }

    /// What has been counted.
    var histogram: DurationHistogram { pointer.pointee }

    /// Counts so many equal durations.
    func record(nanoseconds: UInt64, times: UInt64) {
        pointer.pointee.record(nanoseconds: nanoseconds, times: times)
    }
}
