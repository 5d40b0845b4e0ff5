/// One connection's way out, as its session sees it: a socket of the loop, or a simulated one.
///
/// Its other half, what comes in, calls the session: ``Session/received(_:headroomBytes:)``,
/// ``Session/receivedEnd()``, ``Session/drained()`` and ``Session/closed()``.
public protocol Transport: AnyObject {
    /// Hands bytes to the peer at once, the second run behind the first. Answers how many were taken.
    func tryWrite(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Int
    /// Hands bytes over as the peer takes them, then calls ``Session/drained()``. They stay as they are until
    /// then or until ``Session/closed()``. One run at a time.
    func queue(_ bytes: UnsafeRawBufferPointer)
    /// How many of the queued bytes the peer has not taken yet.
    var queuedBytes: Int { get }
    /// The peer's address without its port, for the access log; it is asked for nothing else.
    var peer: String { get }
    /// Delivers no more of what the peer sends.
    func pauseReading()
    /// Delivers what the peer sends.
    func resumeReading()
    /// Tells the peer that no more is sent, after what is queued.
    func shutdown()
    /// Ends the connection, and calls ``Session/closed()`` later on.
    func close()
    /// Ends the connection with an error for the peer, and calls ``Session/closed()`` later on.
    func reset()
}

extension Transport {
    /// Where nobody has an address, the log's sign for nothing.
    public var peer: String { "-" }
}
