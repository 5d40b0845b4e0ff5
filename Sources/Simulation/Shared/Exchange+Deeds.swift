import Platform

/// What happens in a step.
extension Exchange {
    func act(_ deed: SharedConditions.Deed) {
        agenda.count()
        switch deed {
        case .trade: trade()
        case .follow: follow(since: nil)
        case .rejoin: rejoin()
        case .wait: wait()
        case .vanish: vanish()
        case .die, .stop, .arrive: change(deed)
        default: goWrong(deed)
        }
    }

    private func wait() {
        let nanoseconds: Int
        switch generator.below(12) {
        case 0...4: nanoseconds = generator.below(5_000_000)
        case 5...7: nanoseconds = generator.below(100_000_000)
        case 8...10: nanoseconds = generator.below(2_000_000_000)
        default:
            nanoseconds =
                generator.once(in: 12) ? 620_000_000_000 : generator.below(8_000_000_000)
        }
        pass(UInt64(nanoseconds))
    }

    /// An instance that serves, if there is one.
    func anyInstance() -> SharedInstance? {
        let serving = instances.filter { $0.stopNanoseconds == nil }
        return serving.isEmpty ? nil : generator.one(of: serving)
    }

    // MARK: Traders

    private func trade() {
        var trader = traders.isEmpty ? nil : generator.one(of: traders)
        if trader == nil || (traders.count < conditions.tradersMax && generator.once(in: 3)) {
            trader = anyInstance().map { connectTrader($0) }
        }
        guard let trader, trader.instance.stopNanoseconds == nil else { return }
        for _ in 0..<(generator.once(in: 2) ? 1 : 1 + generator.below(8)) {
            let question = anyQuestion()
            ask(trader, question)
            // Two may want the same at once.
            guard generator.once(in: 4) else { continue }
            let other = generator.one(of: traders)
            if other.instance.stopNanoseconds == nil { ask(other, again(question)) }
        }
        if generator.once(in: 2) { settle() }
    }

    /// Now and then much is placed at one instance as soon as it is there again: what Redis has lost is soon
    /// made up for by other things.
    func rush() {
        guard generator.once(in: 2) else { return }
        // One that begins now knows nothing of what was before.
        let isNew = instances.count < conditions.instancesMax + 1 && generator.once(in: 2)
        if isNew { arrive() }
        guard let instance = isNew ? instances.last : anyInstance() else { return }
        let trader = traders.first { $0.instance === instance } ?? connectTrader(instance)
        // The first finds out that the market is another one.
        ask(trader, placement())
        let pause = generator.one(of: [60_000_000, 60_000_000, 2_000_000_000]) + Int(6 * longestTransit)
        pass(UInt64(generator.below(pause)))
        guard instance.stopNanoseconds == nil, instances.contains(where: { $0 === instance }) else { return }
        let count = generator.once(in: 20) ? 70 : 1 + generator.below(20)
        // One behind the other, or all at once.
        let isTogether = generator.once(in: 2)
        for _ in 0..<count {
            let isHere = traders.contains { $0 === trader }
            let placing = isTogether || !isHere ? connectTrader(instance) : trader
            ask(placing, placement())
        }
    }

    func connectTrader(_ instance: SharedInstance) -> SharedTrader {
        clientCount += 1
        let trader = SharedTrader(number: clientCount, client: connect(instance), instance: instance)
        traders.append(trader)
        return trader
    }

    private func connect(_ instance: SharedInstance) -> Client {
        let line = Line()
        line.keepsSteps = false
        line.whenHanded = { [trace] in trace.absorb($0) }
        return instance.network.connect(line)
    }

    func ask(_ trader: SharedTrader, _ kind: SharedQuestion.Kind) {
        agenda.count()
        var question = SharedQuestion(kind: kind, tick: agenda.tick, nanoseconds: now)
        if question.cancels {
            question.isAlone = !lostQuestions.contains { $0.cancels }
            for other in traders {
                for index in other.questions.indices where other.questions[index].cancels {
                    other.questions[index].isAlone = false
                    question.isAlone = false
                }
            }
        }
        note("asks", trader.number, question.request.utf8.count)
        trader.questions.append(question)
        trader.client.push(question.request)
        trader.instance.isTouched = true
    }

