/// What a link to Redis takes, and how long it waits.
public struct RedisLimits: Sendable {
    /// Commands that wait for an answer: two for each connection that a server may have.
    public var commandsMax = 131_072
    /// How long a connection that owes an answer may say nothing, in milliseconds.
    public var silenceMilliseconds: UInt64 = 3_000
    /// How long it may take to be let in, in milliseconds.
    public var connectMilliseconds: UInt64 = 3_000
    /// The pause before the first attempt to come back, in milliseconds; each is twice as long as the last.
    public var pauseMinMilliseconds: UInt64 = 50
    /// The longest pause between two attempts to come back, in milliseconds.
    public var pauseMaxMilliseconds: UInt64 = 2_000

    /// The limits of what is shipped.
    public init() {}
}
