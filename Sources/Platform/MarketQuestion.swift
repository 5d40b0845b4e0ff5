import Bytes
import HTTP1
import Orders
import Sessions

/// An answer that takes one question to the shared market.
final class MarketQuestion<Value>: MarketReply {
    typealias Question = (any SharedMarket, @escaping (MarketResult<Value>) -> Void) -> Void
    typealias Telling = (Platform, Answer, Span<UInt8>, Value, inout ByteWriter) -> Reply

    private let question: Question
    private let tell: Telling
    private let isSafe: Bool
    private var value: Value?

    /// - Parameters:
    ///   - isRepeatable: whether to ask twice is the same as to ask once.
    ///   - question: asks the market.
    ///   - tell: appends the answer.
    init(
        _ answer: Answer, _ head: Span<UInt8>, era: UInt64, isRepeatable: Bool = true,
        _ question: @escaping Question, tell: @escaping Telling
    ) {
        self.question = question
        self.tell = tell
        isSafe = isRepeatable
        super.init(answer, head, era: era)
    }

    override var isRepeatable: Bool { isSafe }

    override func step(
        _ market: any SharedMarket, _ platform: Platform, on session: Session, into output: inout ByteWriter
    ) -> Reply? {
        guard let value else {
            ask(on: session, { question(market, $0) }, take: { self.value = $0 })
            return nil
        }
        let answer = answerNow(platform, on: session)
        return withHead { head in tell(platform, answer, head, value, &output) }
    }
}
