import Bytes
import HTTP1
import Orders
import Sessions

/// Requests about the orders of a shared market.
extension Platform {
    /// Does what is asked of the market; nil where it is asked for something else.
    func serveShared(
        _ answer: Answer, _ route: Route, _ head: Span<UInt8>, _ body: Span<UInt8>, on session: Session,
        into output: inout ByteWriter
    ) -> Reply? {
        switch (route, answer.request.head.method) {
        case (.order(let id), .get), (.order(let id), .head):
            return getSharedOrder(id, answer, head, on: session, into: &output)
        case (.orders, .post):
            return placeSharedOrder(answer, head, body, on: session, into: &output)
        case (.order(let id), .delete):
            return cancelSharedOrder(id, answer, head, on: session, into: &output)
        case (.orders, .get), (.orders, .head):
            return listSharedOrders(answer, head, on: session, into: &output)
        case (.orders, .delete):
            return cancelSharedOrders(answer, head, on: session, into: &output)
        default:
            return nil
        }
    }

    private func getSharedOrder(
        _ id: Route.OrderID, _ answer: Answer, _ head: Span<UInt8>, on session: Session,
        into output: inout ByteWriter
    ) -> Reply {
        guard case .number(let number) = id else { return refuseID(answer, head, into: &output) }
        // What has been heard now will have happened when the question is asked; what is heard until it is
        // answered may not have.
        let sequence = store.log.lastSequence
        let reply = MarketQuestion<SharedOrder?>(answer, head, era: era) { market, then in
            market.order(number, then: then)
        } tell: { platform, answer, head, order, output in
            guard let order else { return platform.noOrder(answer, head, into: &output) }
            return order.withOrder { platform.answer(with: $0, asOf: sequence, answer, head, into: &output) }
        }
        return start(reply, on: session, into: &output)
    }

    private func cancelSharedOrder(
        _ id: Route.OrderID, _ answer: Answer, _ head: Span<UInt8>, on session: Session,
        into output: inout ByteWriter
    ) -> Reply {
        guard answer.origin != .foreign else { return refuseOrigin(answer, head, into: &output) }
        guard case .number(let number) = id else { return refuseID(answer, head, into: &output) }
        let reply = MarketQuestion<OrderStore.Cancellation>(answer, head, era: era) { market, then in
            market.cancel(number, then: then)
        } tell: { platform, answer, head, outcome, output in
            platform.answer(to: outcome, of: number, answer, head, into: &output)
        }
        return start(reply, on: session, into: &output)
    }

    private func listSharedOrders(
        _ answer: Answer, _ head: Span<UInt8>, on session: Session, into output: inout ByteWriter
    ) -> Reply {
        let query = ListQuery(answer.request.head, head)
        if let problem = query.problem { return refuse(problem, answer, head, into: &output) }
        let reply =
            query.limit.map { MarketPageReply(query, limit: $0, answer, head, era: era) }
            ?? MarketListReply(query, answer, head, era: era)
        return start(reply, on: session, into: &output)
    }

    private func cancelSharedOrders(
        _ answer: Answer, _ head: Span<UInt8>, on session: Session, into output: inout ByteWriter
    ) -> Reply {
        guard answer.origin != .foreign else { return refuseOrigin(answer, head, into: &output) }
        let query = ListQuery(answer.request.head, head)
        if let problem = query.cancellationProblem { return refuse(problem, answer, head, into: &output) }
        return start(MarketCancelAllReply(query.filter, answer, head, era: era), on: session, into: &output)
    }

    /// Places an order. Its delay is drawn here, as the first of this instance's or the next: which number
    /// the order will have is not known.
    private func placeSharedOrder(
        _ answer: Answer, _ head: Span<UInt8>, _ body: Span<UInt8>, on session: Session,
        into output: inout ByteWriter
    ) -> Reply {
        guard answer.origin != .foreign else { return refuseOrigin(answer, head, into: &output) }
        var content = OrderBody()
        if let problem = content.read(body) { return refuse(problem, answer, head, into: &output) }
        let fields = PlacementFields(answer.request.head, head)
        if let problem = fields.problem { return refuse(problem, answer, head, into: &output) }
        drawnDelays += 1
        let placement = MarketPlacement(
            stocks: content.withStocks(of: body) { $0.withUnsafeBufferPointer { Array($0) } },
            quantity: content.quantity,
            delayMilliseconds: fields.delayMilliseconds ?? store.delays.delayMilliseconds(for: drawnDelays),
            ordersMax: settings.ordersMax,
            key: fields.key.map { head.extracting($0).withUnsafeBufferPointer { Array($0) } })
        let reply = MarketQuestion<MarketPlacement.Outcome>(
            answer, head, era: era, isRepeatable: placement.key != nil
        ) { market, then in
            market.place(placement, then: then)
        } tell: { platform, answer, head, outcome, output in
            platform.answer(to: outcome, of: placement, answer, head, into: &output)
        }
        return start(reply, on: session, into: &output)
    }

    private func answer(
        to outcome: MarketPlacement.Outcome, of placement: MarketPlacement, _ answer: Answer,
        _ head: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        switch outcome {
        case .placed(let id):
            let order = SharedOrder(
                id: id, quantity: placement.quantity, stocks: placement.stocks, status: .pending)
            order.withOrder { order in
                appendCreated(OrderJSON(order), answer, head, isReplayed: false, into: &output)
            }
            return .done
        case .known(let order) where order.stocks == placement.stocks && order.quantity == placement.quantity:
            order.withOrder { order in
                appendCreated(OrderJSON(order.asPlaced), answer, head, isReplayed: true, into: &output)
            }
            return .done
        case .known(let order):
            return refuseKey(of: order.id, answer, head, into: &output)
        case .full:
            return refuseAsFull(answer, head, into: &output)
        }
    }
}
