import Orders

/// The feed: Redis' stream, read from the last event that was heard.
extension RedisMarket {
    /// Goes on with the feed, where the market is open and the connection is there.
    func resumeFeed() {
        guard era != nil, events.isReady, !isReadingFeed else { return }
        isReadingFeed = true
        verify()
    }

    /// Before the feed goes on, it is looked whether what was heard last is still what it was: Redis may have
    /// been started anew without its last events, and have others since.
    private func verify() {
        guard let heard, heard.microseconds != nil else { return readFirst() }
        let name = "\(heard.sequence)-0"
        let question = RedisCommand("XRANGE", RedisKeys.feed, name, "+", "COUNT", "1")
        events.send(question) { [unowned self] answer in
            switch answer {
            case .failure:
                stopReading()
            case .success(.error(let words)):
                giveUpReading(words)
            case .success(let value):
                verify(value.elements?.first.flatMap { RedisEvent($0) })
            }
        }
    }

    /// Goes on with the feed, if what the stream has from the last event on that was heard can be of the
    /// market that is known.
    private func verify(_ found: RedisEvent?) {
        // It has been found to be another one in the meantime.
        guard let heard, let microseconds = heard.microseconds else { return read() }
        // Where it has nothing, it has not come so far, however far it will have come when it is read.
        guard let found, found.sequence > heard.sequence || found.microseconds == microseconds else {
            stopReading()
            reopen()
            return
        }
        // Where it does not reach back, there will be a gap, which is told; but where it begins right behind
        // that event, there is none to be seen, and nobody can say any more whether it is the same feed.
        if found.sequence == heard.sequence + 1 { begin(after: heard.sequence, .missed) }
        read()
    }

    private func stopReading() { isReadingFeed = false }

    /// Finds out where the feed begins: with the oldest event that is still there, or where it is now.
    private func readFirst() {
        guard heard == nil else { return read() }
        let last = openedSequence
        let start = last - min(last, UInt64(RedisScript.eventsMax))
        ask(after: start, waits: false) { [unowned self] entries in
            if heard == nil {
                // As many may have come as are asked for, or none: the stream may have been cut.
                begin(after: entries.first.map { $0.sequence - 1 } ?? last, beginning)
            }
            take(entries)
            read()
        }
    }

    private func begin(after sequence: UInt64, _ reason: MarketBeginning) {
        heard = (sequence, nil)
        execution.missed()
        follower?.marketBegan(after: sequence, reason)
    }

    /// Asks for what is new, for ever.
    private func read() {
        guard let heard else { return readFirst() }
        ask(after: heard.sequence, waits: true) { [unowned self] entries in
            take(entries)
            read()
        }
    }

    /// Asks for what came after an event, and then whether that was still the same market: what another has
    /// is not told as if it were this one's.
    private func ask(after sequence: UInt64, waits: Bool, then: @escaping ([RedisEvent]) -> Void) {
        let asked = era
        var command = RedisCommand("XREAD", "COUNT", String(Self.eventsPerReadMax))
        if waits {
            command.append("BLOCK")
            command.append(Self.readMilliseconds)
        }
        for word in ["STREAMS", RedisKeys.feed, "\(sequence)-0"] { command.append(word) }
        var answer = RedisLink.Answer.failure(.away)
        events.send(command) { answer = $0 }
        let state = RedisCommand(
            "HMGET", RedisKeys.market, "era", "sequence", "orders", "executed", "cancelled")
        events.send(state) { [unowned self] state in
            guard case .success(let found) = answer, case .success(let state) = state else {
                return stopReading()
            }
            guard era == asked, era != nil else {
                // It has been found to be another one in the meantime.
                stopReading()
                return resumeFeed()
            }
            if case .error(let words) = found { return giveUpReading(words) }
            let entries = RedisEvent.entries(found)
            guard found == .null || !entries.isEmpty else {
                return giveUpReading("\(RedisKeys.feed) has an entry that is not this server's")
            }
            guard isSame(state, after: entries.last?.sequence ?? sequence) else {
                stopReading()
                return reopen()
            }
            then(entries)
        }
    }

    private func giveUpReading(_ reason: String) {
        stopReading()
        events.lose(reason)
    }

    /// Whether the market is the one that is known, and has come as far as its feed; takes in how many orders
    /// it has.
    private func isSame(_ state: RedisValue, after sequence: UInt64) -> Bool {
        guard let parts = state.elements, parts.count == 5, parts[0].bytes == era,
            let last = parts[1].number, last >= sequence
        else { return false }
        countedSequence = UInt64(last)
        census.count = Int(parts[2].number ?? 0)
        census.executedCount = Int(parts[3].number ?? 0)
        census.cancelledCount = Int(parts[4].number ?? 0)
        return true
    }

    /// Tells what happened.
    private func take(_ entries: [RedisEvent]) {
        for entry in entries {
            guard let last = heard?.sequence, entry.sequence > last else { continue }
            if entry.sequence > last + 1 { begin(after: entry.sequence - 1, .missed) }
            heard = (entry.sequence, entry.microseconds)
            if entry.sequence > countedSequence { census.take(entry.event) }
            if let due = entry.dueMilliseconds { execution.placed(due: due) }
            follower?.marketChanged(entry.event, sequence: entry.sequence)
        }
        updatePresence()
    }
}
