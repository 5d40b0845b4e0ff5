import Orders
import Platform

/// Each subscriber has to hear everything that it wants to, once and in order.
extension Shift {
    func judgeFollow(_ response: Response, _ following: Following, _ participant: Participant) -> Bool {
        if isStopping { return response.status == 503 }
        let last = model.events.count
        let first = max(1, last - conditions.work.eventsMax + 1)
        if let since = following.since, since + 1 < first || since > last {
            guard response.status == 410,
                response.text.contains("\"firstSequence\": \(first), \"lastSequence\": \(last)}")
            else { return false }
            participant.wantsFeed = false
            return true
        }
        // The example of RFC 6455 section 1.3.
        let isRight =
            following.isStream
            ? response.status == 200 && response["Content-Type"] == "text/event-stream"
                && response["Cache-Control"] == "no-store" && response["Content-Length"] == nil
            : response.status == 101 && response["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        guard isRight else { return false }
        participant.speech = following.isStream ? .stream : .webSocket
        participant.isSubscribed = true
        participant.nextEvent = following.since ?? last
        participant.scannedEvent = participant.nextEvent
        participant.heartbeatNanoseconds = now
        // Whoever comes back is behind.
        participant.hasLagged = following.since != nil
        joined.append(participant)
        return true
    }

    /// Takes in the text of a message. Answers the event's number, or nil where it is not the next.
    func hearEvent(_ text: some Collection<UInt8>, _ participant: Participant) -> Int? {
        if participant.isOutdated || faults.dropSubscriber == 1_000 { return nil }
        var next = participant.nextEvent
        while next < model.events.count {
            let isWanted = participant.following.wants(model.events[next])
            let message = model.messages[next]
            let due = participant.following.hearsNumbers ? message.numbered : message.plain
            if isWanted, text.elementsEqual(due) {
                participant.nextEvent = next + 1
                return next + 1
            }
            guard !isWanted || next < participant.liveEvent else { return nil }
            next += 1
        }
        return nil
    }

    /// Whether a subscriber has heard all that it wants to.
    func hasHeardAll(_ participant: Participant) -> Bool {
        guard participant.following.isFiltered else {
            return max(participant.nextEvent, participant.liveEvent) >= model.events.count
        }
        var next = max(participant.scannedEvent, participant.nextEvent)
        while next < model.events.count,
            next < participant.liveEvent || !participant.following.wants(model.events[next])
        {
            next += 1
        }
        participant.scannedEvent = next
        return next == model.events.count
    }

    /// Whether the log has passed a subscriber who was behind: only then may it be sent away.
    func isPassed(_ participant: Participant) -> Bool {
        participant.hasLagged && platform.firstSequence > UInt64(participant.nextEvent + 1)
    }

    /// A subscriber has gone: it may come back, if it has been told how far it has heard.
    func noteLeaver(_ participant: Participant) {
        guard participant.followsFeed, participant.following.hearsNumbers else { return }
        var following = participant.following
        following.since = participant.nextEvent
        known.note(following, &generator)
    }

    // MARK: Streams

    /// Reads what a stream was sent.
    func hearBlocks(_ participant: Participant) {
        guard participant.speech == .stream else { return }
        while fault == nil, let block = participant.nextBlock() {
            var text = String(decoding: block, as: UTF8.self)
            let beginning = "retry: 1000\n"
            if !participant.hasBegun, text.hasPrefix(beginning) { text.removeFirst(beginning.count) }
            let isRight =
                text.hasPrefix(":") ? hearHeartbeat(text, participant) : hearBlock(text, participant)
            if !isRight {
                fail(
                    "client \(participant.number) heard \(text) having heard \(participant.nextEvent) of "
                        + "\(model.events.count)")
            }
        }
        if participant.unheardCount > 0 { fail("client \(participant.number) was sent half an event") }
        noteLag(participant)
    }

    private func hearBlock(_ text: String, _ participant: Participant) -> Bool {
        let parts = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard participant.hasBegun, parts.count == 2, parts[1].hasPrefix("data: "),
            let sequence = hearEvent(parts[1].dropFirst(6).utf8, participant)
        else { return false }
        return parts[0] == "id: \(sequence)"
    }

    /// A heartbeat tells how far has been heard: not further, and once for each span of silence.
    private func hearHeartbeat(_ text: String, _ participant: Participant) -> Bool {
        guard let number = Int(text.dropFirst(": sequence ".count).prefix { $0 != "\n" }),
            text == ": sequence \(number)\nid: \(number)"
        else { return false }
        if participant.isOutdated { return true }
        guard participant.hasBegun else {
            participant.hasBegun = true
            let isRight =
                number >= participant.nextEvent
                && number <= max(participant.nextEvent, participant.liveEvent)
            participant.nextEvent = number
            participant.liveEvent = 0
            return isRight
        }
        let silence = conditions.sessions.heartbeatMilliseconds * 1_000_000
        guard number >= participant.nextEvent, number <= model.events.count,
            now >= participant.heartbeatNanoseconds + silence
        else { return false }
        if !participant.following.isFiltered, number != participant.nextEvent { return false }
        let passed = model.events[participant.nextEvent..<number]
        participant.heartbeatNanoseconds = now
        participant.nextEvent = number
        return !passed.contains { participant.following.wants($0) }
    }

    /// A stream ends for a reason, as it has no code to tell it by.
    func checkStreamEnd(_ participant: Participant) {
        if !isStopping, !participant.isOutdated, !isPassed(participant) {
            fail(
                "client \(participant.number) was sent no more, having heard \(participant.nextEvent) of "
                    + "\(model.events.count)")
        }
        note("is sent no more", participant)
        noteLeaver(participant)
        participant.finish(nowNanoseconds: now)
    }

    /// Whoever has heard all is not behind any more; where only some is wanted, that is known only when no
    /// work is left.
    func noteLag(_ participant: Participant) {
        if !participant.following.isFiltered, hasHeardAll(participant) { participant.hasLagged = false }
        if participant.line.isBlocked { participant.hasLagged = true }
    }
}
