import WebSocket

/// A WebSocket session's receiving state, apart from ``Session`` so that plain HTTP sessions do not carry it.
final class WebSocketReceiver {
    var state: WebSocketState
    /// A close frame that is to be sent as soon as there is room for it.
    var closeDue: (CloseCode, StaticString)?

    init(limits: WebSocketLimits) { state = WebSocketState(limits: limits) }
}
