/// Each subscriber has to be told of everything in frames, and to have its own answered.
extension Shift {
    /// Reads the frames that a subscriber has been sent.
    func hearFrames(_ participant: Participant) {
        guard participant.speech != .stream else { return }
        while participant.speech == .webSocket, fault == nil, let frame = participant.nextFrame() {
            switch frame.opcode {
            case 1: hearMessage(frame, participant)
            case 8: hearClose(frame, participant)
            case 9: hearPing(frame, participant)
            case 10: hearPong(frame, participant)
            default: fail("client \(participant.number) was sent \(frame)")
            }
        }
        if participant.speech == .webSocket, participant.unheardCount > 0 {
            fail("client \(participant.number) was sent half a frame")
        }
        checkOver(participant)
        noteLag(participant)
    }

    /// Nothing follows the last answer or the close frame.
    func checkOver(_ participant: Participant) {
        if participant.speech == .over, participant.unheardCount > 0 {
            fail("client \(participant.number) was told something after the last")
        }
    }

    private func hearMessage(_ frame: ServerFrame, _ participant: Participant) {
        if !frame.isFinal || hearEvent(frame.payload, participant) == nil {
            fail("client \(participant.number) heard \(frame.text) as event \(participant.nextEvent + 1)")
        }
    }

    private func hearPing(_ frame: ServerFrame, _ participant: Participant) {
        note("is pinged", participant)
        participant.pingedNanoseconds = now
        if !frame.payload.isEmpty { fail("client \(participant.number) was pinged with a payload") }
    }

    private func hearPong(_ frame: ServerFrame, _ participant: Participant) {
        guard let expected = participant.frames.first, expected.kind == .pong(frame.payload),
            participant.deliveredCount >= expected.earliest
        else {
            fail("client \(participant.number) was sent a pong for no ping of its own")
            return
        }
        _ = participant.takeFrame()
    }

    private func hearClose(_ frame: ServerFrame, _ participant: Participant) {
        note("is told to close", participant, Int(frame.closeCode ?? 0))
        let code = frame.closeCode
        noteLeaver(participant)
        if let expected = participant.frames.first, expected.kind == .close(code),
            participant.deliveredCount >= expected.earliest
        {
            participant.finish(nowNanoseconds: now)
            return
        }
        switch code {
        case 1001 where isStopping: break
        case 1012 where participant.isOutdated: break
        case 1013 where !participant.isOutdated && isPassed(participant): break
        default:
            fail(
                "client \(participant.number) was closed with \(code ?? 0), having heard "
                    + "\(participant.nextEvent) of \(model.events.count)")
        }
        participant.finish(nowNanoseconds: now)
    }
}
