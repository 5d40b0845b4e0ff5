import Bytes
import HTTP1
import Orders
import Sessions

extension Platform {
    /// Begins an answer: status line, `Date`, the connection, and what a browser has to be told.
    func begin(_ status: Status, _ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter) {
        host.beginResponse(status, answer.request.persistence, into: &output)
        appendOriginFields(answer, head, to: &output)
    }

    /// The answer to a page's script (the Fetch standard, section 3.2.3). Without an `Origin` there is none:
    /// what is served then is the same for everybody.
    private func appendOriginFields(_ answer: Answer, _ head: Span<UInt8>, to output: inout ByteWriter) {
        guard answer.origin != .absent else { return }
        if answer.origin == .allowed {
            output.append("Access-Control-Allow-Origin: ")
            output.append(head.extracting(answer.request.head.origin.range))
            output.append(
                "\r\nAccess-Control-Expose-Headers: Location, Link, ETag, Feed-Sequence, Retry-After, "
            )
            output.append("Idempotency-Replayed\r\n")
        }
        output.append("Vary: Origin\r\n")
    }

    /// Answers with a problem.
    func refuse(
        _ problem: Problem, _ answer: Answer, _ head: Span<UInt8>, fields: StaticString = "",
        into output: inout ByteWriter
    ) -> Reply {
        problem.append(
            to: &output, of: host, persistence: answer.request.persistence,
            isHead: answer.request.isHead
        ) { output in
            output.append(fields)
            appendOriginFields(answer, head, to: &output)
        }
        return .done
    }

    func refuseOrigin(_ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter) -> Reply {
        let origin = text(answer.request.head.origin, in: head)
        let problem = Problem(
            .forbidden, "Pages of the origin \(origin) may not trade here; --allowed-origins can allow them.")
        return refuse(problem, answer, head, into: &output)
    }

    func misdirected(_ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter) -> Reply {
        if answer.request.head.flags.contains(.foreignScheme) {
            let problem = Problem(.misdirectedRequest, "This server speaks http, not https.")
            return refuse(problem, answer, head, into: &output)
        }
        let authority = text(answer.request.head.authority, in: head)
        let problem = Problem(
            .misdirectedRequest,
            "This server is not \(authority); --allowed-hosts can let it answer to that name.")
        return refuse(problem, answer, head, into: &output)
    }

    func text(_ range: ByteRange, in head: Span<UInt8>) -> String {
        head.extracting(range.range).withUnsafeBufferPointer { bytes in
            String(decoding: bytes.prefix(128), as: UTF8.self)
        }
    }

    func methodNotAllowed(
        _ answer: Answer, _ allow: StaticString, _ head: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        let problem = Problem(.methodNotAllowed, "This address allows the methods \(allow).")
        problem.append(
            to: &output, of: host, persistence: answer.request.persistence,
            isHead: answer.request.isHead
        ) { output in
            Platform.appendAllow(allow, to: &output)
            appendOriginFields(answer, head, to: &output)
        }
        return .done
    }

    private static func appendAllow(_ allow: StaticString, to output: inout ByteWriter) {
        output.append("Allow: ")
        output.append(allow)
        output.append("\r\n")
    }

    /// Answers `OPTIONS`, and a browser's preflight (the Fetch standard, section 3.2.2).
    func options(
        _ answer: Answer, _ allow: StaticString, _ head: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        begin(.noContent, answer, head, into: &output)
        Platform.appendAllow(allow, to: &output)
        if answer.origin == .allowed, !answer.request.head.accessControlRequestMethod.isEmpty {
            output.append("Access-Control-Allow-Methods: ")
            output.append(allow)
            let asked = answer.request.head.accessControlRequestHeaders
            if !asked.isEmpty {
                output.append("\r\nAccess-Control-Allow-Headers: ")
                output.append(head.extracting(asked.range))
            }
            output.append("\r\nAccess-Control-Max-Age: 600\r\n")
        }
        output.endHead()
        return .done
    }

    func asset(
        _ asset: Asset, _ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        let isKnown = isKnown(asset.tag, answer, head)
        begin(isKnown ? .notModified : .ok, answer, head, into: &output)
        output.append(Asset.securityFields)
        output.append("ETag: \"")
        asset.tag.append(to: &output)
        output.append("\"\r\n")
        guard !isKnown else {
            output.endHead()
            return .done
        }
        output.append("Content-Type: ")
        output.append(asset.contentType)
        output.append("\r\nContent-Length: ")
        output.append(decimal: asset.bytes.count)
        output.append("\r\n\r\n")
        if !answer.request.isHead { output.append(asset.bytes) }
        return .done
    }

    /// Whether the client has what a tag names (RFC 9110 section 13.1.2).
    func isKnown(_ tag: @autoclosure () -> EntityTag, _ answer: Answer, _ head: Span<UInt8>) -> Bool {
        let list = answer.request.head.ifNoneMatch
        return !list.isEmpty && tag().isIn(head.extracting(list.range))
    }

    func health(_ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter) -> Reply {
        scratch.reset()
        scratch.append(host.isStopping ? "{\"status\": \"stopping\"" : "{\"status\": \"ok\"")
        scratch.append(", \"version\": ")
        scratch.append(jsonString: settings.version)
        scratch.append(", \"uptimeSeconds\": ")
        scratch.append(decimal: uptimeSeconds)
        scratch.append(", \"connections\": ")
        scratch.append(decimal: host.sessionCount)
        scratch.append(", \"subscribers\": ")
        scratch.append(decimal: feed.subscriberCount)
        scratch.append(", \"minDelayMs\": ")
        scratch.append(decimal: settings.minDelayMilliseconds)
        scratch.append(", \"maxDelayMs\": ")
        scratch.append(decimal: settings.maxDelayMilliseconds)
        scratch.append(", \"maxOrders\": ")
        scratch.append(decimal: settings.ordersMax)
        if let market {
            scratch.append(", \"store\": \"redis\", \"redis\": \"")
            scratch.append(market.presence == .here ? "up\"" : "away\"")
        }
        scratch.append(settings.isControllable ? ", \"control\": true" : ", \"control\": false")
        scratch.append(", \"orders\": ")
        appendOrderCounts(to: &scratch)
        scratch.append("}")
        begin(host.isStopping ? .serviceUnavailable : .ok, answer, head, into: &output)
        output.append("Cache-Control: no-store\r\n")
        output.endHead(contentType: "application/json", contentLength: scratch.count)
        if !answer.request.isHead { output.append(scratch.unsafeBytes) }
        return .done
    }

    /// Appends how many orders there are of each state, as a JSON object.
    func appendOrderCounts(to output: inout ByteWriter) {
        let census = census
        output.append("{\"PENDING\": ")
        output.append(decimal: census.pendingCount)
        output.append(", \"EXECUTED\": ")
        output.append(decimal: census.executedCount)
        output.append(", \"CANCELLED\": ")
        output.append(decimal: census.cancelledCount)
        output.append("}")
    }
}