    /// The same question, or one about another order of the same kind.
    private func again(_ kind: SharedQuestion.Kind) -> SharedQuestion.Kind {
        if case .place(_, _, nil) = kind { placement() } else { kind }
    }

    private var orderCount: Int { Int(ledger.positions.last?.orders ?? 0) }

    private func anyQuestion() -> SharedQuestion.Kind {
        let id =
            generator.once(in: 3) ? orderCount + 1 - generator.below(8) : 1 + generator.below(orderCount + 2)
        switch generator.below(20) {
        case 0...8: return placement()
        case 9...11: return show(Int64(max(0, id)))
        case 12...14: return .cancel(id: Int64(max(0, id)))
        case 15...17:
            return .list(
                status: generator.one(of: [nil, "PENDING", "EXECUTED", "CANCELLED"]),
                text: generator.once(in: 4) ? "PAST1" : nil,
                limit: generator.one(of: [nil, 1, 10, 1_000]),
                after: generator.once(in: 2) ? 0 : Int64(generator.below(orderCount + 2)))
        case 18:
            return .cancelAll(text: generator.one(of: [nil, "PAST0", "K1"]))
        default: return .health
        }
    }

    func placement() -> SharedQuestion.Kind {
        let delay = generator.once(in: 3) ? generator.one(of: [0, 1, 500, 20_000]) : nil
        if generator.once(in: 3) {
            let key = generator.below(4)
            let text = generator.once(in: 5) ? "K\(key)x" : "K\(key)"
            return .place(text: text, delayMilliseconds: delay, key: "key-\(key)")
        }
        textCount += 1
        return .place(text: "S\(textCount)", delayMilliseconds: delay, key: nil)
    }

    private func show(_ id: Int64) -> SharedQuestion.Kind {
        if !tags.isEmpty, generator.once(in: 2) {
            let known = generator.one(of: tags)
            return .show(id: known.id, row: known.row, tag: known.tag)
        }
        return .show(id: id, row: nil, tag: nil)
    }

    private func vanish() {
        if generator.once(in: 2), !traders.isEmpty {
            let trader = traders.remove(at: generator.below(traders.count))
            note("vanishes", trader.number)
            lose(trader.questions)
            trader.client.abandon()
            trader.instance.isTouched = true
        } else if !followers.isEmpty {
            let follower = followers.remove(at: generator.below(followers.count))
            note("vanishes", follower.number)
            leave(follower)
            follower.client.abandon()
            follower.instance.isTouched = true
        }
    }

    // MARK: Followers

    private func rejoin() {
        let last = ledger.sequence
        // Who has heard everything elsewhere may come to an instance that has not.
        let late = instances.first {
            $0.stopNanoseconds == nil && Int($0.platform.lastSequence) < last
        }
        if let late, !generator.once(in: 3) { return follow(since: last - generator.below(2), at: late) }
        let near = max(0, last + 2 - generator.below(8))
        follow(since: lastHeard.isEmpty || generator.once(in: 3) ? near : generator.one(of: lastHeard))
    }

    func follow(since: Int?, at chosen: SharedInstance? = nil) {
        guard followers.count < conditions.followersMax, let instance = chosen ?? anyInstance() else {
            return
        }
        clientCount += 1
        let follower = SharedFollower(
            number: clientCount, client: connect(instance), instance: instance,
            isStream: generator.once(in: 3), since: since, tick: agenda.tick, nanoseconds: now,
            histories: Set(ledger.histories.indices))
        note("follows", follower.number, since ?? -1)
        followers.append(follower)
        follower.client.push(follower.request)
        instance.isTouched = true
    }

    // MARK: Instances

    private func change(_ deed: SharedConditions.Deed) {
        switch deed {
        case .die:
            guard let instance = instances.isEmpty ? nil : generator.one(of: instances) else { return }
            depart(instance, isKilled: generator.once(in: 2))
            if generator.once(in: 2) { arrive() }
        case .stop:
            guard let instance = anyInstance() else { return }
            note("an instance stops", instance.number)
            instance.stopNanoseconds = now
            instance.network.host.stop()
            instance.isTouched = true
        default:
            if instances.count < conditions.instancesMax { arrive() }
        }
    }
}
