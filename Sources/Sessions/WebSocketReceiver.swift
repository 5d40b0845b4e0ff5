import WebSocket

/// A WebSocket session's receiving state, apart from ``Session`` so that plain HTTP sessions do not carry it.
final class WebSocketReceiver {
    var state: WebSocketState

    init(limits: WebSocketLimits) { state = WebSocketState(limits: limits) }
}
