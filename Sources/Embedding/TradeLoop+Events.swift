extension TradeLoop {
    /// The events of a server from one on; see ``TradeLoop/events(since:)``.
    public struct Events: AsyncSequence, Sendable {
        /// What is thrown: ``TradeLoopError/eventsPassed(after:held:)`` where the log has passed the
        /// iterator, ``TradeLoopError/eventUnknown(_:last:)`` where it began above the last event,
        /// ``TradeLoopError/marketReset`` where the market has begun anew.
        public typealias Failure = TradeLoopError

        /// Where an iterator stands.
        struct Place {
            /// The number of the last event that it knows.
            var sequence: Int
            /// The market whose events it follows; nil before it has seen any.
            var era: UInt64?
        }

        /// What is read from the log at a time.
        struct Batch: Sendable {
            let events: [Event]
            let era: UInt64
        }

        let server: TradeLoop
        let since: Int

        /// An iterator that begins where the sequence does.
        public func makeAsyncIterator() -> Iterator {
            Iterator(server: server, place: Place(sequence: since))
        }

        /// One who follows the log.
        public struct Iterator: AsyncIteratorProtocol {
            private let server: TradeLoop
            private var place: Place
            private var batch: ArraySlice<Event> = []
            private var isOver = false

            init(server: TradeLoop, place: Place) {
                self.server = server
                self.place = place
            }

            /// The next event, once there is one; nil when the server has stopped and nothing is left, or the
            /// task is cancelled. After nil or an error there is nothing more.
            public mutating func next(
                isolation actor: isolated (any Actor)? = #isolation
            ) async throws(TradeLoopError) -> Event? {
                guard !isOver else { return nil }
                if batch.isEmpty {
                    // What comes of it is the last, unless it is events.
                    isOver = true
                    let read = try await server.nextEvents(after: place)
                    guard let last = read.events.last else { return nil }
                    isOver = false
                    place = Place(sequence: last.sequence, era: read.era)
                    batch = read.events[...]
                }
                return batch.popFirst()
            }
        }
    }
}
