/// What followers hear, held against the market's histories.
extension Exchange {
    func hear(_ follower: SharedFollower) {
        let line = follower.client.line
        for violation in line.violations { fail("client \(follower.number): \(violation)") }
        checkWaiting(follower)
        guard line.arrivedCount != follower.heardCount || line.isClosing || line.isShutDown else { return }
        follower.heardCount = line.arrivedCount
        let isDone = follower.isStream ? hearStream(follower) : hearMessages(follower)
        guard isDone || line.isClosing || line.isShutDown else { return }
        if !isDone { checkEnding(follower, code: nil) }
        leave(follower)
        if !line.isClosing { follower.client.abandon() }
        follower.instance.isTouched = true
    }

    /// Whoever waits for an event that the instance has not heard of is let in when it has.
    private func checkWaiting(_ follower: SharedFollower) {
        guard let since = follower.since, !follower.isOpen,
            since <= Int(follower.instance.platform.lastSequence)
        else { return }
        let asked = follower.nanoseconds + 2 * longestTransit
        let reached = max(follower.reachedNanoseconds ?? now, asked)
        follower.reachedNanoseconds = reached
        if now > reached + 1_000_000, !follower.instance.wasTroubled(since: follower.nanoseconds) {
            fail("client \(follower.number) waits for event \(since), which has been heard")
        }
    }

    // MARK: WebSockets

    /// Answers whether it is over.
    private func hearMessages(_ follower: SharedFollower) -> Bool {
        if !follower.isOpen {
            let response = follower.client.response()
            if response.status == 0 { return false }
            note("is let in", follower.number, response.status)
            guard response.status == 101 else {
                checkRefusal(response.status, response.text, follower)
                return true
            }
            letIn(follower)
        }
        for frame in follower.client.frames() {
            switch frame.opcode {
            case 1: hear(frame.text, follower)
            case 8:
                checkEnding(follower, code: frame.closeCode)
                return true
            case 9: follower.client.push(ClientFrame(10, frame.payload).bytes)
            default: fail("client \(follower.number) hears a frame of the kind \(frame.opcode)")
            }
        }
        return false
    }

    // MARK: Streams

    private func hearStream(_ follower: SharedFollower) -> Bool {
        follower.text += follower.client.readText()
        if !follower.isOpen {
            guard let end = follower.text.firstRange(of: "\r\n\r\n") else { return false }
            let status = Int(follower.text.dropFirst(9).prefix(3)) ?? 0
            note("is let in", follower.number, status)
            let body = String(follower.text[end.upperBound...])
            guard status == 200 else {
                checkRefusal(status, body, follower)
                return true
            }
            letIn(follower)
            follower.text = body
        }
        while let end = follower.text.firstRange(of: "\n\n") {
            let block = follower.text[..<end.lowerBound]
            follower.text = String(follower.text[end.upperBound...])
            guard let data = block.firstRange(of: "data: ") else { continue }
            let event = String(block[data.upperBound...])
            hear(event, follower)
            let number = SharedRow.number(of: "sequence", in: event)
            if number.map({ block.hasPrefix("id: \($0)\n") }) != true {
                fail("client \(follower.number) hears \(block)")
            }
        }
        return false
    }

    // MARK: Events

    private func letIn(_ follower: SharedFollower) {
        follower.isOpen = true
        // It may have heard at once what Redis has lost since, and will have again.
        follower.openSequence = max(ledger.sequence, Int(follower.instance.platform.lastSequence))
        follower.openNanoseconds = now
    }

    private func hear(_ text: String, _ follower: SharedFollower) {
        guard let number = SharedRow.number(of: "sequence", in: text).map({ Int($0) }) else {
            return fail("client \(follower.number) hears \(text)")
        }
        if let heard = follower.heard, number != heard + 1 {
            fail("client \(follower.number) hears event \(number) behind event \(heard)")
        }
        let histories = follower.histories.filter { index in
            let entries = ledger.histories[index].entries
            guard number >= 1, number <= entries.count else { return false }
            let event = entries[number - 1].event
            return text == "{\"sequence\": \(number), \"orderId\": \(event.orderID), \"orderStatus\": "
                + "\"\(SharedRow.name(of: event.letter))\"}"
        }
        if histories.isEmpty { fail("client \(follower.number) hears \(text), which has not happened") }
        follower.histories = histories
        follower.heard = number
        note("hears", follower.number, number)
    }

    private func checkRefusal(_ status: Int, _ text: String, _ follower: SharedFollower) {
        switch status {
        case 410:
            guard let since = follower.since else { return fail("410 for nothing") }
            let positions = ledger.positions(from: follower.tick, to: agenda.tick)
            let isBeyond = positions.contains { $0.sequence < Int64(since) }
            let isPast = since + 1 < Int(follower.instance.platform.firstSequence)
            if !isBeyond, !isPast, !follower.instance.wasTroubled(since: follower.nanoseconds) {
                fail("410 for \(since) without need: \(text)")
            }
        case 503:
            if follower.instance.stopNanoseconds == nil,
                !follower.instance.wasTroubled(since: follower.nanoseconds)
            {
                fail("client \(follower.number) cannot follow: \(text)")
            }
        default: fail("client \(follower.number) is answered \(status): \(text)")
        }
    }

    /// A follower is told to come back only where the market is another one, or events were missed.
    private func checkEnding(_ follower: SharedFollower, code: UInt16?) {
        let instance = follower.instance
        note("is told to come back", follower.number, Int(code ?? 0))
        if instance.stopNanoseconds != nil { return }
        let mayBeReplaced = instance.replacementCount > 0
        switch code {
        case 1012:
            instance.replacementTicks.insert(agenda.tick)
            if instance.replacementTicks.count > instance.replacementCount {
                fail("client \(follower.number) is told that the market was replaced")
            }
        case 1013: if !isTrimmed { fail("client \(follower.number) is told that events were missed") }
        case nil:
            if !mayBeReplaced, !isTrimmed { fail("client \(follower.number) is cut off") }
        default: fail("client \(follower.number) is closed with \(code ?? 0)")
        }
    }
}
