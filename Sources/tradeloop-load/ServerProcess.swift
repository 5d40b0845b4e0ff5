import Glibc

/// What the kernel has counted for the server's process.
struct ServerProcess: Sendable {
    let pid: Int32

    /// CPU time of all threads, user and system, in nanoseconds; nil where there is no such process.
    var cpuNanoseconds: UInt64? {
        // schedstat counts nanoseconds, stat only hundredths of a second; but it has one file for each
        // thread.
        guard let tasks = opendir("/proc/\(pid)/task") else { return nil }
        defer { closedir(tasks) }
        var sum: UInt64 = 0
        while let entry = readdir(tasks) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard !name.hasPrefix("."),
                let text = ServerProcess.read("/proc/\(pid)/task/\(name)/schedstat"),
                let first = text.split(separator: " ").first, let value = UInt64(first)
            else { continue }
            sum += value
        }
        return sum
    }

    /// Resident memory in bytes.
    var residentBytes: Int? {
        guard let text = ServerProcess.read("/proc/\(pid)/statm") else { return nil }
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return pages.map { $0 * sysconf(Int32(_SC_PAGESIZE)) }
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
    }
}
