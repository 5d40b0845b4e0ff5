/// What clients, kernels and time do.
extension Shift {
    private static let kernels = [0, 1, 3, 17, 300, 5_000, Int.max, Int.max]

    func act(_ deed: Conditions.Deed) {
        switch deed {
        case .connect: connect()
        case .subscribe: subscribe()
        case .ask: ask()
        case .burst: burst()
        case .crowd: crowd()
        case .say: say()
        case .send: send()
        case .operate: operate()
        case .stall: stall()
        case .relax: relax()
        case .vanish: if generator.once(in: 3) { vanish() }
        case .halfClose: if generator.once(in: 3) { halfClose() }
        case .wait: wait()
        case .leap: leap()
        case .turn:
            note("turn")
            network.turn()
        }
    }

    private func one(_ isFit: (Participant) -> Bool) -> Participant? {
        let fit = participants.filter { !$0.isVanished && isFit($0) }
        return fit.isEmpty ? nil : generator.one(of: fit)
    }

    // MARK: Clients

    @discardableResult
    private func connect() -> Participant? {
        // Nobody is accepted any more once the turn in which the server was stopped is over.
        guard participants.count < conditions.clientsMax, stopNanoseconds ?? now == now else { return nil }
        connectedCount += 1
        let line = Line()
        line.keepsBytes = false
        line.keepsSteps = false
        if generator.once(in: 8) { line.bytesPerWrite = generator.one(of: Shift.kernels) }
        var early: [UInt8] = []
        line.whenHanded = { early += $0 }
        // Those who are being refused take no place of those who are served, nor do those who have just gone.
        let refusedCount = participants.count { $0.isRefused && !$0.line.isClosed }
        let servedCount = participants.count { !$0.isRefused && !$0.line.isClosed }
        let isRefused = isStopping || servedCount >= conditions.settings.connectionsMax
        let isTurnedAway = isRefused && refusedCount >= conditions.sessions.refusalsMax
        let client = network.connect(line)
        let participant = Participant(number: connectedCount, client: client, nowNanoseconds: now)
        note("connects", participant)
        guard (line.session == nil) == isTurnedAway else {
            fail("client \(connectedCount) was \(isTurnedAway ? "" : "not ")to be turned away")
            return nil
        }
        guard !isTurnedAway else { return nil }
        participants.append(participant)
        line.whenHanded = { [unowned self, unowned participant] bytes in handed(bytes, to: participant) }
        early.withUnsafeBytes { handed($0, to: participant) }
        participant.isRefused = isRefused
        if isRefused {
            checkRefusal(participant)
            return nil
        }
        observe()
        return participant
    }

    private func handed(_ bytes: UnsafeRawBufferPointer, to participant: Participant) {
        guard !bytes.isEmpty else { return }
        trace.absorb(bytes)
        participant.hear(bytes)
        participant.lastLifeNanoseconds = now
        if !participant.isTouched {
            participant.isTouched = true
            touched.append(participant)
        }
    }

    private func subscribe() {
        let present = generator.once(in: 2) ? one { !$0.hasFinished && !$0.wantsFeed && !$0.isOperator } : nil
        guard let participant = present ?? connect(), !participant.hasFinished else { return }
        refreshKnowledge()
        let following = Following.any(known, &generator)
        participant.ask(.follow(following), known)
        // The first frame may come in the same packet, where nothing can be wrong with what is asked for.
        if following.isSure, generator.once(in: 4) {
            participant.say(.any(bytesMax: conditions.sessions.webSocket.messageBytesMax, &generator))
        }
        note("subscribes", participant, participant.unsent.count)
        send(participant)
    }

    private func ask() {
        guard let participant = one({ !$0.hasFinished && !$0.wantsFeed && !$0.isOperator }) ?? connect()
        else { return }
        refreshKnowledge()
        var count = generator.once(in: 3) ? 1 + generator.below(12) : 1
        while count > 0, !participant.hasFinished {
            count -= 1
            let text = RequestText.any(known, &generator)
            // One at a time, so that it is known whose cancellation is whose.
            if case .cancelAll = text.question.kind, participant.isCancellingAll { continue }
            participant.ask(text, known)
        }
        note("asks", participant, participant.questions.count)
        send(participant)
    }

