import WebSocket

/// A WebSocket session's receiving state, apart from ``Session`` so that plain HTTP sessions do not carry it.
final class WebSocketReceiver {
    var state: WebSocketState
    /// A close frame that is to be sent as soon as there is room for it: by itself, as hardly any session has
    /// one, and there may be 10,000 of them.
    var closeDue: CloseDue?

    init(limits: WebSocketLimits) { state = WebSocketState(limits: limits) }
}

/// A close frame that waits.
final class CloseDue {
    let code: CloseCode
    let reason: StaticString

    init(_ code: CloseCode, reason: StaticString) {
        self.code = code
        self.reason = reason
    }
}
