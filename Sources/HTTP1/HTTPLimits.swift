/// What a request may take at most.
public struct HTTPLimits: Sendable {
    /// The request line with its line end, in bytes; past it 414. RFC 9112 section 3 asks for 8,000 at least.
    public var requestLineBytesMax: Int
    /// The whole head, request line included, in bytes; past it 431. A browser that visits many servers on
    /// localhost sends all their cookies to each, which has been seen to pass 16 KiB.
    public var headBytesMax: Int
    /// The body after decoding, in bytes; past it 413.
    public var bodyBytesMax: Int
    /// All chunk extensions of one body, in bytes; past it 413. Nobody uses them; they only cost.
    public var chunkExtensionBytesMax: Int
    /// The trailer section, in bytes; past it 431.
    public var trailerBytesMax: Int

    /// Limits for a service whose largest body is `bodyBytesMax` bytes.
    public init(
        requestLineBytesMax: Int = 8_192, headBytesMax: Int = 32_768, bodyBytesMax: Int,
        chunkExtensionBytesMax: Int = 4_096, trailerBytesMax: Int = 8_192
    ) {
        precondition(headBytesMax <= Int(UInt16.max), "ByteRange counts in 16 bits")
        precondition(requestLineBytesMax <= headBytesMax)
        self.requestLineBytesMax = requestLineBytesMax
        self.headBytesMax = headBytesMax
        self.bodyBytesMax = bodyBytesMax
        self.chunkExtensionBytesMax = chunkExtensionBytesMax
        self.trailerBytesMax = trailerBytesMax
    }
}
