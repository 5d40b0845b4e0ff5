import Bytes
import HTTP1
import Orders
import Sessions

/// The beginning of a subscription that is to go on from an event which this instance has not heard of yet:
/// it waits until it has, where the market has come so far.
final class MarketFollowReply: MarketReply {
    typealias Opening = (Platform, Answer, Span<UInt8>, Session, inout ByteWriter) -> Reply

    private let since: UInt64
    private let open: Opening

    /// - Parameter open: opens the subscription, or refuses it, by what the instance knows then.
    init(since: UInt64, _ answer: Answer, _ head: Span<UInt8>, era: UInt64, open: @escaping Opening) {
        self.since = since
        self.open = open
        super.init(answer, head, era: era)
    }

    override func step(
        _ market: any SharedMarket, _ platform: Platform, on session: Session, into output: inout ByteWriter
    ) -> Reply? {
        guard let position else {
            askPosition(of: market, on: session)
            return nil
        }
        guard since > position.lastSequence || since <= platform.lastSequence else {
            ask(on: session, { platform.awaitEvent(since, then: $0) }, take: {})
            return nil
        }
        let answer = answerNow(platform, on: session)
        return withHead { head in open(platform, answer, head, session, &output) }
    }
}
