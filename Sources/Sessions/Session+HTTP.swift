import Bytes
import HTTP1

extension Session {
    /// Reads the next request's head and, where its body is there too, has it answered. Answers whether there
    /// may be more to do with the input.
    func readHead(
        _ input: UnsafeMutableBufferPointer<UInt8>, _ offset: inout Int, for application: Application
    ) -> Bool {
        let bytes = UnsafeBufferPointer(rebasing: input[offset...]).span
        if let parser = partial?.parser {
            host.parser = parser
            partial?.parser = nil
        } else {
            host.parser.reset()
        }
        switch host.parser.parse(bytes, recalling: &host.headMemory) {
        case .complete(let headBytes):
            return beginRequest(bytes, headBytes: headBytes, &offset, for: application)
        case .incomplete:
            if partial == nil { partial = PartialInput(limits: host.limits.http) }
            if !isHeadTimed {
                isHeadTimed = true
                deadlineNanoseconds = host.deadline(in: host.limits.headMilliseconds)
            }
            partial?.parser = host.parser
            return false
        case .invalid(let fault):
            refuse(
                fault, of: host.parser.head.method, head: UnsafeBufferPointer(rebasing: input[offset...]))
            return true
        }
    }

    @inline(__always)
    private func beginRequest(
        _ bytes: Span<UInt8>, headBytes: Int, _ offset: inout Int, for application: Application
    ) -> Bool {
        isHeadTimed = false
        let persistence: Persistence =
            if !host.parser.head.persists || host.isStopping {
                .closes
            } else {
                host.parser.head.minorVersion == 0 ? .openOnRequest : .open
            }
        closesAfterReply = persistence == .closes
        let request = Request(head: host.parser.head, persistence: persistence)
        let headSpan = bytes.extracting(0..<headBytes)
        switch request.head.framing {
        case .none:
            offset &+= headBytes
            answer(request, head: headSpan, body: bytes.extracting(0..<0), for: application)
        case .length(let length) where bytes.count &- headBytes >= length:
            offset &+= headBytes &+ length
            answer(
                request, head: headSpan, body: bytes.extracting(headBytes..<headBytes &+ length),
                for: application)
        case .length, .chunked:
            offset &+= headBytes
            collect(request, head: headSpan)
        }
        return true
    }

    @inline(__always)
    private func answer(
        _ request: Request, head: Span<UInt8>, body: Span<UInt8>, for application: Application
    ) {
        let start = host.output.count
        host.answeredStatus = nil
        handle(application.respond(to: request, head: head, body: body, on: self, into: &host.output))
        if let log = host.accessLog {
            head.withUnsafeBufferPointer { note($0, answeredFrom: start, in: log) }
        }
    }

    // MARK: Bodies that do not arrive with their head

    private func collect(_ request: Request, head: Span<UInt8>) {
        let collected = CollectedRequest(request: request)
        collected.head.append(head)
        if case .length(let length) = request.head.framing { collected.missingBytes = length }
        if partial == nil { partial = PartialInput(limits: host.limits.http) }
        partial?.request = collected
        phase = .body
        isContinueDue = request.head.awaitsContinue
        deadlineNanoseconds = host.deadline(in: host.limits.bodyMilliseconds)
    }

    /// Collects what has arrived of a body; has the request answered when it is whole.
    func readBody(
        _ input: UnsafeMutableBufferPointer<UInt8>, _ offset: inout Int, for application: Application
    ) -> Bool {
        guard let collected = partial?.request else { preconditionFailure("no request to collect") }
        let isWhole: Bool
        do throws(HTTPFault) {
            isWhole = try collect(UnsafeBufferPointer(input).span, &offset, into: collected)
        } catch {
            partial?.request = nil
            refuse(error, of: collected.request.head.method, head: collected.head.unsafeBuffer)
            return true
        }
        guard isWhole else {
            if isContinueDue {
                // Only now: a client that sends the body without waiting needs no answer to its question.
                isContinueDue = false
                host.output.append("HTTP/1.1 100 Continue\r\n\r\n")
            }
            return false
        }
        isContinueDue = false
        partial?.request = nil
        phase = .head
        let head = collected.head.unsafeBuffer
        let body = collected.body.unsafeBuffer
        var request = collected.request
        if host.isStopping {
            // It began before; its answer is the last all the same.
            closesAfterReply = true
            request = Request(head: request.head, persistence: .closes)
        }
        withExtendedLifetime(collected) {
            answer(request, head: head.span, body: body.span, for: application)
        }
        return true
    }

    /// Answers whether the body is whole.
    private func collect(
        _ bytes: Span<UInt8>, _ offset: inout Int, into collected: CollectedRequest
    ) throws(HTTPFault) -> Bool {
        if collected.request.head.framing != .chunked {
            let count = min(collected.missingBytes, bytes.count - offset)
            collected.body.append(bytes.extracting(offset..<offset + count))
            collected.missingBytes -= count
            offset += count
            return collected.missingBytes == 0
        }
        while true {
            switch collected.decoder.next(bytes, &offset, limits: host.limits.http) {
            case .data(let range): collected.body.append(bytes.extracting(range))
            case .finished: return true
            case .incomplete: return false
            case .invalid(let fault): throw fault
            }
        }
    }

    // MARK: Refusals

    private func refuse(_ fault: HTTPFault, of method: Method, head: UnsafeBufferPointer<UInt8>) {
        if let limit = fault.limit { host.counts.countHit(SessionLimit(limit)) }
        refuse(Problem(fault), of: method, head: head)
    }

    /// Answers a request that cannot be served, and ends the session. `head` is what is known of the request.
    func refuse(
        _ problem: Problem, of method: Method = .other,
        head: UnsafeBufferPointer<UInt8> = UnsafeBufferPointer(start: nil, count: 0)
    ) {
        host.counts.countRefusal(of: method, with: problem.status)
        closesAfterReply = true
        phase = .ending
        let start = host.output.count
        problem.append(to: &host.output, of: host, persistence: .closes, isHead: false)
        if let log = host.accessLog { note(head, answeredFrom: start, in: log) }
    }
}
