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
        if answer.isPlain {
            host.appendOKHead(bodyBytes: OrderJSON.byteCount(order), to: &output)
            output.endHead()
            OrderJSON.append(order, to: &output)
            return .done
        }
        begin(.ok, answer, head, into: &output)
        output.endHead(contentType: "application/json", contentLength: OrderJSON.byteCount(order))
        if !answer.request.isHead { OrderJSON.append(order, to: &output) }
        return .done
    }

    func placeOrder(
        _ answer: Answer, _ head: Span<UInt8>, _ body: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        guard answer.origin != .foreign else { return refuseOrigin(answer, head, into: &output) }
        var content = OrderBody()
        if let problem = content.read(body) { return refuse(problem, answer, head, into: &output) }
        let now = host.nowNanoseconds
        let placement = content.withStocks(of: body) { stocks in
            store.place(stocks: stocks, quantity: content.quantity, at: now)
        }
        guard case .placed(let id) = placement, let order = store.order(id) else {
            let problem = Problem(
                .serviceUnavailable,
                "The store is full: it holds \(settings.ordersMax) orders, as many as --max-orders allows.")
            return refuse(problem, answer, head, into: &output)
        }
        if answer.isPlain {
            host.appendCreatedHead(bodyBytes: OrderJSON.byteCount(order), to: &output)
        } else {
            begin(.created, answer, head, into: &output)
            output.append("Content-Type: application/json\r\nContent-Length: ")
            output.append(decimal: OrderJSON.byteCount(order))
            output.append("\r\n")
        }
        output.append("Location: /orders/")
        output.append(decimal: id)
        output.append("\r\n\r\n")
        OrderJSON.append(order, to: &output)
        relievePressure()
        return .done
    }

    func cancelOrder(
        _ id: Route.OrderID, _ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter
    ) -> Reply {
        guard answer.origin != .foreign else { return refuseOrigin(answer, head, into: &output) }
        guard case .number(let number) = id else { return refuseID(answer, head, into: &output) }
        switch store.cancel(number) {
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

    private func refuseID(_ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter) -> Reply {
        refuse(
            Problem(.badRequest, "The order id in the path is not an integer."), answer, head, into: &output)
    }

    private func noOrder(_ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter) -> Reply {
        let text = head.extracting(answer.request.head.path.range).withUnsafeBufferPointer { path in
            String(decoding: path.dropFirst("/orders/".utf8.count).prefix(32), as: UTF8.self)
        }
        return refuse(Problem(.notFound, "There is no order \(text)."), answer, head, into: &output)
    }

    // MARK: The list

    func listOrders(
        _ answer: Answer, _ head: Span<UInt8>, on session: Session, into output: inout ByteWriter
    ) -> Reply {
        let lastID = Int64(store.count)
        guard lastID > work.rowsPerPartMax else {
            scratch.reset(keeping: 1_048_576)
            appendRows(1...lastID, isFirst: true, isLast: true)
            begin(.ok, answer, head, into: &output)
            output.endHead(contentType: "application/json", contentLength: scratch.count)
            if !answer.request.isHead { output.append(scratch.unsafeBytes) }
            return .done
        }
        let isChunked = answer.request.head.minorVersion >= 1
        var answer = answer
        if !isChunked {
            session.closeAfterReply()
            answer = Answer(
                request: Request(head: answer.request.head, persistence: .closes), origin: answer.origin)
        }
        begin(.ok, answer, head, into: &output)
        output.append("Content-Type: application/json\r\n")
        if isChunked { output.append("Transfer-Encoding: chunked\r\n") }
        output.append("\r\n")
        guard !answer.request.isHead else { return .done }
        session.attachment = ListReply(nextID: 1, lastID: lastID, isChunked: isChunked)
        return .more
    }

    /// Appends the next part of a list.
    public func continueReply(on session: Session, into output: inout ByteWriter) -> Reply {
        guard let list = session.attachment as? ListReply else { preconditionFailure("no reply to continue") }
        let lastOfPart = min(list.lastID, list.nextID + work.rowsPerPartMax - 1)
        let isLast = lastOfPart == list.lastID
        scratch.reset(keeping: 1_048_576)
        appendRows(list.nextID...lastOfPart, isFirst: list.nextID == 1, isLast: isLast)
        if list.isChunked {
            output.append(hexadecimal: scratch.count)
            output.append("\r\n")
        }
        output.append(scratch.unsafeBytes)
        if list.isChunked { output.append(isLast ? "\r\n0\r\n\r\n" : "\r\n") }
        list.nextID = lastOfPart + 1
        guard isLast else { return .more }
        session.attachment = nil
        return .done
    }

    private func appendRows(_ ids: ClosedRange<Int64>, isFirst: Bool, isLast: Bool) {
        if isFirst { scratch.append("[") }
        for id in ids {
            guard let order = store.order(id) else { preconditionFailure("ids are dense") }
            if id > 1 { scratch.append(", ") }
            OrderJSON.append(order, to: &scratch)
        }
        if isLast { scratch.append("]") }
    }
}
