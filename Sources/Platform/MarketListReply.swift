import Bytes
import HTTP1
import Orders
import Sessions

/// A list of a shared market's orders: whole where it is short, else in parts as they are found.
final class MarketListReply: MarketReply {
    private let query: ListQuery
    private var scan: MarketScan?
    private var orders: [SharedOrder]?
    private var hasBegun = false
    private var hasRows = false

    init(_ query: ListQuery, _ answer: Answer, _ head: Span<UInt8>, era: UInt64) {
        self.query = query
        super.init(answer, head, era: era)
    }

    override func step(
        _ market: any SharedMarket, _ platform: Platform, on session: Session, into output: inout ByteWriter
    ) -> Reply? {
        guard let position else {
            askPosition(of: market, on: session)
            return nil
        }
        let scan = scan ?? MarketScan(after: query.afterID, through: position.lastOrderID, query.filter)
        self.scan = scan
        guard let orders else {
            ask(on: session, { scan.read(market, then: $0) }, take: { self.orders = $0 })
            return nil
        }
        self.orders = nil
        platform.scratch.reset(keeping: 1_048_576)
        if !hasBegun { platform.scratch.append("[") }
        for order in orders {
            if hasRows { platform.scratch.append(", ") }
            hasRows = true
            order.withOrder { OrderJSON.append($0, to: &platform.scratch) }
        }
        if scan.isAtEnd { platform.scratch.append("]") }
        if !hasBegun, scan.isAtEnd { return tellWhole(platform, on: session, into: &output) }
        return tellPart(platform, isLast: scan.isAtEnd, on: session, into: &output)
    }

    private func tellWhole(
        _ platform: Platform, on session: Session, into output: inout ByteWriter
    ) -> Reply {
        let answer = answerNow(platform, on: session)
        withHead { head in platform.begin(.ok, answer, head, into: &output) }
        platform.appendSequence(position?.lastSequence ?? 0, to: &output)
        output.endHead(contentType: "application/json", contentLength: platform.scratch.count)
        if !answer.request.isHead { output.append(platform.scratch.unsafeBytes) }
        return .done
    }

    /// Appends a part. HTTP/1.0 has no chunks: there the end of the connection is the end of the list.
    private func tellPart(
        _ platform: Platform, isLast: Bool, on session: Session, into output: inout ByteWriter
    ) -> Reply? {
        let isChunked = answer.request.head.minorVersion >= 1
        if !hasBegun {
            if !isChunked { session.closeAfterReply() }
            let answer = answerNow(platform, on: session)
            withHead { head in platform.begin(.ok, isChunked ? answer : answer.asLast, head, into: &output) }
            platform.appendSequence(position?.lastSequence ?? 0, to: &output)
            output.append("Content-Type: application/json\r\n")
            if isChunked { output.append("Transfer-Encoding: chunked\r\n") }
            output.append("\r\n")
            if answer.request.isHead { return .done }
            hasBegun = true
        }
        // A chunk of no bytes would be the last one.
        guard !platform.scratch.isEmpty else { return nil }
        if isChunked {
            output.append(hexadecimal: platform.scratch.count)
            output.append("\r\n")
        }
        output.append(platform.scratch.unsafeBytes)
        if isChunked { output.append(isLast ? "\r\n0\r\n\r\n" : "\r\n") }
        return isLast ? .done : .more
    }

    override func fail(
        _ failure: MarketFailure, _ platform: Platform, on session: Session, into output: inout ByteWriter
    ) -> Reply {
        guard hasBegun else { return super.fail(failure, platform, on: session, into: &output) }
        // What was sent of it cannot be taken back: the client has to see that it is not whole.
        session.closeAfterReply()
        session.drop()
        return .done
    }
}
