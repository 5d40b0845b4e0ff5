import Bytes
import HTTP1
import Orders
import Sessions

extension Platform {
    func getOrder(
        _ id: Route.OrderID, _ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        guard case .number(let number) = id else { return refuseID(answer, head, into: &output) }
        guard let order = store.order(number) else { return noOrder(answer, head, into: &output) }
        return self.answer(with: order, asOf: store.log.lastSequence, answer, head, into: &output)
    }

    /// Answers with an order, which is at least as new as the event of that number.
    @inline(__always)
    func answer(
        with order: Order, asOf sequence: UInt64, _ answer: Answer, _ head: Span<UInt8>,
        into output: inout ByteWriter
    ) -> Reply {
        if isKnown(EntityTag(order.fingerprint), answer, head) {
            begin(.notModified, answer, head, into: &output)
            appendStateFields(order, asOf: sequence, to: &output)
            output.endHead()
            return .done
        }
        let json = OrderJSON(order)
        if answer.isPlain {
            host.appendOKHead(bodyBytes: json.byteCount, to: &output)
            appendStateFields(order, asOf: sequence, to: &output)
            output.endHead()
            json.append(to: &output)
            return .done
        }
        begin(.ok, answer, head, into: &output)
        appendStateFields(order, asOf: sequence, to: &output)
        output.endHead(contentType: "application/json", contentLength: json.byteCount)
        if !answer.request.isHead { json.append(to: &output) }
        return .done
    }

    func placeOrder(
        _ answer: Answer, _ head: Span<UInt8>, _ body: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        guard answer.origin != .foreign else { return refuseOrigin(answer, head, into: &output) }
        guard let plain = PlainOrderBody(body), !PlacementFields.areIn(answer.request.head) else {
            return placeOtherOrder(answer, head, body, into: &output)
        }
        return place(
            body.extracting(plain.stocks), isPlain: true, plain.quantity, delayMilliseconds: nil, answer,
            head, into: &output)
    }

    /// Places an order that is written as few clients write it, or whose request has fields of its own.
    @inline(never)
    private func placeOtherOrder(
        _ answer: Answer, _ head: Span<UInt8>, _ body: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        var content = OrderBody()
        if let problem = content.read(body) { return refuse(problem, answer, head, into: &output) }
        return content.withStocks(of: body) { stocks in
            guard PlacementFields.areIn(answer.request.head) else {
                return placeAny(
                    stocks, content.quantity, delayMilliseconds: nil, answer, head, into: &output)
            }
            return placeWithFields(stocks, content.quantity, answer, head, into: &output)
        }
    }

    /// Places an order whose request says when it is to be executed, or under which key it may come again.
    private func placeWithFields(
        _ stocks: Span<UInt8>, _ quantity: Int64, _ answer: Answer, _ head: Span<UInt8>,
        into output: inout ByteWriter
    ) -> Reply {
        let fields = PlacementFields(answer.request.head, head)
        if let problem = fields.problem { return refuse(problem, answer, head, into: &output) }
        let delayMilliseconds = fields.delayMilliseconds
        guard let range = fields.key else {
            return placeAny(
                stocks, quantity, delayMilliseconds: delayMilliseconds, answer, head, into: &output)
        }
        let key = head.extracting(range)
        let now = host.nowNanoseconds
        if let id = idempotencyKeys.orderID(for: key, at: now), let order = store.order(id) {
            let isSame =
                quantity == order.quantity
                && stocks.withUnsafeBufferPointer { $0.elementsEqual(order.stocks) }
            guard isSame else { return refuseKey(of: id, answer, head, into: &output) }
            appendCreated(OrderJSON(order.asPlaced), answer, head, isReplayed: true, into: &output)
            return .done
        }
        let count = store.count
        let reply = placeAny(
            stocks, quantity, delayMilliseconds: delayMilliseconds, answer, head, into: &output)
        if store.count > count { idempotencyKeys.remember(key, orderID: Int64(store.count), at: now) }
        return reply
    }

    func refuseKey(
        of id: Int64, _ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        let problem = Problem(
            .unprocessableContent,
            "This Idempotency-Key was used for another order, \(id); a new order needs a new key.")
        return refuse(problem, answer, head, into: &output)
    }

