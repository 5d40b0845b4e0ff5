/// A connection on which the events are followed at one of several instances.
final class SharedFollower {
    let number: Int
    let client: Client
    let instance: SharedInstance
    /// Whether it reads a stream of Server-Sent Events instead of a WebSocket.
    let isStream: Bool
    /// The event behind which it wants to begin.
    let since: Int?
    let tick: Int
    let nanoseconds: UInt64
    /// Whether it has been let in.
    var isOpen = false
    /// The last event that it has heard, or behind which it began; nil where that is not known yet.
    var heard: Int?
    /// The last event that there was when it was let in.
    var openSequence = 0
    /// When its instance was seen to have heard what it wants to go on from.
    var reachedNanoseconds: UInt64?
    var openNanoseconds: UInt64 = 0
    /// Which of the market's histories it may have been told.
    var histories: Set<Int>
    /// What of a stream has not been read.
    var text = ""
    var heardCount = 0

    init(
        number: Int, client: Client, instance: SharedInstance, isStream: Bool, since: Int?, tick: Int,
        nanoseconds: UInt64, histories: Set<Int>
    ) {
        self.number = number
        self.client = client
        self.instance = instance
        self.isStream = isStream
        self.since = since
        self.tick = tick
        self.nanoseconds = nanoseconds
        self.histories = histories
        heard = since
    }

    /// The request.
    var request: String {
        if isStream {
            let query = since.map { "?since=\($0)" } ?? ""
            return "GET /events\(query) HTTP/1.1\r\nHost: localhost\r\n\r\n"
        }
        return Client.handshake(since.map { "/ws?since=\($0)" } ?? "/ws?numbered")
    }
}
