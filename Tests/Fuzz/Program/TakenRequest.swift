import HTTP1

/// A request that was taken whole: all that is known of it, for comparison.
struct TakenRequest: Equatable {
    let headBytes: [UInt8]
    let method: Method
    let minorVersion: UInt8
    let flags: UInt16
    let texts: [[UInt8]]
    let framing: BodyFraming
    let persists: Bool
    /// The body as it was sent, with its chunks where it has them.
    var framedBody: [UInt8] = []
    /// The body.
    var body: [UInt8] = []

    init(_ head: RequestHead, headBytes: [UInt8]) {
        self.headBytes = headBytes
        method = head.method
        minorVersion = head.minorVersion
        flags = head.flags.rawValue
        texts = [
            head.path, head.query, head.authority, head.origin, head.webSocketKey, head.webSocketVersion,
            head.accessControlRequestMethod, head.accessControlRequestHeaders,
        ].map { Array(headBytes[$0.range]) }
        framing = head.framing
        persists = head.persists
    }
}
