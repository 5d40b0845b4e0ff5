import Foundation
import Testing

@testable import TradeLoop

extension EmbeddingTests {
    /// From the start of a server to its stop.
    @Suite struct StartTests {
        @Test func aServerAnswersWhereItSays() async throws {
            let server = try await TradeLoop.start()
            #expect(server.host == "127.0.0.1" && server.port > 0)
            #expect(server.url == "http://127.0.0.1:\(server.port)")
            let answer = try Wire(port: server.port).exchange("GET /orders/1")
            #expect(answer.status == 200)
            #expect(
                answer.body
                    == #"{"orderId": 1, "orderStatus": "PENDING", "stocks": "AAPL", "quantity": 10}"#)
            await server.stop()
            #expect(throws: Wire.Failure.self) { try Wire(port: server.port) }
        }

        @Test func settingsAreTheServers() async throws {
            let server = try await TradeLoop.start {
                $0.ordersMax = 4
                $0.isControllable = true
                $0.allowedHosts = ["Desk.example"]
            }
            let wire = try Wire(port: server.port)
            try wire.placeOrder()
            #expect(try wire.exchange("POST /orders", Wire.order).status == 503)
            #expect(try wire.exchange("GET /control").status == 200)
            try wire.send("GET /orders/1 HTTP/1.1\r\nHost: desk.example\r\n\r\n")
            #expect(try wire.response().status == 200)
            await server.stop()
        }

        @Test func aPortThatIsTakenIsSaidToBe() async throws {
            let first = try await TradeLoop.start()
            let port = first.port
            let error = await #expect(throws: TradeLoopError.self) {
                try await TradeLoop.start { $0.port = port }
            }
            #expect(error == .addressTaken(host: "127.0.0.1", port: port))
            #expect(
                error?.description
                    == "Port \(port) on 127.0.0.1 is in use; choose another, or 0 for a free one.")
            await first.stop()
            // It is free once the first has stopped.
            let second = try await TradeLoop.start { $0.port = port }
            #expect(second.port == port)
            await second.stop()
        }

        @Test func anAddressOfAnotherMachineCannotBeListenedTo() async throws {
            let error = await #expect(throws: TradeLoopError.self) {
                try await TradeLoop.start { $0.host = "192.0.2.1" }
            }
            #expect(
                error?.description.hasPrefix("The server cannot listen to port 0 on 192.0.2.1: ") == true)
        }

        @Test(arguments: [
            (-1, 5_000, "minDelayMilliseconds must be from 0 to 86400000, not -1."),
            (0, 86_400_001, "maxDelayMilliseconds must be from 0 to 86400000, not 86400001."),
            (2, 1, "minDelayMilliseconds must be at most maxDelayMilliseconds, which is 1, not 2."),
        ])
        func delaysThatCannotBeAreRefused(min: Int, max: Int, sentence: String) async throws {
            let error = await #expect(throws: TradeLoopError.self) {
                try await TradeLoop.start {
                    $0.minDelayMilliseconds = min
                    $0.maxDelayMilliseconds = max
                }
            }
            #expect(error?.description == sentence)
        }

        @Test func countsThatCannotBeAreRefused() async throws {
            await #expect(
                throws: TradeLoopError.invalidValue("ordersMax must be from 3 to 1000000000, not 2.")
            ) {
                try await TradeLoop.start { $0.ordersMax = 2 }
            }
            await #expect(
                throws: TradeLoopError.invalidValue("connectionsMax must be from 1 to 1000000, not 0.")
            ) {
                try await TradeLoop.start { $0.connectionsMax = 0 }
            }
        }

        @Test func manyServersRunAtTheSameTime() async throws {
            let servers = try await withThrowingTaskGroup { group in
                for _ in 0..<20 { group.addTask { try await TradeLoop.start { $0.clock = .stepped } } }
                return try await group.reduce(into: [TradeLoop]()) { $0.append($1) }
            }
            #expect(Set(servers.map(\.port)).count == 20)
            try await withThrowingTaskGroup { group in
                for (index, server) in servers.enumerated() {
                    group.addTask {
                        let wire = try Wire(port: server.port)
                        for _ in 0...index { try wire.placeOrder() }
                        try await server.advance(milliseconds: 5_000)
                        await server.stop()
                    }
                }
                try await group.waitForAll()
            }
            // Each has had its own orders.
            for (index, server) in servers.enumerated() {
                #expect(await server.lastSequence == 2 * (index + 1))
            }
        }

        @Test func fiftyServersOneAfterAnotherLeaveNothingOpen() async throws {
            func sockets() throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { name in
                    let target = try? FileManager.default.destinationOfSymbolicLink(
                        atPath: "/proc/self/fd/\(name)")
                    return target?.hasPrefix("socket:") ?? false
                }
            }
            let before = try sockets()
            for _ in 0..<50 {
                let server = try await TradeLoop.start { $0.clock = .stepped }
                do {
                    let wire = try Wire(port: server.port)
                    try wire.placeOrder()
                }
                await server.stop()
            }
            #expect(try sockets() <= before)
        }

        @Test func theMemoryOfAServerIsGivenBackWhenItStops() async throws {
            let server = try await TradeLoop.start()
            try Wire(port: server.port).placeOrder()
            let hosted = server.hosted
            let platform = await hosted.weakPlatform()
            #expect(await platform.isThere)
            await server.stop()
            #expect(await !platform.isThere)
        }

        @Test func stoppingTwiceOrAtTheSameTimeIsStoppingOnce() async throws {
            let server = try await TradeLoop.start()
            await withTaskGroup { group in
                for _ in 0..<10 { group.addTask { await server.stop() } }
            }
            await server.stop()
            await #expect(throws: TradeLoopError.serverStopped) { try await server.advance(milliseconds: 0) }
        }

        @Test func whatIsUnderWayIsAnsweredBeforeTheStop() async throws {
            let server = try await TradeLoop.start()
            var wire: Wire! = try Wire(port: server.port)
            try wire.send(
                "POST /orders HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                    + "Content-Length: \(Wire.order.utf8.count)\r\n\r\n")
            #expect(try wire.response().status == 100)
            async let stopped: Void = server.stop()
            while (try? await server.advance(milliseconds: 0)) != nil { await Task.yield() }
            try wire.send(Wire.order)
            #expect(try wire.response().status == 201)
            #expect(try wire.end() == "")
            wire = nil
            await stopped
            #expect(await server.lastSequence == 1)
        }

        @Test func aServerThatNobodyHoldsStops() async throws {
            func connected() async throws -> Wire {
                let server = try await TradeLoop.start()
                let wire = try Wire(port: server.port)
                try wire.placeOrder()
                return wire
            }
            let wire = try await connected()
            #expect(try wire.end() == "")
        }
    }
}
