/// A connection's way out, as its link sees it: a socket of the loop, or a simulated one.
///
/// Its other half, what comes in, calls the link: ``RedisLink/received(_:atNanoseconds:)`` and
/// ``RedisLink/ended(_:)``.
public protocol RedisTransport: AnyObject {
    /// Sends bytes, behind those that were sent before: what cannot go at once is kept.
    func send(_ bytes: UnsafeRawBufferPointer)
    /// Ends the connection. The link is not called any more.
    func close()
}

/// Makes connections, for links.
public protocol RedisConnector: AnyObject {
    /// Connects, and calls ``RedisLink/connected(_:)`` or ``RedisLink/ended(_:)`` of the link later on.
    func connect(_ link: RedisLink)
    /// Gives up what ``connect(_:)`` of the link has begun and not told of yet; the link is not called about
    /// it.
    func giveUp(_ link: RedisLink)
}
