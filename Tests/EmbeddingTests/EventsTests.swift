import Platform
import Testing

@testable import TradeLoop

extension EmbeddingTests {
    /// What happens to the orders, as a sequence.
    @Suite struct EventsTests {
        /// A server whose log holds 16 events.
        private static func shortMemory() async throws -> TradeLoop {
            var work = WorkLimits()
            work.eventsMax = 16
            work.executionsPerTurnMax = 8
            var settings = TradeLoop.Settings()
            settings.clock = .stepped
            return try await TradeLoop.start(settings, work: work)
        }

        @Test func anOrderIsHeardOfFromItsPlacingToItsEnd() async throws {
            let server = try await TradeLoop.start { $0.clock = .stepped }
            var events = server.events().makeAsyncIterator()
            let wire = try Wire(port: server.port)
            try wire.placeOrder()
            #expect(try await events.next() == .init(sequence: 1, orderID: 4, status: .pending))
            try await server.advance(milliseconds: 5_000)
            #expect(try await events.next() == .init(sequence: 2, orderID: 4, status: .executed))
            try wire.placeOrder()
            #expect(try wire.exchange("DELETE /orders/5").status == 204)
            #expect(try await events.next() == .init(sequence: 3, orderID: 5, status: .pending))
            let last = try await events.next()
            #expect(last == .init(sequence: 4, orderID: 5, status: .cancelled))
            #expect(last?.description == "4: order 5 CANCELLED")
            await server.stop()
            #expect(try await events.next() == nil)
        }

        @Test func whoWaitsHearsOfWhatComes() async throws {
            let server = try await TradeLoop.start { $0.clock = .stepped }
            let followers = (0..<5).map { _ in
                Task { try await server.events().reduce(into: [TradeLoop.Event]()) { $0.append($1) } }
            }
            let wire = try Wire(port: server.port)
            for _ in 0..<300 { try wire.placeOrder() }
            try await server.advance(milliseconds: 5_000)
            await server.stop()
            for follower in followers {
                let events = try await follower.value
                #expect(events.map(\.sequence) == Array(1...600))
                #expect(events.count { $0.status == .executed } == 300)
            }
        }

        @Test func aServerThatHasStoppedTellsWhatItsLogHeld() async throws {
            let server = try await TradeLoop.start { $0.clock = .stepped }
            let wire = try Wire(port: server.port)
            for _ in 0..<3 { try wire.placeOrder() }
            await server.stop()
            let all = try await server.events().reduce(into: []) { $0.append($1.orderID) }
            #expect(all == [4, 5, 6])
            let last = try await server.events(since: 2).reduce(into: []) { $0.append($1.orderID) }
            #expect(last == [6])
            var none = server.events(since: await server.lastSequence).makeAsyncIterator()
            #expect(try await none.next() == nil)
        }

        @Test func aServerWithoutOrdersEndsWithoutEvents() async throws {
            let server = try await TradeLoop.start()
            let follower = Task { try await server.events().reduce(0) { count, _ in count + 1 } }
            await server.stop()
            #expect(try await follower.value == 0)
        }

        @Test func whoIsCancelledHearsNoMore() async throws {
            let server = try await TradeLoop.start()
            for _ in 0..<50 {
                let follower = Task {
                    var events = server.events().makeAsyncIterator()
                    return try await events.next()
                }
                await Task.yield()
                follower.cancel()
                #expect(try await follower.value == nil)
            }
            await server.stop()
        }

        @Test(arguments: [-1, 1])
        func anEventThatIsNotThereCannotBeFollowed(since: Int) async throws {
            let server = try await TradeLoop.start()
            var events = server.events(since: since).makeAsyncIterator()
            let error = await #expect(throws: TradeLoopError.self) { try await events.next() }
            #expect(error?.description == "There are no events after \(since): the last one is 0.")
            #expect(try await events.next() == nil)
            await server.stop()
        }

        /// At the limit and one past it.
        @Test func whomTheLogHasPassedGetsAnError() async throws {
            let server = try await Self.shortMemory()
            let wire = try Wire(port: server.port)
            try wire.placeOrder()
            var slow = server.events().makeAsyncIterator()
            var slower = server.events().makeAsyncIterator()
            #expect(try await slow.next()?.sequence == 1)
            #expect(try await slower.next()?.sequence == 1)
            for _ in 0..<16 { try wire.placeOrder() }
            #expect(try await slow.next()?.sequence == 2)
            try wire.placeOrder()
            await #expect(throws: TradeLoopError.eventsPassed(after: 1, held: 3...18)) {
                try await slower.next()
            }
            await #expect(throws: TradeLoopError.eventsPassed(after: 0, held: 3...18)) {
                for try await _ in server.events() {}
            }
            await server.stop()
            #expect(try await server.events(since: 2).reduce(0) { sum, _ in sum + 1 } == 16)
            await #expect(throws: TradeLoopError.eventsPassed(after: 1, held: 3...18)) {
                for try await _ in server.events(since: 1) {}
            }
        }

        @Test func aLeapThatTakesManyTurnsExecutesAll() async throws {
            let server = try await Self.shortMemory()
            let wire = try Wire(port: server.port)
            for _ in 0..<100 { try wire.placeOrder() }
            try await server.advance(milliseconds: 5_000)
            #expect(await server.lastSequence == 200)
            await server.stop()
        }

        @Test func whoFollowsAMarketThatIsResetIsTold() async throws {
            let server = try await TradeLoop.start { $0.isControllable = true }
            let wire = try Wire(port: server.port)
            try wire.placeOrder()
            var events = server.events().makeAsyncIterator()
            #expect(try await events.next()?.sequence == 1)
            let waiting = Task { [events] in
                var events = events
                return try await events.next()
            }
            await Task.yield()
            #expect(try wire.exchange("POST /control/reset").status == 200)
            await #expect(throws: TradeLoopError.marketReset) { try await waiting.value }
            await server.stop()
        }
    }
}
