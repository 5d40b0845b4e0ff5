import Platform

/// The end of a shift: everything is settled, added up and given back.
extension Shift {
    func finish() {
        note("the end of the shift")
        relieve()
        for participant in participants where !participant.isVanished {
            push(participant, participant.unsent.count)
        }
        relieve()
        endOrders()
        if fault == nil, !isStopping, generator.once(in: 2) { stop() }
        leave()
    }

    /// Has all kernels take all.
    private func relieve() {
        for participant in participants { participant.line.bytesPerWrite = .max }
        var isBlocked = true
        while isBlocked, fault == nil {
            isBlocked = false
            for participant in participants where participant.line.isBlocked && !participant.line.isClosing {
                isBlocked = true
                take(participant, participant.line.queuedBytes)
            }
            settle()
        }
    }

    private func endOrders() {
        while fault == nil, let due = model.firstDueNanoseconds {
            // Where the clock stands still, or nearly does, nobody waits for it.
            guard let moment = clock.hostTime(due), moment < now + 700_000_000_000 else { return }
            wait(nanoseconds: moment > now ? moment - now : 0)
        }
        let pending = model.entries.indices.filter { model.entries[$0].status == .pending }
        if pending.contains(where: { $0 > 0 }) { fail("\(pending.map { $0 + 1 }) never ended") }
    }

    /// Ends all connections, by the server or by the clients, and sees that nothing is left of them.
    private func leave() {
        guard fault == nil else { return }
        if isStopping {
            wait(
                nanoseconds: conditions.sessions.stopMilliseconds * 1_000_000 + 2 * Shift.sweepNanosecondsMax)
        } else {
            for participant in participants {
                participant.isVanished = true
                participant.client.abandon()
            }
            settle()
        }
        if !participants.isEmpty { fail("\(participants.count) connections are left") }
        if network.host.sessionCount != 0 || platform.subscriberCount != 0 { fail("sessions are left") }
        settle()
        for participant in departed where participant.session != nil {
            fail("the session of client \(participant.number) outlives its connection")
        }
        if network.host.nextDeadlineNanoseconds != nil, model.firstDueNanoseconds == nil {
            fail("somebody waits for nothing")
        }
    }
}
