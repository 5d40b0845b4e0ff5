import Bytes
import HTTP1
import Sessions
import TestKit
import WebSocket

/// An application that does what its paths say, and notes what it was asked, on a network of its own:
/// `/name/…` answers with its path, `/echo` with the body, `/bytes/n` with n bytes, `/parts/n` with n parts
/// of 1,000 bytes, `/ws` with a WebSocket that echoes.
final class Bench: Application {
    private(set) var network: Network!

    /// Requests as `METHOD path body`.
    private(set) var requests: [String] = []
    /// What arrived over WebSockets; a message's last part has a full stop behind it.
    private(set) var messages: [String] = []
    private(set) var openedCount = 0
    private(set) var endedCount = 0
    private(set) var willStopCount = 0
    private(set) var roomCount = 0
    /// The session that was served last.
    private(set) weak var lastSession: Session?

    private final class Parts {
        var left: Int
        init(left: Int) { self.left = left }
    }

    static var limits: SessionLimits {
        SessionLimits(
            http: HTTPLimits(bodyBytesMax: 65_536),
            webSocket: WebSocketLimits(messageBytesMax: 1_000, fragmentsMax: 4))
    }

    override init(limits: SessionLimits = Bench.limits) {
        super.init(limits: limits)
        network = Network(host: host)
    }

    func connect(_ line: Line = Line()) -> Client { network.connect(line) }
    func advance(milliseconds: UInt64) { network.advance(milliseconds: milliseconds) }

    override func respond(
        to request: Request, head: Span<UInt8>, body: Span<UInt8>, on session: Session,
        into output: inout ByteWriter
    ) -> Reply {
        lastSession = session
        let path = text(head.extracting(request.head.path.range))
        requests.append("\(request.head.method) \(path) \(text(body))")
        let parts = path.split(separator: "/")
        let number = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        switch parts.first {
        case "ws":
            if let refusal = Upgrade.refusal(of: request, head: head) {
                refusal.problem.append(
                    to: &output, of: host, persistence: request.persistence,
                    isHead: request.isHead
                ) { $0.append(refusal.fields) }
                return .done
            }
            Upgrade.accept(request, head: head, of: host, into: &output)
            openedCount += 1
            return .webSocket
        case "echo":
            answer(request, text(body), into: &output)
        case "bytes":
            answer(request, String(repeating: "x", count: number), into: &output)
        case "parts":
            host.beginResponse(.ok, request.persistence, into: &output)
            output.append("Transfer-Encoding: chunked\r\n\r\n")
            session.attachment = Parts(left: number)
            return .more
        case "later":
            session.attachment = Parts(left: 1)
            host.beginResponse(.ok, request.persistence, into: &output)
            output.append("Transfer-Encoding: chunked\r\n\r\n")
            return .later
        case "stream":
            host.beginResponse(.ok, .closes, into: &output)
            output.append("\r\n")
            return .stream
        default:
            answer(request, path, into: &output)
        }
        return .done
    }

    private func answer(_ request: Request, _ body: String, into output: inout ByteWriter) {
        host.beginResponse(.ok, request.persistence, into: &output)
        output.endHead(contentType: "text/plain", contentLength: body.utf8.count)
        if !request.isHead { body.utf8.forEach { output.append($0) } }
    }

    private func text(_ bytes: Span<UInt8>) -> String {
        bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    override func continueReply(on session: Session, into output: inout ByteWriter) -> Reply {
        guard let parts = session.attachment as? Parts else { return .done }
        parts.left -= 1
        output.append("3E8\r\n")
        for _ in 0..<100 { output.append("0123456789") }
        output.append(parts.left == 0 ? "\r\n0\r\n\r\n" : "\r\n")
        guard parts.left == 0 else { return .more }
        session.attachment = nil
        return .done
    }

    override func heartbeat(on session: Session, into output: inout ByteWriter) {
        output.append("beat.")
    }

    override func received(
        _ kind: Opcode, _ data: UnsafeRawBufferPointer, endOfMessage: Bool, on session: Session,
        into output: inout ByteWriter
    ) {
        messages.append(String(decoding: data, as: UTF8.self) + (endOfMessage ? "." : ""))
        if endOfMessage { FrameWriter.append(kind, payload: data, to: &output) }
    }

    override func hasRoom(_ session: Session) { roomCount += 1 }
    override func ended(_ session: Session) { endedCount += 1 }
    override func willStop() { willStopCount += 1 }
}
