import Bytes
import HTTP1
import Orders
import Sessions

extension Platform {
    func listOrders(
        _ answer: Answer, _ head: Span<UInt8>, on session: Session, into output: inout ByteWriter
    ) -> Reply {
        let query = ListQuery(answer.request.head, head)
        if let problem = query.problem { return refuse(problem, answer, head, into: &output) }
        let lastID = Int64(store.count)
        if let limit = query.limit {
            let page = PageReply(
                query, limit: limit, lastID: lastID, sequence: store.log.lastSequence, answer, head, era: era)
            return start(page, on: session, into: &output)
        }
        let isShort = lastID <= work.rowsPerPartMax
        if isShort { return shortList(query, lastID: lastID, answer, head, into: &output) }
        beginList(asOf: store.log.lastSequence, answer, head, on: session, into: &output)
        guard !answer.request.isHead else { return .done }
        session.attachment = ListReply(query, lastID: lastID, answer, head, era: era)
        return .more
    }

    private func shortList(
        _ query: ListQuery, lastID: Int64, _ answer: Answer, _ head: Span<UInt8>,
        into output: inout ByteWriter
    ) -> Reply {
        scratch.reset(keeping: 1_048_576)
        scratch.append("[")
        var id = query.afterID
        while id < lastID {
            id += 1
            guard let order = store.order(id) else { preconditionFailure("ids are dense") }
            guard query.filter.accepts(order) else { continue }
            if scratch.count > 1 { scratch.append(", ") }
            OrderJSON(order).append(to: &scratch)
        }
        scratch.append("]")
        return tellList(
            scratch.unsafeBytes, asOf: store.log.lastSequence, answer, head, into: &output)
    }

    /// Answers with a list that is there whole; `fields` may add header fields, each with its line end.
    func tellList(
        _ rows: UnsafeRawBufferPointer, asOf sequence: UInt64, _ answer: Answer, _ head: Span<UInt8>,
        into output: inout ByteWriter, fields: (inout ByteWriter) -> Void = { _ in }
    ) -> Reply {
        begin(.ok, answer, head, into: &output)
        appendSequence(sequence, to: &output)
        fields(&output)
        output.endHead(contentType: "application/json", contentLength: rows.count)
        if !answer.request.isHead { output.append(rows) }
        return .done
    }

    /// Appends the head of a list that follows in parts. HTTP/1.0 has no chunks: there the end of the
    /// connection is the end of the list.
    func beginList(
        asOf sequence: UInt64, _ answer: Answer, _ head: Span<UInt8>, on session: Session,
        into output: inout ByteWriter
    ) {
        let isChunked = answer.isChunkable
        if !isChunked { session.closeAfterReply() }
        begin(.ok, isChunked ? answer : answer.asLast, head, into: &output)
        appendSequence(sequence, to: &output)
        output.append("Content-Type: application/json\r\n")
        if isChunked { output.append("Transfer-Encoding: chunked\r\n") }
        output.append("\r\n")
    }

    /// Appends a part of a list, which stands in ``scratch``.
    func appendListPart(_ answer: Answer, isLast: Bool, to output: inout ByteWriter) -> Reply {
        // A chunk of no bytes would be the last one.
        guard !scratch.isEmpty else { return .more }
        if answer.isChunkable {
            output.append(hexadecimal: scratch.count)
            output.append("\r\n")
        }
        output.append(scratch.unsafeBytes)
        if answer.isChunkable { output.append(isLast ? "\r\n0\r\n\r\n" : "\r\n") }
        return isLast ? .done : .more
    }

    func cancelOrders(
        _ answer: Answer, _ head: Span<UInt8>, on session: Session, into output: inout ByteWriter
    ) -> Reply {
        guard answer.origin != .foreign else { return refuseOrigin(answer, head, into: &output) }
        let query = ListQuery(answer.request.head, head)
        if let problem = query.cancellationProblem { return refuse(problem, answer, head, into: &output) }
        let reply = CancelAllReply(query.filter, lastID: Int64(store.count), answer, head, era: era)
        return start(reply, on: session, into: &output)
    }

    /// Answers how many orders were cancelled.
    func tellCancelled(
        _ count: Int, _ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        scratch.reset()
        scratch.append("{\"cancelled\": ")
        scratch.append(decimal: count)
        scratch.append("}")
        begin(.ok, answer, head, into: &output)
        output.endHead(contentType: "application/json", contentLength: scratch.count)
        output.append(scratch.unsafeBytes)
        return .done
    }

    /// Begins an answer that may take more than this turn.
    func start(_ reply: LongReply, on session: Session, into output: inout ByteWriter) -> Reply {
        session.attachment = reply
        return goOn(on: session, into: &output)
    }

    /// Appends the next part of an answer.
    func goOn(on session: Session, into output: inout ByteWriter) -> Reply {
        guard let reply = session.attachment as? LongReply else {
            preconditionFailure("no reply to continue")
        }
        guard reply.era == era || reply.outlivesReset else {
            // What it was about is no more, and what was sent of it cannot be taken back.
            session.closeAfterReply()
            session.drop()
            return .done
        }
        let sequence = store.log.lastSequence
        let result = reply.goOn(self, on: session, into: &output)
        countBegun(reply, on: session)
        witness?.sawProgress(of: session, since: sequence)
        if result == .done, session.attachment === reply { session.attachment = nil }
        return result
    }

    /// The feed's number that the answer is as of.
    func appendSequence(_ sequence: UInt64, to output: inout ByteWriter) {
        output.append("Feed-Sequence: ")
        output.append(decimal: sequence)
        output.append("\r\n")
    }
}
