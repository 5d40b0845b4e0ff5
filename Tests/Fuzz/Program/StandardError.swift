import Glibc

/// Lines for people beside the fuzzer's own.
enum StandardError {
    static func write(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        // What cannot be shown is no reason to go on.
        _ = Glibc.write(2, bytes, bytes.count)
    }
}
