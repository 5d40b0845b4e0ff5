import Bytes
import HTTP1
import WebSocket

/// The server's half of the opening handshake (RFC 6455 section 4.2).
public enum Upgrade {
    /// Why a request does not become a WebSocket.
    public struct Refusal {
        /// The answer.
        public let problem: Problem
        /// The header fields that the answer needs, with their line ends; maybe none.
        public let fields: StaticString
    }

    /// What is wrong with a handshake, or nil.
    public static func refusal(of request: Request, head bytes: Span<UInt8>) -> Refusal? {
        let head = request.head
        guard head.method == .get, head.minorVersion >= 1,
            head.flags.isSuperset(of: [.connectionUpgrade, .upgradeWebSocket])
        else {
            return Refusal(
                problem: Problem(
                    .upgradeRequired, "This address speaks WebSocket: connect with a WebSocket client."),
                fields: "Upgrade: websocket\r\nConnection: Upgrade\r\n")
        }
        guard bytes.extracting(head.webSocketVersion.range).equals("13") else {
            return Refusal(
                problem: Problem(.upgradeRequired, "The only version of WebSocket spoken here is 13."),
                fields: "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n")
        }
        guard Handshake.isValidKey(bytes.extracting(head.webSocketKey.range)) else {
            return Refusal(
                problem: Problem(.badRequest, "Sec-WebSocket-Key is not 16 bytes in Base64."), fields: "")
        }
        guard head.framing == .none else {
            return Refusal(problem: Problem(.badRequest, "A WebSocket handshake has no body."), fields: "")
        }
        return nil
    }

    /// Appends the answer to a handshake that is not refused.
    public static func accept(
        _ request: Request, head bytes: Span<UInt8>, of host: SessionHost, into output: inout ByteWriter
    ) {
        host.beginResponse(.switchingProtocols, .open, into: &output)
        output.append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ")
        Handshake.appendAcceptKey(for: bytes.extracting(request.head.webSocketKey.range), to: &output)
        output.append("\r\n\r\n")
    }
}
