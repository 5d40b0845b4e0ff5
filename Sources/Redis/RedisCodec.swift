import Bytes

/// Commands as the bytes that Redis reads, and what Redis writes as values: one for each connection, as it
/// keeps what has arrived of a value that is not whole.
public protocol RedisCodec: AnyObject {
    /// Appends a command.
    func append(_ command: RedisCommand, to output: inout ByteWriter)
    /// Takes in what has arrived.
    func take(_ bytes: UnsafeRawBufferPointer)
    /// The next value that is whole, or nil.
    func next() throws(RedisProtocolError) -> RedisValue?
}

/// What arrived is not what Redis writes.
public struct RedisProtocolError: Error {
    /// What is wrong, for a person.
    public let reason: String

    /// An error with its reason.
    public init(reason: String) { self.reason = reason }
}
