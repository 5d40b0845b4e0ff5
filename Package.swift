// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "TradeLoop",
    targets: [
        .target(name: "Bytes"),
        .target(name: "HTTP1", dependencies: ["Bytes"]),
        .target(name: "WebSocket", dependencies: ["Bytes"]),
        .target(name: "Orders"),
        .testTarget(name: "BytesTests", dependencies: ["Bytes"]),
        .testTarget(name: "WebSocketTests", dependencies: ["Bytes", "WebSocket"]),
        .testTarget(name: "OrdersTests", dependencies: ["Orders"]),
    ],
    swiftLanguageModes: [.v6]
)
