import Sessions
import TestKit
import Testing

/// Stopping: what is under way is answered, the rest is closed, all of it in time.
@Suite struct StopTests {
    @Test func anIdleConnectionIsClosedAfterAMoment() {
        let bench = Bench()
        let client = bench.connect()
        bench.host.stop()
        bench.advance(milliseconds: 249)
        #expect(!client.line.isClosing)
        bench.advance(milliseconds: 51)
        #expect(client.line.steps == [.close])
        #expect(bench.host.sessionCount == 0)
    }

    @Test func aRequestThatWasOnItsWayIsAnswered() {
        let bench = Bench()
        let client = bench.connect()
        bench.host.stop()
        bench.advance(milliseconds: 200)
        let response = client.exchange("GET /name/a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(response.text == "/name/a")
        #expect(response["Connection"] == "close")
        #expect(client.line.isShutDown)
    }

    @Test func aRequestUnderWayIsAnsweredAsTheLast() {
        let bench = Bench()
        let inHead = bench.connect()
        let inBody = bench.connect()
        inHead.send("GET /name/a HTTP/1.1\r\n")
        inBody.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo")
        bench.host.stop()
        bench.advance(milliseconds: 1_000)
        inHead.send("Host: a\r\n\r\n")
        inBody.send("dy")
        for (client, text) in [(inHead, "/name/a"), (inBody, "body")] {
            let response = client.response()
            #expect(response.text == text)
            #expect(response["Connection"] == "close")
            #expect(client.line.isShutDown)
        }
    }

    @Test func anAnswerInPartsIsFinished() {
        let bench = Bench()
        let client = bench.connect()
        client.push("GET /parts/5 HTTP/1.1\r\nHost: a\r\n\r\n")
        bench.host.stop()
        bench.network.settle()
        #expect(client.response().body.count == 5_000)
        bench.advance(milliseconds: 300)
        #expect(bench.host.sessionCount == 0)
    }

    @Test func webSocketsAreClosedWith1001() {
        let bench = Bench()
        let polite = bench.connect()
        let silent = bench.connect()
        polite.openWebSocket()
        silent.openWebSocket()
        bench.host.stop()
        let goodbye = polite.frames()
        #expect(goodbye.map(\.closeCode) == [1001])
        #expect(silent.frames() == goodbye)
        polite.send(.close(1001))
        #expect(polite.line.isShutDown)
        polite.end()
        #expect(polite.line.isClosing)
        bench.advance(milliseconds: 1_999)
        #expect(!silent.line.isClosing)
        bench.advance(milliseconds: 51)
        #expect(silent.line.steps.last == .close)
        #expect(bench.host.sessionCount == 0)
    }

    @Test func whoeverIsLateIsReset() {
        let bench = Bench()
        let stalled = bench.connect()
        stalled.line.bytesPerWrite = 0
        stalled.send("GET /name/a HTTP/1.1\r\nHost: a\r\n\r\n")
        let slow = bench.connect()
        slow.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo")
        let deaf = bench.connect()
        deaf.openWebSocket()
        deaf.line.bytesPerWrite = 0
        deaf.send(.ping())
        bench.host.stop()
        bench.advance(milliseconds: 3_999)
        #expect(!stalled.line.isClosing && !slow.line.isClosing && !deaf.line.isClosing)
        bench.advance(milliseconds: 51)
        #expect(stalled.line.isReset && slow.line.isReset && deaf.line.isReset)
        #expect(bench.host.sessionCount == 0)
        #expect(bench.host.nextDeadlineNanoseconds == nil)
    }

    @Test func whoeverComesNowIsTold503() {
        let bench = Bench()
        _ = bench.connect()
        bench.host.stop()
        let client = bench.connect()
        #expect(client.response().status == 503)
        #expect(client.line.isShutDown)
    }

    @Test func stoppingTwiceIsStoppingOnce() {
        let bench = Bench()
        let client = bench.connect()
        client.openWebSocket()
        bench.host.stop()
        bench.advance(milliseconds: 1_000)
        bench.host.stop()
        #expect(bench.willStopCount == 1)
        #expect(client.frames().count == 1)
        bench.advance(milliseconds: 1_050)
        #expect(client.line.isClosing)
    }

    @Test func withoutSessionsThereIsNothingToStop() {
        let bench = Bench()
        bench.host.stop()
        #expect(bench.host.sessionCount == 0)
        #expect(bench.host.nextDeadlineNanoseconds == nil)
    }
}
