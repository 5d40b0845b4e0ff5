import HTTP1

/// The limits that sessions and their driver hold peers to, by the names under which it is counted how often
/// each was hit.
public enum SessionLimit: UInt8, CaseIterable, Sendable {
    // A request.
    case requestLine, head, body, chunkExtensions, trailers
    // Time.
    case headTime, bodyTime, idleTime, stallTime, pongTime, closeTime, lingerTime, stopTime
    // A message.
    case webSocketMessage, webSocketFragments
    // All sessions together.
    case connections, heldBytes
    /// The driver has no descriptor left for another connection.
    case descriptors

    init(_ limit: HTTPFault.Limit) {
        switch limit {
        case .requestLine: self = .requestLine
        case .head: self = .head
        case .body: self = .body
        case .chunkExtensions: self = .chunkExtensions
        case .trailers: self = .trailers
        }
    }

    /// The name for people and their tools.
    public var name: StaticString {
        switch self {
        case .requestLine: "request_line"
        case .head: "head"
        case .body: "body"
        case .chunkExtensions: "chunk_extensions"
        case .trailers: "trailers"
        case .headTime: "head_time"
        case .bodyTime: "body_time"
        case .idleTime: "idle_time"
        case .stallTime: "stall_time"
        case .pongTime: "pong_time"
        case .closeTime: "close_time"
        case .lingerTime: "linger_time"
        case .stopTime: "stop_time"
        case .webSocketMessage: "websocket_message"
        case .webSocketFragments: "websocket_fragments"
        case .connections: "connections"
        case .heldBytes: "held_bytes"
        case .descriptors: "descriptors"
        }
    }
}
