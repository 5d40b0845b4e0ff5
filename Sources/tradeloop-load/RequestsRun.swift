import Reactor

/// Runs ``RequestsCommand``.
@LoopActor
final class RequestsRun: LoadRun {
    private let command: RequestsCommand
    private let request: [UInt8]
    private let batch: [UInt8]
    private var clients: [Client] = []
    private var answers = 0
    private var failures = 0
    /// Open loop: how many requests have been sent, and since when.
    private var sent = 0
    private var scheduleStart: UInt64 = 0
    private var nextClient = 0
    /// Ends the loop's sleep between two bursts.
    private var burstTimer: LoopTimer!

    private static let burstNanoseconds: UInt64 = 1_000_000

    init(_ command: RequestsCommand) throws {
        self.command = command
        let target = try command.common.target()
        request =
            command.post
            ? target.request("POST", "/orders", body: Target.order) : target.request("GET", command.path)
        batch = Array(repeatElement(request, count: command.depth).joined())
        try super.init(command.common)
        burstTimer = LoopTimer(loop: loop) {}
        _ = DescriptorLimit.raise()
        for _ in 0..<command.connections {
            TCPConnecting.connect(to: address, on: loop) { [unowned self] result in connected(result) }
        }
    }

    private func connected(_ result: Result<TCPConnection, UVError>) {
        switch result {
        case .failure(let error):
            fail("\(options.url) cannot be reached: \(error).")
        case .success(let transport):
            clients.append(Client(transport, self))
            if clients.count == command.connections { begin() }
        }
    }

    private func begin() {
        startClock()
        scheduleStart = now
        guard command.rate == nil else { return }
        for client in clients { client.sendBatch(batch, at: now) }
    }

    /// In the open loop, sends what is due: spinning, as a timer's milliseconds are longer than most answers,
    /// or in bursts.
    override func turnEnding(atNanoseconds now: UInt64) -> Bool {
        guard let rate = command.rate, clients.count == command.connections, !isOver else { return false }
        let interval = 1e9 / rate
        let burst = now
        let due = Int(Double(burst - scheduleStart) / interval) + 1
        while sent < due {
            let moment = scheduleStart + UInt64(Double(sent) * interval)
            clients[nextClient].sendOne(request, dueAt: command.bursts ? burst : moment)
            nextClient = (nextClient + 1) % clients.count
            sent += 1
        }
        guard command.bursts else { return true }
        burstTimer.arm(atNanoseconds: burst + RequestsRun.burstNanoseconds)
        return false
    }

    fileprivate func answered(_ client: Client, count: Int, failures: Int) {
        if !isOver { answers += count }
        self.failures += failures
        guard command.rate == nil, client.inFlight == 0, !isOver else { return }
        client.sendBatch(batch, at: now)
    }

    fileprivate func lost(_ client: Client) {
        fail("The server closed a connection.")
    }

    /// In the open loop, those who were asked last are waited for, so that it is known whether any is not
    /// answered at all.
    override var isAwaitingAnswers: Bool { command.rate != nil && clients.contains { $0.inFlight > 0 } }

    override func measurementBegins() {
        answers = 0
        failures = 0
    }

    override var progress: (count: Int, unit: String) { (answers, "requests") }

    override func figures() -> Figures {
        var figures = Figures()
        let seconds = Double(measuredNanoseconds) / 1e9
        figures.add("requestsPerSecond", Double(answers) / seconds)
        figures.add("requests", Double(answers))
        figures.add("failures", Double(failures))
        if command.rate != nil {
            figures.add("unanswered", Double(clients.reduce(0) { $0 + $1.inFlight }))
        }
        if let cpuNanoseconds, answers > 0 {
            figures.add("serverCPUMicrosecondsPerRequest", Double(cpuNanoseconds) / 1_000 / Double(answers))
        }
        return figures
    }

    /// One connection of the run.
    fileprivate final class Client: ClientConnection {
        private unowned let run: RequestsRun
        private var reader = ResponseReader()
        private var sendTimes = TimeQueue()
        private var batchTime: UInt64 = 0
        private(set) var inFlight = 0

        init(_ transport: TCPConnection, _ run: RequestsRun) {
            self.run = run
            super.init(transport)
        }

        func sendBatch(_ batch: [UInt8], at now: UInt64) {
            batchTime = now
            inFlight = run.command.depth
            batch.withUnsafeBytes { send($0) }
        }

        func sendOne(_ request: [UInt8], dueAt moment: UInt64) {
            sendTimes.append(moment)
            inFlight += 1
            request.withUnsafeBytes { send($0) }
        }

        override func read(_ bytes: UnsafeBufferPointer<UInt8>, atNanoseconds now: UInt64) -> Int {
            var offset = 0
            var count = 0
            var failures = 0
            do {
                while let status = try reader.next(bytes, &offset) {
                    count += 1
                    if status / 100 != 2 { failures += 1 }
                    if run.command.rate != nil { run.latencies.record(now - sendTimes.removeFirst()) }
                }
            } catch {
                run.fail("The server's answer is not HTTP.")
            }
            if count > 0 {
                inFlight -= count
                if run.command.rate == nil { run.latencies.record(now - batchTime, count: UInt64(count)) }
                run.answered(self, count: count, failures: failures)
            }
            return offset
        }

        override func ended() { run.lost(self) }
    }
}
