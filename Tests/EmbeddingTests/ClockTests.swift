import Testing
import TradeLoop

extension EmbeddingTests {
    /// Time that passes as a test has it.
    @Suite struct ClockTests {
        @Test func aSteppedClockStandsUntilItIsAdvanced() async throws {
            let server = try await TradeLoop.start {
                $0.minDelayMilliseconds = 100
                $0.maxDelayMilliseconds = 100
                $0.clock = .stepped
                $0.isControllable = true
            }
            let wire = try Wire(port: server.port)
            #expect(
                try wire.exchange("GET /control").body.hasPrefix(#"{"clock": {"nowMs": 0, "paused": true"#))
            try wire.placeOrder()
            try await server.advance(milliseconds: 0)
            try await server.advance(milliseconds: 99)
            #expect(try wire.exchange("GET /orders/4").body.contains("PENDING"))
            try await server.advance(milliseconds: 1)
            #expect(try wire.exchange("GET /orders/4").body.contains("EXECUTED"))
            #expect(try wire.exchange("GET /control").body.contains(#""nowMs": 100"#))
            // It stands after a reset as well.
            let state = try wire.exchange("POST /control/reset").body
            #expect(state.hasPrefix(#"{"clock": {"nowMs": 0, "paused": true"#))
            await server.stop()
        }

        @Test func theSameRequestsHaveTheSameEvents() async throws {
            func events(seed: UInt64) async throws -> [TradeLoop.Event] {
                let server = try await TradeLoop.start {
                    $0.minDelayMilliseconds = 1
                    $0.maxDelayMilliseconds = 200
                    $0.delaySeed = seed
                    $0.clock = .stepped
                }
                let wire = try Wire(port: server.port)
                for round in 0..<20 {
                    for _ in 0..<10 { try wire.placeOrder() }
                    try wire.exchange("DELETE /orders/\(4 + 10 * round)")
                    try await server.advance(milliseconds: 37)
                }
                try await server.advance(milliseconds: 200)
                await server.stop()
                return try await server.events().reduce(into: []) { $0.append($1) }
            }
            let first = try await events(seed: 7)
            #expect(first.count == 400)
            #expect(try await events(seed: 7) == first)
            #expect(try await events(seed: 8) != first)
        }

        @Test func aClockThatRunsLeapsAsWell() async throws {
            let server = try await TradeLoop.start {
                $0.minDelayMilliseconds = 80_000_000
                $0.maxDelayMilliseconds = 80_000_000
            }
            try Wire(port: server.port).placeOrder()
            #expect(await server.lastSequence == 1)
            // It is due in the first whole millisecond after that.
            try await server.advance(milliseconds: 80_000_001)
            #expect(await server.lastSequence == 2)
            await server.stop()
        }

        @Test(arguments: [-1, 86_400_001])
        func aLeapHasLimits(milliseconds: Int) async throws {
            let server = try await TradeLoop.start { $0.clock = .stepped }
            let error = await #expect(throws: TradeLoopError.self) {
                try await server.advance(milliseconds: milliseconds)
            }
            #expect(error?.description == "milliseconds must be from 0 to 86400000, not \(milliseconds).")
            await server.stop()
        }
    }
}
