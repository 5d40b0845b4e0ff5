// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "TradeLoop",
    products: [
        .library(name: "TradeLoop", targets: ["TradeLoop"]),
        .executable(name: "tradeloop", targets: ["tradeloop"]),
        .executable(name: "protocol-echo", targets: ["protocol-echo"]),
        .executable(name: "tradeloop-load", targets: ["tradeloop-load"]),
        .executable(name: "tradeloop-simulate", targets: ["tradeloop-simulate"]),
    ],
    traits: [
        .trait(name: "Redis", description: "A market in Redis that many instances share; needs hiredis.")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibUV", pkgConfig: "libuv",
            providers: [.apt(["libuv1-dev"]), .yum(["libuv-devel"]), .brew(["libuv"])]),
        .target(name: "Reactor", dependencies: ["CLibUV"]),
        .target(name: "Bytes"),
        .target(name: "HTTP1", dependencies: ["Bytes"]),
        .target(name: "WebSocket", dependencies: ["Bytes"]),
        .target(name: "Orders"),
        .target(name: "CWebAssets"),
        .target(name: "Sessions", dependencies: ["Bytes", "HTTP1", "WebSocket"]),
        .target(
            name: "Platform",
            dependencies: ["Bytes", "CWebAssets", "HTTP1", "Orders", "Sessions", "WebSocket"]),
        .target(name: "Server", dependencies: ["Reactor", "Sessions"]),
        .target(name: "Redis", dependencies: ["Bytes", "Orders"]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .target(
            name: "Hiredis",
            dependencies: ["Bytes", "Redis", .target(name: "CHiredis", condition: .when(traits: ["Redis"]))]),
        // Its folder has another name: systems whose file names have no case would merge it with the program's.
        .target(
            name: "TradeLoop", dependencies: ["Orders", "Platform", "Reactor", "Server"],
            path: "Sources/Embedding"),
        .target(
            name: "Simulation",
            dependencies: ["Bytes", "HTTP1", "Orders", "Platform", "Redis", "Sessions", "WebSocket"]),
        .executableTarget(
            name: "tradeloop",
            dependencies: [
                "Hiredis", "Orders", "Platform", "Reactor", "Redis", "Server", "Sessions",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "protocol-echo",
            dependencies: [
                "Bytes", "HTTP1", "Reactor", "Server", "Sessions", "WebSocket",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "tradeloop-load",
            dependencies: [
                "Reactor",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ]),
        .executableTarget(
            name: "tradeloop-micro",
            dependencies: [
                "Bytes", "HTTP1", "Orders", "Platform", "Sessions", "WebSocket",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "tradeloop-simulate",
            dependencies: [
                "Simulation",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .target(name: "TestKit", dependencies: ["Simulation"], path: "Tests/TestKit"),
        .testTarget(
            name: "SessionsTests", dependencies: ["Bytes", "HTTP1", "Sessions", "TestKit", "WebSocket"]),
        .testTarget(
            name: "PlatformTests",
            dependencies: ["Bytes", "HTTP1", "Orders", "Platform", "Sessions", "TestKit", "WebSocket"]),
        .testTarget(name: "EmbeddingTests", dependencies: ["Platform", "Reactor", "TradeLoop"]),
        .testTarget(name: "ReactorTests", dependencies: ["Platform", "Reactor", "Server"]),
        .testTarget(name: "SimulationTests", dependencies: ["Orders", "Redis", "Simulation"]),
        .testTarget(name: "RedisTests", dependencies: ["Bytes", "Hiredis", "Orders", "Redis"]),
        .testTarget(name: "HouseTests"),
        .testTarget(name: "BytesTests", dependencies: ["Bytes"]),
        .testTarget(name: "HTTP1Tests", dependencies: ["Bytes", "HTTP1"]),
        .testTarget(name: "WebSocketTests", dependencies: ["Bytes", "WebSocket"]),
        .testTarget(name: "OrdersTests", dependencies: ["Orders"]),
    ],
    swiftLanguageModes: [.v6]
)

// The fuzz targets have no `main`, as the fuzzer's runtime has it: only scripts/fuzz, which links that, asks
// for them.
if Context.environment["TRADELOOP_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "tradeloop-fuzz",
            dependencies: ["Bytes", "HTTP1", "Orders", "Platform", "Sessions", "Simulation", "WebSocket"],
            path: "Tests/Fuzz/Program"))
}