    @inline(never)
    private func placeAny(
        _ stocks: Span<UInt8>, _ quantity: Int64, delayMilliseconds: UInt32?, _ answer: Answer,
        _ head: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        place(
            stocks, isPlain: false, quantity, delayMilliseconds: delayMilliseconds, answer, head,
            into: &output)
    }

    /// Places an order; `isPlain` where it is known that nothing in its text has to be escaped.
    @inline(__always)
    private func place(
        _ stocks: Span<UInt8>, isPlain: Bool, _ quantity: Int64, delayMilliseconds: UInt32?, _ answer: Answer,
        _ head: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        let now = marketNow
        let placement =
            if let delayMilliseconds {
                store.place(
                    stocks: stocks, quantity: quantity, delayMilliseconds: delayMilliseconds, at: now)
            } else {
                store.place(stocks: stocks, quantity: quantity, at: now)
            }
        guard case .placed(let id) = placement else { return refuseAsFull(answer, head, into: &output) }
        stocks.withUnsafeBufferPointer { stocks in
            // Of what is at hand: what has just been stored is not to be waited for.
            let order = Order(id: id, quantity: quantity, stocks: stocks, status: .pending)
            let json = isPlain ? OrderJSON(order, isPlain: true) : OrderJSON(order)
            appendCreated(json, answer, head, isReplayed: false, into: &output)
        }
        relievePressure()
        return .done
    }

    func refuseAsFull(_ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter) -> Reply {
        counts.refusedOrders += 1
        let problem = Problem(
            .serviceUnavailable,
            "The store is full: it holds \(settings.ordersMax) orders, as many as --max-orders allows.")
        return refuse(problem, answer, head, into: &output)
    }

    @inline(__always)
    func appendCreated(
        _ json: OrderJSON, _ answer: Answer, _ head: Span<UInt8>, isReplayed: Bool,
        into output: inout ByteWriter
    ) {
        if answer.isPlain {
            host.appendCreatedHead(bodyBytes: json.byteCount, to: &output)
        } else {
            begin(.created, answer, head, into: &output)
            output.append("Content-Type: application/json\r\nContent-Length: ")
            output.append(decimal: json.byteCount)
            output.append("\r\n")
        }
        if isReplayed { output.append("Idempotency-Replayed: true\r\n") }
        output.append(atMost: 22 &+ json.id.count) { cursor in
            cursor.append("Location: /orders/")
            cursor.append(json.id)
            cursor.append("\r\n\r\n")
        }
        json.append(to: &output)
    }

    func cancelOrder(
        _ id: Route.OrderID, _ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        guard answer.origin != .foreign else { return refuseOrigin(answer, head, into: &output) }
        guard case .number(let number) = id else { return refuseID(answer, head, into: &output) }
        return self.answer(to: store.cancel(number), of: number, answer, head, into: &output)
    }

    /// Answers what became of a cancellation.
    func answer(
        to outcome: OrderStore.Cancellation, of number: Int64, _ answer: Answer, _ head: Span<UInt8>,
        into output: inout ByteWriter
    ) -> Reply {
        switch outcome {
        case .cancelled, .alreadyCancelled:
            begin(.noContent, answer, head, into: &output)
            output.endHead()
            relievePressure()
            return .done
        case .executed:
            let problem = Problem(.conflict, "Order \(number) is EXECUTED and can no longer be cancelled.")
            return refuse(problem, answer, head, into: &output)
        case .unknown:
            return noOrder(answer, head, into: &output)
        }
    }

    func refuseID(_ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter) -> Reply {
        refuse(
            Problem(.badRequest, "The order id in the path is not an integer."), answer, head, into: &output)
    }

    func noOrder(_ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter) -> Reply {
        let text = head.extracting(answer.request.head.path.range).withUnsafeBufferPointer { path in
            String(decoding: path.dropFirst("/orders/".utf8.count).prefix(32), as: UTF8.self)
        }
        return refuse(Problem(.notFound, "There is no order \(text)."), answer, head, into: &output)
    }
}
