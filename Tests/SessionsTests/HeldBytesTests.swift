import Sessions
import TestKit
import Testing

/// What all sessions together may hold, and who is refused when it is more.
@Suite struct HeldBytesTests {
    private static func bench(heldBytesMax: Int) -> Bench {
        var limits = Bench.limits
        limits.heldBytesMax = heldBytesMax
        return Bench(limits: limits)
    }

    @Test func headsThatAreNotWholeAreHeldUpToTheLimit() {
        let start = "GET /name/a HTTP/1.1\r\n"
        let bench = Self.bench(heldBytesMax: 2 * start.utf8.count)
        let patient = bench.connect()
        let exact = bench.connect()
        let late = bench.connect()
        patient.send(start)
        exact.send(start)
        #expect(!exact.line.isShutDown)
        late.send("G")
        let response = late.response()
        #expect(response.status == 503)
        #expect(response["Connection"] == "close")

        // Who was there before goes on, and leaves room to others.
        patient.send("Host: a\r\n\r\n")
        #expect(patient.response().text == "/name/a")
        let next = bench.connect()
        next.send("G")
        next.send("ET /name/b HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(next.response().text == "/name/b")
    }

    @Test func outputThatIsNotTakenIsHeldUpToTheLimit() {
        let bench = Self.bench(heldBytesMax: 4_000)
        let deaf = bench.connect()
        deaf.line.bytesPerWrite = 0
        deaf.send("GET /bytes/3000 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(!deaf.line.isClosing)
        let other = bench.connect()
        other.line.bytesPerWrite = 0
        other.send("GET /bytes/3000 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(other.line.isReset)

        // What is taken at once is not held, however much it is.
        let reader = bench.connect()
        #expect(reader.exchange("GET /bytes/9000 HTTP/1.1\r\nHost: a\r\n\r\n").body.count == 9_000)
        // And what has been taken in the end is held no more.
        deaf.take()
        let last = bench.connect()
        last.line.bytesPerWrite = 0
        last.send("GET /bytes/3000 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(!last.line.isClosing)
        for client in [deaf, other, reader, last] { #expect(client.line.violations == []) }
    }

    @Test func whoIsGoneHoldsNothing() {
        let start = "GET /name/a HTTP/1.1\r\n"
        let bench = Self.bench(heldBytesMax: start.utf8.count)
        for _ in 0..<10 {
            let client = bench.connect()
            client.send(start)
            #expect(!client.line.isShutDown)
            client.vanish()
            bench.network.settle()
        }
    }
}
