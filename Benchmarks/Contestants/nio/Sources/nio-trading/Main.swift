import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The trading platform's essentials on SwiftNIO: `nio-trading PORT`.
@main
struct Main {
    static func main() throws {
        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8000
        let environment = ProcessInfo.processInfo.environment
        let min = environment["MIN_DELAY_MS"].flatMap { Int64($0) } ?? 1_000
        let max = environment["MAX_DELAY_MS"].flatMap { Int64($0) } ?? 5_000
        let eventLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        let desk = NIOLoopBoundBox.makeBoxSendingValue(
            TradingDesk(eventLoop: eventLoop, delayMilliseconds: min...max), eventLoop: eventLoop)
        let server = try ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: 4_096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try configure(channel, desk) }
            }
            .bind(host: "127.0.0.1", port: port).wait()
        print("nio-trading listens on http://127.0.0.1:\(port)")
        try server.closeFuture.wait()
    }

    private static func configure(_ channel: any Channel, _ desk: NIOLoopBoundBox<TradingDesk>) throws {
        let http = HTTPHandler(desk: desk.value)
        let bound = NIOLoopBound(http, eventLoop: channel.eventLoop)
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, head in
                channel.eventLoop.makeSucceededFuture(head.uri == "/ws" ? HTTPHeaders() : nil)
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(SubscriberHandler(desk: desk.value))
                }
            })
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withServerUpgrade: (
                upgraders: [upgrader],
                completionHandler: { context in
                    context.pipeline.syncOperations.removeHandler(bound.value, promise: nil)
                }
            ))
        try channel.pipeline.syncOperations.addHandler(http)
    }
}
