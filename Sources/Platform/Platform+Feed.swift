import Bytes
import HTTP1
import Orders
import Sessions
import WebSocket

extension Platform {
    /// Turns the connection into a subscriber that is sent messages.
    func openWebSocket(
        _ answer: Answer, _ head: Span<UInt8>, on session: Session, mayWait: Bool = true,
        into output: inout ByteWriter
    ) -> Reply {
        if let refusal = Upgrade.refusal(of: answer.request, head: head) {
            return refuse(refusal.problem, answer, head, fields: refusal.fields, into: &output)
        }
        guard answer.origin != .foreign else { return refuseOrigin(answer, head, into: &output) }
        guard !host.isStopping else { return refuseWhileStopping(answer, head, into: &output) }
        var request = SubscriptionRequest(answer.request.head, head)
        if request.isNumbered { request.subscription.form = .numbered }
        if mayWait, hasToWait(for: request.subscription.since), let since = request.subscription.since {
            let reply = MarketFollowReply(since: since, answer, head, era: era) {
                $0.openWebSocket($1, $2, on: $3, mayWait: false, into: &$4)
            }
            return start(reply, on: session, into: &output)
        }
        if let problem = problem(of: request) {
            return refuse(problem, answer, head, fields: Platform.retryFields(problem), into: &output)
        }
        Upgrade.accept(answer.request, head: head, of: host, into: &output)
        feed.subscribe(session, request.subscription, log: store.log)
        return .webSocket
    }

    /// Answers with a stream of Server-Sent Events (the HTML standard, section 9.2).
    func openStream(
        _ answer: Answer, _ head: Span<UInt8>, on session: Session, mayWait: Bool = true,
        into output: inout ByteWriter
    ) -> Reply {
        // Cross-site pages may not follow, as they may not by WebSocket.
        guard answer.origin != .foreign else { return refuseOrigin(answer, head, into: &output) }
        guard !host.isStopping else { return refuseWhileStopping(answer, head, into: &output) }
        var request = SubscriptionRequest(answer.request.head, head)
        request.takeLastEventID(answer.request.head, head)
        request.subscription.form = .serverSent
        if mayWait, hasToWait(for: request.subscription.since), let since = request.subscription.since {
            let reply = MarketFollowReply(since: since, answer, head, era: era) {
                $0.openStream($1, $2, on: $3, mayWait: false, into: &$4)
            }
            return start(reply, on: session, into: &output)
        }
        if let problem = problem(of: request) {
            return refuse(problem, answer, head, fields: Platform.retryFields(problem), into: &output)
        }
        session.closeAfterReply()
        begin(.ok, answer.asLast, head, into: &output)
        // The last field keeps nginx from collecting what is meant to be heard at once.
        output.append(
            "Content-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\n\r\n")
        guard !answer.request.isHead else { return .done }
        output.append("retry: 1000\n")
        feed.subscribe(session, request.subscription, log: store.log)
        appendHeartbeat(on: session, to: &output)
        return .stream
    }

    private func refuseWhileStopping(
        _ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        refuse(Problem(.serviceUnavailable, "This server is being stopped."), answer, head, into: &output)
    }

    /// When to come back, where that is all that is wrong.
    private static func retryFields(_ problem: Problem) -> StaticString {
        problem.status == .serviceUnavailable ? "Retry-After: 1\r\n" : ""
    }

    private func problem(of request: SubscriptionRequest) -> Problem? {
        if let problem = request.problem ?? marketProblem { return problem }
        guard let since = request.subscription.since else { return nil }
        let (first, last) = (store.log.firstSequence, store.log.lastSequence)
        guard since + 1 < first || since > last else { return nil }
        let held =
            last == 0 ? "it is at 0, before the first event" : "it holds the events \(first) to \(last)"
        return Problem(
            .gone,
            "The feed cannot go on after event \(since): \(held). Get /orders, and follow from the number in "
                + "its Feed-Sequence.",
            numbers: [("firstSequence", first), ("lastSequence", last)])
    }

    /// Tells a stream how far it has heard, as a comment, and as an id so that a browser that comes back does
    /// not ask for what it did not want to hear (an event without data is not dispatched).
    func appendHeartbeat(on session: Session, to output: inout ByteWriter) {
        guard let subscriber = session.attachment as? Subscriber else { return }
        let heard = subscriber.nextSequence - 1
        output.append(": sequence ")
        output.append(decimal: heard)
        output.append("\nid: ")
        output.append(decimal: heard)
        output.append("\n\n")
    }

    /// Keeps the log from passing subscribers who do read, in a turn that changes very much.
    func relievePressure() {
        if feed.isPressed(by: store.log) { feed.relieve(store.log) }
    }
}
