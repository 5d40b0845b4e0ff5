import CLibUV

/// A value that one thread at a time can get at.
///
/// As the standard library's `Mutex`, but by libuv's lock: where threads have to wait for the former, the
/// thread sanitizer does not see it (the waiting is in a library without its marks), and takes every access
/// behind that for a race.
final class Locked<Value: ~Copyable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<uv_mutex_t>
    private var value: Value

    init(_ value: consuming Value) {
        mutex = .allocate(capacity: 1)
        self.value = value
        let result = uv_mutex_init(mutex)
        precondition(result == 0, "there is no memory for a lock")
    }

    deinit {
        uv_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Lends the value to a body that must not lock again.
    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        uv_mutex_lock(mutex)
        defer { uv_mutex_unlock(mutex) }
        return body(&value)
    }
}
