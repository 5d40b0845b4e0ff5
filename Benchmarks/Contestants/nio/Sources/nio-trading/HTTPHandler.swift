import NIOCore
import NIOHTTP1

/// Answers the requests of one connection.
final class HTTPHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let bodyBytesMax = 65_536

    private let desk: TradingDesk
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(desk: TradingDesk) {
        self.desk = desk
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
        case .body(var part):
            guard body.readableBytes + part.readableBytes <= HTTPHandler.bodyBytesMax else {
                context.close(promise: nil)
                return
            }
            body.writeBuffer(&part)
        case .end:
            if let head { answer(head, context) }
        }
    }

    // What one read has brought is answered in one flush.
    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var content = context.channel.allocator.buffer(capacity: 128)
        var headers = HTTPHeaders()
        let status: HTTPResponseStatus
        if head.uri.hasPrefix("/orders/") {
            let id = Int(head.uri.dropFirst("/orders/".count))
            if head.method != .GET {
                status = .methodNotAllowed
            } else if let id {
                status = desk.write(id, into: &content) ? .ok : .notFound
            } else {
                status = .badRequest
            }
        } else if head.uri == "/orders" {
            if head.method != .POST {
                status = .methodNotAllowed
            } else if let id = desk.place(body) {
                status = .created
                _ = desk.write(id, into: &content)
                headers.add(name: "location", value: "/orders/\(id)")
            } else {
                status = .badRequest
            }
        } else {
            status = .notFound
        }
        if content.readableBytes == 0 { content.writeString("{\"status\": \(status.code)}") }
        headers.add(name: "content-type", value: "application/json")
        headers.add(name: "content-length", value: String(content.readableBytes))
        if !head.isKeepAlive { headers.add(name: "connection", value: "close") }
        let response = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(content))), promise: nil)
        if head.isKeepAlive {
            context.write(wrapOutboundOut(.end(nil)), promise: nil)
        } else {
            let context = context.loopBound
            context.value.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
                context.value.close(promise: nil)
            }
        }
    }
}
