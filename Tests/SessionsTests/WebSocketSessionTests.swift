import Sessions
import TestKit
import Testing

/// A session that speaks WebSocket (RFC 6455).
@Suite struct WebSocketSessionTests {
    @Test func theHandshakeOfTheStandardIsAnswered() {
        let bench = Bench()
        let client = bench.connect()
        let response = client.openWebSocket()
        #expect(response.status == 101)
        #expect(response["Upgrade"] == "websocket")
        #expect(response["Connection"] == "Upgrade")
        #expect(response["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(response["Content-Length"] == nil)
        #expect(bench.openedCount == 1)
    }

    @Test(arguments: [
        ("GET /ws HTTP/1.1\r\nHost: a\r\n\r\n", 426),
        ("GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", 426),
        ("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 426),
        ("GET /ws HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 426),
        ("POST " + Client.handshake().dropFirst(4), 426),
        (Client.handshake().replacing("Version: 13", with: "Version: 8"), 426),
        (Client.handshake().replacing("Sec-WebSocket-Version: 13\r\n", with: ""), 426),
        (Client.handshake().replacing("dGhlIHNhbXBsZSBub25jZQ==", with: "dGhlIHNhbXBsZSBub25j"), 400),
        (Client.handshake().replacing("dGhlIHNhbXBsZSBub25jZQ==", with: ""), 400),
        (Client.handshake(fields: "Content-Length: 1\r\n") + "x", 400),
        (Client.handshake(fields: "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), 400),
    ])
    func aHandshakeThatIsNoneIsRefused(request: String, status: Int) {
        let bench = Bench()
        let client = bench.connect()
        let response = client.exchange(request)
        #expect(response.status == status)
        if status == 426 { #expect(response["Upgrade"] == "websocket") }
        #expect(bench.openedCount == 0)
    }

    @Test func aVersionOfTomorrowIsToldThatOfToday() {
        let bench = Bench()
        let response = bench.connect().exchange(
            Client.handshake().replacing("Version: 13", with: "Version: 14"))
        #expect(response["Sec-WebSocket-Version"] == "13")
    }

    @Test func aFrameMayComeWithTheHandshake() {
        let bench = Bench()
        let client = bench.connect()
        client.push(Array(Client.handshake().utf8) + ClientFrame.text("hello").bytes)
        #expect(client.response().status == 101)
        #expect(client.messages() == ["hello"])
        #expect(client.line.writes.count == 1)
    }

    @Test func messagesMayComeInFragmentsWithControlFramesBetween() {
        let bench = Bench()
        let client = bench.connect()
        client.openWebSocket()
        client.send(.text("a", isFinal: false))
        client.send(.ping("between"))
        client.send(.more("b", isFinal: false))
        client.send(.more("c", isFinal: true))
        #expect(bench.messages == ["a", "b", "c."])
        #expect(client.frames().first == ServerFrame(10, Array("between".utf8)))
    }

    @Test(
        arguments: [
            (ClientFrame.close(1000, "bye"), 1000), (.close(), nil), (.close(4_999), 4_999),
            (.close(1001), 1001),
        ] as [(ClientFrame, UInt16?)])
    func aCloseFrameIsEchoed(frame: ClientFrame, code: UInt16?) {
        let bench = Bench()
        let client = bench.connect()
        client.openWebSocket()
        client.send(frame.bytes + ClientFrame.text("too late").bytes)
        let frames = client.frames()
        #expect(frames.map(\.opcode) == [8])
        #expect(frames.first?.closeCode == code)
        #expect(client.line.isShutDown && !client.line.isClosing)
        client.send(.text("too late"))
        #expect(bench.messages == [])
        client.end()
        #expect(client.line.isClosing)
        #expect(bench.endedCount == 1)
    }

    @Test(
        arguments: [
            (ClientFrame(1, Array("a".utf8), key: nil), 1002),
            (ClientFrame(3), 1002),
            (ClientFrame(0x41), 1002),
            (ClientFrame(9, [], isFinal: false), 1002),
            (ClientFrame(9, Array(repeating: 0, count: 126)), 1002),
            (ClientFrame(0, [1]), 1002),
            (ClientFrame(8, [3]), 1002),
            (.close(1005), 1002),
            (.close(999), 1002),
            (ClientFrame(8, [3, 0xE8, 0xFF]), 1007),
            (ClientFrame(1, [0xFF]), 1007),
            (ClientFrame(1, [0xC3]), 1007),
            (ClientFrame(2, Array(repeating: 0, count: 1_001)), 1009),
        ] as [(ClientFrame, UInt16)])
    func aFaultClosesWithItsCode(frame: ClientFrame, code: UInt16) {
        let bench = Bench()
        let client = bench.connect()
        client.openWebSocket()
        client.send(frame)
        let frames = client.frames()
        #expect(frames.map(\.closeCode) == [code])
        #expect(client.line.isShutDown)
        client.send(.text("too late"))
        #expect(bench.messages == [])
        bench.advance(milliseconds: 2_000)
        #expect(client.line.isClosing && !client.line.isReset)
        #expect(client.line.violations == [])
    }

    @Test func messagesAndFragmentsAreTakenUpToTheirLimits() {
        let bench = Bench()
        let client = bench.connect()
        client.openWebSocket()
        client.send(ClientFrame(2, Array(repeating: 7, count: 1_000)))
        #expect(client.frames().map(\.payload.count) == [1_000])
        client.send(.text("1", isFinal: false))
        client.send(.more("2", isFinal: false))
        client.send(.more("3", isFinal: false))
        client.send(.more("4", isFinal: true))
        #expect(client.frames().map(\.opcode) == [1])
        for fragment in 0..<5 {
            client.send(fragment == 0 ? .text("1", isFinal: false) : .more("2", isFinal: false))
        }
        #expect(client.frames().map(\.closeCode) == [1008])
    }

    @Test(arguments: [0, 1, 100, Int.max])
    func aFloodOfPingsIsAnsweredInOrder(perWrite: Int) {
        var limits = Bench.limits
        limits.outputBytesMax = 5_000
        let bench = Bench(limits: limits)
        let client = bench.connect()
        client.openWebSocket()
        client.line.bytesPerWrite = perWrite
        let flood = (0..<5_000).map { ClientFrame.ping("\($0)").bytes }
        client.push(flood.joined())
        #expect(client.line.queuedBytes + client.line.arrivedCount < 20_000)
        bench.network.settle()
        client.takeAll()
        #expect(client.frames() == (0..<5_000).map { ServerFrame(10, Array("\($0)".utf8)) })
        #expect(client.line.violations == [])
    }

    @Test func controlFramesWaitWhileThePeerTakesNothing() {
        let bench = Bench()
        let client = bench.connect()
        client.openWebSocket()
        client.line.bytesPerWrite = 0
        client.send(.ping("1"))
        #expect(!client.line.isReading)
        client.send(.ping("2"))
        client.send(.close(1000))
        client.takeAll()
        #expect(client.frames().map(\.opcode) == [10, 10, 8])
        #expect(client.line.isShutDown)
        #expect(client.line.violations == [])
    }

    @Test func roomIsToldOnceItIsThere() {
        let bench = Bench()
        let client = bench.connect()
        client.openWebSocket()
        client.line.bytesPerWrite = 1
        client.send(.ping("1"))
        #expect(bench.lastSession?.isWaitingForRoom == true)
        client.take(1)
        #expect(bench.roomCount == 0)
        client.line.bytesPerWrite = .max
        client.take()
        #expect(bench.roomCount == 1)
        #expect(bench.lastSession?.isWaitingForRoom == false)
    }

    @Test func whoIsClosedWithoutRoomIsToldOnceThereIs() {
        let bench = Bench()
        let client = bench.connect()
        client.openWebSocket()
        client.line.bytesPerWrite = 0
        client.send(.ping("1"))
        bench.lastSession?.closeWebSocket(.tryAgainLater, reason: "Later.")
        #expect(bench.lastSession?.isWebSocket == true)
        client.line.bytesPerWrite = .max
        client.take()
        #expect(client.frames().map(\.closeCode) == [nil, 1013])
        #expect(bench.roomCount == 0)
        bench.advance(milliseconds: 2_000)
        #expect(client.line.steps.last == .close)
        #expect(client.line.violations == [])
    }

    @Test func whoIsClosedAndNeverHasRoomIsReset() {
        let bench = Bench()
        let client = bench.connect()
        client.openWebSocket()
        client.line.bytesPerWrite = 0
        client.send(.ping("1"))
        bench.lastSession?.closeWebSocket(.tryAgainLater, reason: "")
        bench.advance(milliseconds: 29_999)
        #expect(!client.line.isClosing)
        bench.advance(milliseconds: 1)
        #expect(client.line.isReset)
        #expect(bench.host.sessionCount == 0)
    }

    @Test func aWebSocketSessionIsForgottenOnceItIsOver() {
        let bench = Bench()
        weak var session: Session?
        do {
            let client = bench.connect()
            client.openWebSocket()
            client.line.bytesPerWrite = 0
            client.send(ClientFrame.ping("1").bytes + ClientFrame.text("part").bytes.dropLast())
            session = client.line.session
            #expect(session != nil)
            client.vanish()
        }
        #expect(session == nil)
        #expect(bench.endedCount == 1)
    }
}
