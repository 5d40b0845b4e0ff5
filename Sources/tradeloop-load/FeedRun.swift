import Histogram
import Reactor

/// Runs ``FeedCommand``: orders are placed on one connection, so that their ids tell which frame is whose.
@LoopActor
final class FeedRun: LoadRun {
    private let command: FeedCommand
    private let order: [UInt8]
    private let batch: [UInt8]
    private var subscribers: [Subscriber] = []
    private var openCount = 0
    private var placer: Placer?
    private var frames = 0
    private var orders = 0
    private var failures = 0
    private var placing = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
    /// When each order was due to be placed, by its number since the first.
    private var sendTimes: [UInt64] = []
    private var firstID: Int?
    private var scheduleStart: UInt64 = 0

    private static let openingMax = 64

    init(_ command: FeedCommand) throws {
        self.command = command
        let target = try command.common.target()
        order = target.request("POST", "/orders", body: Target.order)
        batch = Array(repeatElement(order, count: command.depth).joined())
        try super.init(command.common)
        _ = DescriptorLimit.raise()
        sendTimes.reserveCapacity(1 << 22)
        for _ in 0..<min(command.subscribers, FeedRun.openingMax) { open() }
        if command.subscribers == 0 { openPlacer() }
    }

    private func open() {
        TCPConnecting.connect(to: address, on: loop) { [unowned self] result in
            guard let transport = connection(result) else { return }
            let subscriber = Subscriber(transport, self)
            subscribers.append(subscriber)
            target.handshake.withUnsafeBytes { subscriber.send($0) }
        }
    }

    private func connection(_ result: Result<TCPConnection, UVError>) -> TCPConnection? {
        switch result {
        case .failure(let error):
            fail("\(options.url) cannot be reached: \(error).")
            return nil
        case .success(let transport):
            return transport
        }
    }

    fileprivate func subscribed() {
        openCount += 1
        if openCount + FeedRun.openingMax <= command.subscribers { open() }
        if openCount == command.subscribers { openPlacer() }
    }

    private func openPlacer() {
        TCPConnecting.connect(to: address, on: loop) { [unowned self] result in
            guard let transport = connection(result) else { return }
            let placer = Placer(transport, self)
            self.placer = placer
            startClock()
            scheduleStart = now
            if command.rate == nil { place(batch, count: command.depth, dueAt: now) }
        }
    }

    private func place(_ bytes: [UInt8], count: Int, dueAt moment: UInt64) {
        for _ in 0..<count { sendTimes.append(moment) }
        placer?.inFlight += count
        bytes.withUnsafeBytes { placer?.send($0) }
    }

    override func turnEnding(atNanoseconds now: UInt64) -> Bool {
        guard let rate = command.rate, placer != nil else { return false }
        let interval = 1e9 / rate
        let due = Int(Double(now - scheduleStart) / interval) + 1
        while sendTimes.count < due {
            place(order, count: 1, dueAt: scheduleStart + UInt64(Double(sendTimes.count) * interval))
        }
        return true
    }

    /// The answers to orders came, `answered` of them before these.
    fileprivate func placed(_ count: Int, after answered: Int, failures: Int, at now: UInt64) {
        orders += count
        self.failures += failures
        for index in answered..<answered + count { placing.record(now - sendTimes[index]) }
        if command.rate == nil, placer?.inFlight == 0 { place(batch, count: command.depth, dueAt: now) }
    }

    /// A subscriber has heard of an order.
    fileprivate func heard(_ id: Int, isPending: Bool, at now: UInt64) {
        frames += 1
        guard isPending else { return }
        if firstID == nil { firstID = id }
        let index = id - (firstID ?? id)
        if index >= 0, index < sendTimes.count { latencies.record(now - sendTimes[index]) }
    }

    fileprivate func lost(_ what: String) {
        fail("The server closed a \(what).")
    }

    override func measurementBegins() {
        frames = 0
        orders = 0
        failures = 0
        placing.reset()
    }

    override var progress: (count: Int, unit: String) {
        command.subscribers > 0 ? (frames, "frames") : (orders, "orders")
    }

    override func figures() -> Figures {
        var figures = Figures()
        let seconds = Double(measuredNanoseconds) / 1e9
        figures.add("framesPerSecond", Double(frames) / seconds)
        figures.add("ordersPerSecond", Double(orders) / seconds)
        figures.add("failures", Double(failures))
        if let cpuNanoseconds {
            figures.add(
                "serverCPUMicrosecondsPerFrame", Double(cpuNanoseconds) / 1_000 / Double(max(1, frames)))
            figures.add(
                "serverCPUMicrosecondsPerOrder", Double(cpuNanoseconds) / 1_000 / Double(max(1, orders)))
        }
        for percentile in [50, 99, 99.9] {
            let value = Double(placing.valueAtPercentile(percentile)) / 1_000
            figures.add("postP\(Figures.plain(percentile))Microseconds", value)
        }
        return figures
    }

    /// The connection that places the orders.
    fileprivate final class Placer: ClientConnection {
        private unowned let run: FeedRun
        private var reader = ResponseReader()
        private var answered = 0
        var inFlight = 0

        init(_ transport: TCPConnection, _ run: FeedRun) {
            self.run = run
            super.init(transport)
        }

        override func read(_ bytes: UnsafeBufferPointer<UInt8>, atNanoseconds now: UInt64) -> Int {
            var offset = 0
            var count = 0
            var failures = 0
            do {
                while let status = try reader.next(bytes, &offset) {
                    count += 1
                    if status != 201 { failures += 1 }
                }
            } catch {
                run.fail("The server's answer is not HTTP.")
            }
            if count > 0 {
                inFlight -= count
                answered += count
                run.placed(count, after: answered - count, failures: failures, at: now)
            }
            return offset
        }

        override func ended() { run.lost("connection") }
    }

    /// One who listens.
    fileprivate final class Subscriber: ClientConnection {
        private unowned let run: FeedRun
        private var reader = ResponseReader()
        private var isOpen = false

        init(_ transport: TCPConnection, _ run: FeedRun) {
            self.run = run
            super.init(transport)
        }

        override func read(_ bytes: UnsafeBufferPointer<UInt8>, atNanoseconds now: UInt64) -> Int {
            var offset = 0
            if !isOpen {
                guard let status = (try? reader.next(bytes, &offset)) ?? nil else { return 0 }
                guard status == 101 else {
                    run.fail("The server answered the WebSocket handshake with \(status).")
                    return bytes.count
                }
                isOpen = true
                run.subscribed()
            }
            while let frame = EventFrame(bytes, at: offset) {
                offset += frame.byteCount
                if frame.isPing {
                    // An empty pong, masked with zeros.
                    [0x8A, 0x80, 0, 0, 0, 0].withUnsafeBytes { send($0) }
                } else if frame.isEvent {
                    run.heard(frame.orderID, isPending: frame.isPending, at: now)
                }
            }
            return offset
        }

        override func ended() { run.lost("WebSocket") }
    }
}
