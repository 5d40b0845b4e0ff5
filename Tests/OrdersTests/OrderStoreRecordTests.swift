import Orders
import Testing

/// What is stored comes back, up to every limit.
@Suite struct OrderStoreRecordTests {
    @Test func idsAreSequentialFromOne() {
        var store = makeStore(ordersMax: 10_000)
        for expected in 1...10_000 { #expect(store.place() == Int64(expected)) }
        #expect(store.count == 10_000)
        #expect(store.order(10_000)?.id == 10_000)
    }

    /// 15 bytes is the last length kept in the record, 16 the first outside it; 64 is the longest.
    @Test(arguments: [1, 2, 14, 15, 16, 17, 63, 64])
    func stocksComeBackEqual(length: Int) throws {
        var store = makeStore()
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: 255 - $0 * 7) }
        #expect(store.place(stocks: bytes.span, quantity: 7, at: 0) == .placed(1))
        let order = try #require(store.order(1) as Order?)
        #expect(Array(order.stocks) == bytes)
        #expect(order.quantity == 7)
    }

    @Test(arguments: [1, OrderStore.quantityMax])
    func quantitiesComeBackEqual(quantity: Int64) {
        var store = makeStore()
        _ = store.place(quantity: quantity)
        #expect(store.order(1)?.quantity == quantity)
        #expect(OrderStore.quantityMax == 1 << 53 - 1)
    }

    /// Long texts over many chunks, read back through pointers taken before later orders were placed and
    /// changed.
    @Test func borrowedStocksStayValid() throws {
        var random = SeededGenerator(seed: 3)
        var store = makeStore(ordersMax: 20_000, eventsMax: 16)
        var texts: [[UInt8]] = []
        var borrowed: [UnsafeBufferPointer<UInt8>] = []
        for _ in 0..<20_000 {
            let length = Int.random(in: 1...OrderStore.stocksBytesMax, using: &random)
            let text = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            guard case .placed(let id) = store.place(stocks: text.span, quantity: 1, at: 0) else {
                Issue.record("full too early")
                return
            }
            texts.append(text)
            borrowed.append(try #require(store.order(id) as Order?).stocks)
        }
        for id in stride(from: Int64(1), through: 20_000, by: 3) { _ = store.cancel(id) }
        store.executeAll(at: 5_001 * millisecond)
        for (text, bytes) in zip(texts, borrowed) where !text.elementsEqual(bytes) {
            Issue.record("a text has changed")
        }
        #expect(store.order(20_000).map { Array($0.stocks) } == texts.last)
    }

    /// One chunk of records exactly, one less and one more.
    @Test(arguments: [1, 3, 4_095, 4_096, 4_097])
    func fullStoreLosesNothing(ordersMax: Int) {
        var store = makeStore(ordersMax: ordersMax, eventsMax: 8_192)
        for id in 1...ordersMax { #expect(store.place(delay: 1_000) == Int64(id)) }
        let bytes = Array("LATE".utf8)
        #expect(store.place(stocks: bytes.span, quantity: 1, at: 0) == .full)
        #expect(store.place(stocks: bytes.span, quantity: 1, delayMilliseconds: nil, at: 0) == .full)
        #expect(store.count == ordersMax)
        #expect(store.scheduledCount == ordersMax)
        #expect(store.log.lastSequence == UInt64(ordersMax))

        #expect(store.cancel(Int64(ordersMax)) == .cancelled)
        #expect(store.place() == nil, "a cancelled order keeps its place and its id")
        store.executeAll(at: 1_000 * millisecond)
        #expect(store.executedCount == ordersMax - 1)
        #expect(store.order(Int64(ordersMax))?.status == .cancelled)
    }

    @Test func largestStoreCanBeMade() {
        var store = makeStore(ordersMax: OrderStore.ordersMaxLimit)
        #expect(store.ordersMax == 4_294_967_295)
        #expect(store.place() == 1)
    }

    @Test func eventsAreSmall() {
        #expect(MemoryLayout<OrderEvent>.stride == 8)
    }
}
