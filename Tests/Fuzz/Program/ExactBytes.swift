/// Bytes in an allocation of exactly their size, so that the address sanitizer sees a step over either end.
enum ExactBytes {
    static func lend<Result>(
        _ bytes: [UInt8], to body: (UnsafeMutableBufferPointer<UInt8>) -> Result
    ) -> Result {
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        defer { copy.deallocate() }
        _ = copy.initialize(from: bytes)
        return body(copy)
    }
}
