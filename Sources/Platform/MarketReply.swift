import Bytes
import HTTP1
import Orders
import Sessions

/// An answer that waits for the shared market, as often as it takes.
class MarketReply: LongReply {
    private var isWaiting = false
    private var failure: MarketFailure?
    /// How far the market has come; nil until ``askPosition(of:on:)`` has been answered.
    private(set) final var position: MarketPosition?

    /// What is wrong is told in words, so that a market that is replaced needs no other end.
    final override var outlivesReset: Bool { true }

    /// Whether the same request may be sent again without harm where nobody knows what became of it.
    var isRepeatable: Bool { true }

    final override func goOn(
        _ platform: Platform, on session: Session, into output: inout ByteWriter
    ) -> Reply {
        guard let market = platform.market else {
            preconditionFailure("a reply of a market that there is not")
        }
        while !isWaiting {
            if let failure {
                return fail(failure, platform, on: session, into: &output)
            }
            if let reply = step(market, platform, on: session, into: &output) { return reply }
        }
        return .later
    }

    /// Does the next part: answers how the reply goes on, or nil where it has asked the market first.
    func step(
        _ market: any SharedMarket, _ platform: Platform, on session: Session, into output: inout ByteWriter
    ) -> Reply? {
        preconditionFailure("each kind of reply has its own")
    }

    /// Asks, and has the session wait for it. ``step(_:_:on:into:)`` is called once `take` has been.
    final func ask<Value>(
        on session: Session, _ question: (@escaping (MarketResult<Value>) -> Void) -> Void,
        take: @escaping (Value) -> Void
    ) {
        isWaiting = true
        question { [weak session] result in
            self.isWaiting = false
            switch result {
            case .success(let value): take(value)
            case .failure(let failure): self.failure = failure
            }
            session?.goOn()
        }
    }

    /// Asks how far the market has come, and has the session wait for it.
    final func askPosition(of market: any SharedMarket, on session: Session) {
        ask(on: session, { market.position(then: $0) }, take: { self.position = $0 })
    }

    /// Ends an answer that cannot be given.
    func fail(
        _ failure: MarketFailure, _ platform: Platform, on session: Session, into output: inout ByteWriter
    ) -> Reply {
        let answer = answerNow(platform, on: session)
        return withHead { head in
            platform.refuse(failure, isRepeatable: isRepeatable, answer, head, into: &output)
        }
    }
}