    /// Many orders at the same moment.
    private func burst() {
        guard let participant = one({ !$0.hasFinished && !$0.wantsFeed && !$0.isOperator }),
            generator.once(in: 2)
        else {
            return
        }
        let count = generator.once(in: 8) ? 200 : 30
        refreshKnowledge()
        for _ in 0..<count where !participant.hasFinished {
            participant.ask(.place(known, &generator), known)
        }
        note("asks for many orders", participant, count)
        send(participant)
    }

    /// Several clients in one turn of the loop: none of them need be answered before all have been read.
    private func crowd() {
        let fit = participants.filter {
            !$0.isVanished && !$0.hasFinished && !$0.wantsFeed && !$0.isOperator && !$0.line.isClosing
                && $0.questions.allSatisfy { $0.isBrief }
        }
        guard fit.count > 1, touched.isEmpty else { return }
        refreshKnowledge()
        for participant in fit {
            for _ in 0...generator.below(3) where !participant.hasFinished {
                let text = RequestText.any(known, &generator)
                participant.ask(text.question.isBrief ? text : .place(known, &generator), known)
            }
        }
        note("many ask", nil, fit.count)
        askedTogether = fit
        network.gather {
            for participant in fit {
                let all = participant.unsent.count
                push(participant, generator.once(in: 6) ? generator.below(all) : all)
            }
            // A loop that is told of very many comes to some of them twice.
            for participant in fit
            where generator.once(in: 3) && !participant.hasFinished && participant.unsent.isEmpty {
                participant.ask(.fixed(&generator), known)
                push(participant, participant.unsent.count)
            }
        }
    }

    private func refreshKnowledge() {
        known.orderCount = model.entries.count
        known.firstSequence = Int(platform.firstSequence)
        known.lastSequence = model.events.count
    }

    /// Takes time or failure in hand while an answer is under way.
    func intervene() {
        let isLate = participants.contains { !$0.isOperator && $0.session?.isReplying == true }
        if conditions.settings.isControllable, isLate, generator.once(in: 3) { operate() }
    }

    /// Somebody takes time or failure in hand.
    private func operate() {
        guard conditions.settings.isControllable || generator.once(in: 20) else { return }
        let present = one { $0.isOperator && $0.questions.isEmpty && $0.unsent.isEmpty && !$0.hasFinished }
        guard let participant = present ?? connect(), !participant.hasFinished else { return }
        participant.isOperator = true
        let isLate = participants.contains { !$0.isOperator && $0.session?.isReplying == true }
        let request = isLate && generator.once(in: 3) ? .reset : ControlRequest.any(&generator)
        participant.ask(.control(request), known)
        note("controls", participant, participant.unsent.count)
        send(participant)
    }

    private func say() {
        let isFit: (Participant) -> Bool = {
            $0.wantsFeed && !$0.hasFinished && ($0.speech == .webSocket || $0.following.isSure)
        }
        guard let participant = one(isFit) else { return }
        for _ in 0...generator.below(4) where !participant.hasFinished {
            participant.say(.any(bytesMax: conditions.sessions.webSocket.messageBytesMax, &generator))
        }
        note("says", participant, participant.unsent.count)
        send(participant)
    }

    private func send() {
        if let participant = one({ !$0.unsent.isEmpty }) { send(participant) }
    }

    /// Sends some of what a client has to say, cut anywhere and joined to what went before.
    private func send(_ participant: Participant) {
        let all = participant.unsent.count
        guard all > 0 else { return }
        switch generator.below(8) {
        case 0: return
        case 1: push(participant, generator.below(all))
        case 2:
            for _ in 0..<(1 + generator.below(6)) where !participant.unsent.isEmpty {
                push(participant, 1 + generator.below(min(40, participant.unsent.count)))
            }
        case 3: push(participant, all - min(all, 1 + generator.below(3)))
        default: push(participant, all)
        }
    }

