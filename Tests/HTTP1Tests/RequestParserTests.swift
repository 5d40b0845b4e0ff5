import HTTP1
import Testing

@Suite struct RequestParserTests {
    private static let next = Array("GET /next HTTP/1.1\r\nHost: next\r\nX: y\r\n\r\n".utf8)

    @Test(arguments: AcceptedHead.all)
    func accepts(head: AcceptedHead) {
        let outcome = HeadReader.everyWay(head.bytes)
        #expect(outcome == .complete(head.reading, consumed: head.bytes.count))
    }

    /// What follows a head is another's, be it a request, a body or noise.
    @Test(arguments: AcceptedHead.all)
    func consumesExactlyTheHead(head: AcceptedHead) {
        let expected = HeadOutcome.complete(head.reading, consumed: head.bytes.count)
        #expect(HeadReader.everyWay(head.bytes + Self.next) == expected)
        for following in [[0x0D], [0x0A], [0x20], [0x00], [0xFF, 0x0D, 0x0A]] as [[UInt8]] {
            #expect(HeadReader.whole(head.bytes + following) == expected)
        }
    }

    @Test(arguments: RefusedHead.all)
    func refuses(head: RefusedHead) {
        #expect(HeadReader.everyWay(head.bytes).status == head.status)
    }

    @Test(arguments: RefusedHead.finalCodings)
    func refusesBodiesWithoutAnEnd(head: RefusedHead) {
        #expect(HeadReader.everyWay(head.bytes).status == head.status)
    }

    /// Empty list elements: to refuse them is safe, to read no body is not.
    @Test(arguments: ["chunked,", ",chunked", ", chunked", "chunked, ,", ",,chunked,,"])
    func neverTakesAnOddListOfCodingsForNoBody(value: String) {
        let text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \(value)\r\n\r\n"
        let outcome = HeadReader.everyWay(Array(text.utf8))
        if case .complete(let reading, _) = outcome {
            #expect(reading.framing == .chunked)
        } else {
            #expect(outcome.status == .badRequest || outcome.status == .notImplemented)
        }
    }

    @Test func readsABatch() {
        let batch = AcceptedHead.all.flatMap(\.bytes)
        var reader = HeadReader()
        var offset = 0
        for head in AcceptedHead.all {
            let outcome = reader.look(at: Array(batch[offset...].prefix(2_000)))
            #expect(outcome == .complete(head.reading, consumed: head.bytes.count))
            offset += head.bytes.count
            reader.reset()
        }
        #expect(offset == batch.count)
    }

    /// Nothing of a head that was given up or refused is left after a reset.
    @Test func forgets() {
        let plain = AcceptedHead.requestLines[0]
        for head in AcceptedHead.all {
            var reader = HeadReader()
            for cut in [1, head.bytes.count / 2, head.bytes.count - 1, head.bytes.count] {
                _ = reader.look(at: Array(head.bytes[..<cut]))
                reader.reset()
                #expect(!reader.hasBegun)
            }
            #expect(reader.look(at: plain.bytes) == .complete(plain.reading, consumed: plain.bytes.count))
        }
    }

    @Test func knowsWhetherAHeadHasBegun() {
        var reader = HeadReader()
        #expect(!reader.hasBegun)
        #expect(reader.look(at: []) == .incomplete)
        #expect(!reader.hasBegun)
        #expect(reader.look(at: [0x47]) == .incomplete)
        #expect(reader.hasBegun)
        reader.reset()
        #expect(!reader.hasBegun)
    }

    /// A sender of one byte at a time must not have its lines read over and over: spoilt, they are not
    /// missed.
    @Test func readsALineOnce() {
        let head = AcceptedHead.fields("X: b", "Origin: http://c")
        var bytes = head.bytes
        var reader = HeadReader()
        let fieldsStart = "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n".utf8.count
        #expect(reader.look(at: Array(bytes[..<fieldsStart])) == .incomplete)
        for offset in 0..<fieldsStart where bytes[offset] != 0x61 { bytes[offset] = 0 }
        guard case .complete(let reading, bytes.count) = reader.look(at: bytes) else {
            Issue.record("not complete")
            return
        }
        #expect(reading.method == .get)
        #expect(reading.authority == "a")
        #expect(reading.origin == "http://c")
    }
}
