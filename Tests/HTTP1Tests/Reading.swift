import HTTP1

/// All that a request's head says, as text, for comparison. The defaults are those of a plain `GET /`.
struct Reading: Equatable, Sendable {
    var method = Method.get
    var minorVersion: UInt8 = 1
    var path = "/"
    var query = ""
    var authority = "a"
    var origin = ""
    var webSocketKey = ""
    var webSocketVersion = ""
    var accessControlRequestMethod = ""
    var accessControlRequestHeaders = ""
    var flags: RequestHead.Flags = []
    var framing = BodyFraming.none
    var persists = true
    var awaitsContinue = false
}

extension Reading {
    /// Takes the texts out of the bytes of a head; a range past their end traps.
    init(_ head: RequestHead, of bytes: [UInt8], headBytes: Int) {
        let bytes = bytes[..<headBytes]
        func text(_ part: ByteRange) -> String { String(decoding: bytes[part.range], as: UTF8.self) }
        method = head.method
        minorVersion = head.minorVersion
        path = text(head.path)
        query = text(head.query)
        authority = text(head.authority)
        origin = text(head.origin)
        webSocketKey = text(head.webSocketKey)
        webSocketVersion = text(head.webSocketVersion)
        accessControlRequestMethod = text(head.accessControlRequestMethod)
        accessControlRequestHeaders = text(head.accessControlRequestHeaders)
        flags = head.flags
        framing = head.framing
        persists = head.persists
        awaitsContinue = head.awaitsContinue
    }
}
