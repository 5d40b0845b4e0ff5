import Bytes
import HTTP1
import Sessions
import WebSocket

/// Answers with what it is sent, for suites that test a server's protocols: the same parser, framer and loop
/// as the platform's, without the platform.
///
/// The address is `/echo`, and as suites bring addresses of their own, every other one as well, but for
/// `GET /orders/1`: that is the health check which both programs answer.
final class EchoApplication: Application {
    /// The largest body and message, in bytes: conformance suites go up to this.
    static let messageBytesMax = 16 * 1_048_576
    /// The frames of one message: suites cut the largest one into pieces of 64 bytes.
    static let fragmentsMax = 262_144

    /// A WebSocket message that is being collected.
    private final class Message {
        var bytes = ByteWriter()
    }

    init() {
        var limits = SessionLimits(
            http: HTTPLimits(bodyBytesMax: Self.messageBytesMax),
            webSocket: WebSocketLimits(
                messageBytesMax: Self.messageBytesMax, fragmentsMax: Self.fragmentsMax))
        limits.outputBytesKept = 262_144
        limits.heldBytesMax = 32 * Self.messageBytesMax
        super.init(limits: limits)
    }

    override func respond(
        to request: Request, head: Span<UInt8>, body: Span<UInt8>, on session: Session,
        into output: inout ByteWriter
    ) -> Reply {
        if request.head.method == .get,
            request.head.flags.isSuperset(of: [.connectionUpgrade, .upgradeWebSocket])
        {
            return open(request, head, into: &output)
        }
        if request.head.method == .get, head.extracting(request.head.path.range).equals("/orders/1") {
            let health: StaticString = "{\"status\": \"ok\"}"
            let bytes = UnsafeBufferPointer(start: health.utf8Start, count: health.utf8CodeUnitCount)
            answer(request, "application/json", bytes.span, into: &output)
        } else {
            answer(request, "application/octet-stream", body, into: &output)
        }
        return .done
    }

    private func open(
        _ request: Request, _ head: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        if let refusal = Upgrade.refusal(of: request, head: head) {
            refusal.problem.append(
                to: &output, of: host, persistence: request.persistence, isHead: request.isHead
            ) { $0.append(refusal.fields) }
            return .done
        }
        Upgrade.accept(request, head: head, of: host, into: &output)
        return .webSocket
    }

    private func answer(
        _ request: Request, _ contentType: StaticString, _ body: Span<UInt8>, into output: inout ByteWriter
    ) {
        host.beginResponse(.ok, request.persistence, into: &output)
        output.endHead(contentType: contentType, contentLength: body.count)
        if !request.isHead { output.append(body) }
    }

    override func received(
        _ kind: Opcode, _ data: UnsafeRawBufferPointer, endOfMessage: Bool, on session: Session,
        into output: inout ByteWriter
    ) {
        if session.attachment == nil, endOfMessage {
            FrameWriter.append(kind, payload: data, to: &output)
            return
        }
        let message = session.attachment as? Message ?? Message()
        session.attachment = message
        message.bytes.append(data)
        guard endOfMessage else { return }
        session.attachment = nil
        FrameWriter.append(kind, payload: message.bytes.unsafeBytes, to: &output)
    }
}
