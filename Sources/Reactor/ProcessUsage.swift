import CLibUV

/// What the system says of this process.
public enum ProcessUsage {
    /// Memory that is resident, in bytes.
    public static var residentBytes: UInt64 {
        var bytes = 0
        return uv_resident_set_memory(&bytes) == 0 ? UInt64(bytes) : 0
    }

    /// Processor time so far, the process's own and the kernel's for it, in microseconds.
    public static var processorMicroseconds: UInt64 {
        var usage = uv_rusage_t()
        guard uv_getrusage(&usage) == 0 else { return 0 }
        return UInt64(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000
            + UInt64(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    }

    /// Descriptors that are looked at one by one where the system has no count of them.
    private static let descriptorsListedMax: Int32 = 4_096

    /// How many descriptors are open. Nil where they would have to be counted one by one, which takes long
    /// where there are many.
    public static var openDescriptors: Int? {
        let count = tradeloop_open_descriptors(descriptorsListedMax)
        return count < 0 ? nil : Int(count)
    }
}
