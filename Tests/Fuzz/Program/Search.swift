import Glibc

/// Texts in bytes, by the C library: the fuzzer notes each comparison of instrumented code, and is to follow
/// those of what is tested.
enum Search {
    /// Where a text begins at or after `start`; nil where it does not occur.
    static func offset(of text: StaticString, in bytes: [UInt8], from start: Int = 0) -> Int? {
        let count = text.utf8CodeUnitCount
        return bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            var at = start
            while at + count <= bytes.count {
                guard let found = memchr(base + at, Int32(text.utf8Start[0]), bytes.count - at) else { break }
                at = UnsafeRawPointer(found) - base
                if at + count <= bytes.count, memcmp(found, text.utf8Start, count) == 0 { return at }
                at += 1
            }
            return nil
        }
    }

    static func contains(_ text: StaticString, in bytes: [UInt8]) -> Bool {
        offset(of: text, in: bytes) != nil
    }

    /// The bytes between the occurrences of a text.
    static func removing(_ text: StaticString, from bytes: [UInt8]) -> [UInt8] {
        var kept: [UInt8] = []
        var start = 0
        while let end = offset(of: text, in: bytes, from: start) {
            kept += bytes[start..<end]
            start = end + text.utf8CodeUnitCount
        }
        return kept + bytes[start...]
    }

    static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && (one.isEmpty || memcmp(one, other, one.count) == 0)
    }
}