    /// Puts so many bytes of what a client has to say on their way.
    func push(_ participant: Participant, _ count: Int) {
        guard count > 0, !participant.line.isClosing else { return }
        note("sends", participant, count)
        let piece = participant.unsent[..<count]
        participant.unsent.removeFirst(count)
        participant.client.push(piece)
    }

    private func vanish() {
        guard let participant = one({ _ in true }) else { return }
        note("vanishes", participant, participant.unsent.count)
        noteLeaver(participant)
        participant.isVanished = true
        participant.lose()
        participant.client.abandon()
    }

    private func halfClose() {
        guard let participant = one({ _ in true }) else { return }
        note("ends", participant, participant.unsent.count)
        participant.swallow()
        participant.client.pushEnd()
        observe()
    }

    // MARK: Kernels

    private func stall() {
        guard let participant = one({ _ in true }) else { return }
        participant.line.bytesPerWrite = generator.one(of: Shift.kernels)
        note("takes so much at a time", participant, participant.line.bytesPerWrite)
    }

    private func relax() {
        guard let participant = one({ $0.line.isBlocked }) else { return }
        let waiting = participant.line.queuedBytes
        take(participant, generator.once(in: 2) ? waiting : 1 + generator.below(waiting))
    }

    /// Has a client's kernel take so many of the bytes that wait.
    func take(_ participant: Participant, _ count: Int) {
        note("takes", participant, count)
        participant.lastLifeNanoseconds = now
        participant.line.take(count)
        observe()
    }

    // MARK: Time

    private func wait() {
        let nanoseconds =
            switch generator.below(6) {
            case 0: generator.below(2_000_000)
            case 1: 1_000_000 * (1 + generator.below(3))
            case 2: generator.below(5_000_000_000)
            case 3: 1_000_000_000 * generator.below(40)
            default: generator.below(400_000_000)
            }
        wait(nanoseconds: UInt64(nanoseconds))
    }

    /// Lets time pass as it does while the loop sleeps: it wakes when it has asked to, or a little later.
    func wait(nanoseconds: UInt64) {
        // A loop does not sleep before its turn is over.
        settle()
        note("time passes, in us", nil, Int(nanoseconds / 1_000))
        var generator = generator
        network.advance(
            nanoseconds: nanoseconds,
            lateness: { generator.once(in: 4) ? UInt64(generator.below(3_000_000)) : 0 },
            moment: {
                check()
                checkSettled()
            })
        self.generator = generator
    }

    /// Has the machine sleep, or come near the moment for which the host has asked, or the calendar set.
    private func leap() {
        if generator.once(in: 4) {
            network.calendarOffsetMicroseconds = Int64(generator.below(7_200_000_000)) - 3_600_000_000
        }
        var nanoseconds = UInt64(generator.below(60_000_000_000))
        if let next = network.host.nextDeadlineNanoseconds, next > now, generator.once(in: 2) {
            nanoseconds = next - now - 1 + UInt64(generator.below(3))
        }
        if let expiry = keys.firstExpiryNanoseconds, expiry > now, generator.once(in: 6) {
            nanoseconds = expiry - now - 1 + UInt64(generator.below(3))
        }
        note("time leaps, in us", nil, Int(nanoseconds / 1_000))
        network.skip(nanoseconds: nanoseconds)
        leapNanoseconds = now
        for participant in participants { participant.silentSinceNanoseconds += nanoseconds }
    }

    func stop() {
        note("the server is stopped")
        stopNanoseconds = now
        // What is held back is let go.
        for participant in participants where participant.heldUntilNanoseconds != nil {
            participant.questions[0].heldUntilNanoseconds = now
        }
        network.host.stop()
        observe()
    }
}
