import NIOCore
import NIOWebSocket

/// One who listens: what it sends is read and ignored, but for pings and the closing handshake.
final class SubscriberHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let desk: TradingDesk

    init(desk: TradingDesk) {
        self.desk = desk
    }

    func handlerAdded(context: ChannelHandlerContext) {
        desk.subscribe(context.channel)
    }

    func channelInactive(context: ChannelHandlerContext) {
        desk.unsubscribe(context.channel)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .ping:
            let pong = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
            context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
        case .connectionClose:
            desk.unsubscribe(context.channel)
            let close = WebSocketFrame(fin: true, opcode: .connectionClose, data: frame.unmaskedData)
            let context = context.loopBound
            context.value.writeAndFlush(wrapOutboundOut(close)).whenComplete { _ in
                context.value.close(promise: nil)
            }
        default:
            break
        }
    }
}
