import Bytes
import HTTP1
import WebSocket

/// One connection: HTTP requests one after another, and then, after an upgrade, WebSocket frames.
///
/// What a session does is decided by its phase; all changes of phase are in this file and in
/// `Session+HTTP`, `Session+WebSocket` and `Session+Deadline`, one for each side of it.
public final class Session {
    enum Phase: UInt8 {
        /// Between requests or in a head.
        case head
        /// In the body of a request, which is being collected.
        case body
        /// An answer is being produced in parts; no further request is read.
        case replying
        /// WebSocket.
        case webSocket
        /// WebSocket, our close frame is sent, the client's is awaited.
        case webSocketClosing
        /// An answer without an end is being sent; input is dropped.
        case streaming
        /// The last answer or close frame is being sent; input is dropped.
        case ending
        /// All is sent and said to be so; the peer is to close.
        case lingering
        /// Over.
        case closed
    }

    // What is marked unchecked is a plain value that is read or set in one step, and never lent to a call;
    // checking that anew with every request (SE-0176) would take a twelfth of a request's own instructions.

    /// What all sessions share.
    public let host: SessionHost
    let transport: any Transport
    @exclusivity(unchecked) var phase = Phase.head
    /// Whether nothing can be sent for now: the kernel has not taken all, ``pending`` waits, and nothing more
    /// is read or produced. ``Application/hasRoom(_:)`` says when there is room again.
    @exclusivity(unchecked) public private(set) var isWaitingForRoom = false
    /// Input is waiting in ``partial`` because output had to be sent first.
    var isHeld = false
    /// An answer waits in the host's output until those of others can go as well.
    @exclusivity(unchecked) var isAnswerWaiting = false
    /// The session stands in the host's queue of those that go on in the next turn.
    var isQueued = false
    private(set) var peerEnded = false
    /// The answer being produced in parts is the connection's last.
    @exclusivity(unchecked) var closesAfterReply = false
    /// The application has the session wait with the answer until ``goOn()``.
    @exclusivity(unchecked) private(set) var isDeferred = false
    /// The deadline is that of the head which has begun to arrive.
    @exclusivity(unchecked) var isHeadTimed = false
    /// The client waits to be asked for the body, and has not been yet.
    var isContinueDue = false
    /// A WebSocket client has been pinged and not been heard of since.
    @exclusivity(unchecked) var isPinged = false
    /// The session is there only to be told that there are too many.
    var isRefusal = false
    /// What the session is counted with in ``SessionHost/heldBytes``.
    private var countedBytes: UInt32 = 0
    /// Where the session stands in the host's table. 32 bits are enough, and there may be 10,000 sessions.
    var hostIndex: UInt32 = 0
    /// When the phase has lasted too long, by the host's clock.
    @exclusivity(unchecked) var deadlineNanoseconds: UInt64 = 0

    /// What has arrived of a request or frame that is not whole; nil most of the time.
    @exclusivity(unchecked) var partial: PartialInput?
    /// Set while the session speaks WebSocket.
    var webSocket: WebSocketReceiver?
    private(set) var pending: PendingOutput?

    /// The application's own, for as long as the session lasts.
    public var attachment: AnyObject?

    init(host: SessionHost, transport: any Transport) {
        self.host = host
        self.transport = transport
    }

    /// Whether the session speaks WebSocket and may be sent messages.
    public var isWebSocket: Bool { phase == .webSocket }
    /// Whether ``send(_:_:)`` has somewhere to send to: a WebSocket or a stream.
    public var isOpenEnded: Bool { phase == .webSocket || phase == .streaming }

    // MARK: What comes in

    /// Bytes arrived. They are the session's to change until it returns, and so are `headroomBytes` bytes in
    /// front of them: at least ``SessionLimits/headroomBytes``.
    ///
    /// A small answer, with which all is said, goes with ``SessionHost/sendAnswers()``: to send is the
    /// longest way of a request, and those of several sessions take it one after another.
    public func received(_ bytes: UnsafeMutableBufferPointer<UInt8>, headroomBytes: Int) {
        host.counts.receivedBytes &+= UInt64(bytes.count)
        // A loop may read a connection twice before it hands over anything.
        if isAnswerWaiting { host.sendAnswers() }
        guard !isWaitingForRoom, !isHeld else { return hold(UnsafeRawBufferPointer(bytes)) }
        var input = bytes
        if let partial, partial.keptCount > 0 {
            let keptCount = partial.keptCount
            precondition(keptCount <= headroomBytes)
            let start = bytes.baseAddress! - keptCount
            partial.takeKept(to: start)
            input = UnsafeMutableBufferPointer(start: start, count: keptCount + bytes.count)
        }
        process(input)
        if phase == .head, partial == nil, countedBytes == 0, !peerEnded,
            1...Self.heldAnswerBytesMax ~= host.ownOutputBytes, host.holdAnswer(of: self)
        {
            return
        }
        flush()
    }

    /// What an answer takes at most that waits for others, in bytes. With larger ones they would not stay in
    /// the processor's nearest cache until they are sent.
    private static let heldAnswerBytesMax = 1_024

    /// Keeps what had been read before the transport was told to pause.
    private func hold(_ bytes: UnsafeRawBufferPointer) {
        if partial == nil { partial = PartialInput(limits: host.limits.http) }
        partial?.keep(bytes)
        isHeld = true
        countHeld()
    }

    /// The peer sends no more. What it asked for before is still answered.
    public func receivedEnd() {
        peerEnded = true
        switch phase {
        case .head, .body, .webSocket, .webSocketClosing, .streaming, .lingering:
            if !isWaitingForRoom, !isHeld { transport.close() }
        case .replying, .ending, .closed:
            break
        }
    }

    /// The transport has handed over what was queued.
    public func drained() {
        guard phase != .closed else { return }
        host.counts.sentBytes &+= UInt64(pending?.bytes.count ?? 0)
        pending = nil
        isWaitingForRoom = false
        restartClock()
        resume()
        guard !isWaitingForRoom, isOpenEnded else { return }
        if let close = webSocket?.closeDue {
            closeWebSocket(close.code, reason: close.reason)
        } else {
            host.application.hasRoom(self)
        }
    }

    /// The transport is gone. Nothing is called after this.
    public func closed() {
        guard phase != .closed else { return }
        phase = .closed
        host.accessLog?.goOn(
            for: self, status: nil, part: UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
        host.heldBytes -= Int(countedBytes)
        countedBytes = 0
        host.remove(self)
        host.application.ended(self)
        pending = nil
        partial = nil
        webSocket = nil
        attachment = nil
    }

    /// Goes on, in the next turn, with an answer for which the application had the session wait.
    public func goOn() {
        guard phase == .replying, isDeferred else { return }
        isDeferred = false
        host.enqueue(self)
    }

    /// Goes on with an answer in parts and with held input.
    func resume() {
        guard !isWaitingForRoom, phase != .closed else { return }
        if phase == .replying, !isDeferred {
            let start = host.output.count
            host.answeredStatus = nil
            handle(host.application.continueReply(on: self, into: &host.output))
            if let log = host.accessLog { notePart(from: start, in: log) }
        }
        if isHeld, phase != .replying, let partial {
            isHeld = false
            var held = partial.takeAll()
            held.withUnsafeMutableBytes { process($0) }
        }
        flush()
    }

    private func process(_ input: UnsafeMutableBufferPointer<UInt8>) {
        host.served._withUnsafeGuaranteedRef { process(input, for: $0) }
    }

    private func process(_ input: UnsafeMutableBufferPointer<UInt8>, for application: Application) {
        var offset = 0
        var goesOn = true
        while goesOn {
            if host.ownOutputBytes >= host.limits.outputBytesMax, offset < input.count {
                isHeld = true
                break
            }
            switch phase {
            case .head:
                goesOn = offset < input.count && readHead(input, &offset, for: application)
            case .body:
                goesOn = readBody(input, &offset, for: application)
            case .replying:
                isHeld = offset < input.count
                goesOn = false
            case .webSocket, .webSocketClosing:
                goesOn = readFrames(input, &offset)
            case .streaming, .ending, .lingering, .closed:
                offset = input.count
                goesOn = false
            }
        }
        if offset < input.count {
            if partial == nil { partial = PartialInput(limits: host.limits.http) }
            partial?.keep(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(input)[offset...]))
        } else if let partial, partial.isEmpty {
            self.partial = nil
        }
    }

    func handle(_ reply: Reply) {
        switch reply {
        case .more, .later:
            phase = .replying
            isDeferred = reply == .later
            restartClock()
        case .done:
            phase = closesAfterReply ? .ending : .head
            restartClock()
        case .webSocket:
            phase = .webSocket
            webSocket = WebSocketReceiver(limits: host.limits.webSocket)
            restartClock()
        case .stream:
            phase = .streaming
            restartClock()
        }
    }

    // MARK: What goes out

    /// Hands an answer that has waited to the transport.
    func sendAnswer(_ bytes: UnsafeRawBufferPointer) {
        isAnswerWaiting = false
        send(bytes)
        if pending != nil { countHeld() }
    }

    /// Hands bytes to the transport in one write.
    @inline(__always)
    private func send(_ bytes: UnsafeRawBufferPointer) {
        let taken = transport.tryWrite(bytes, UnsafeRawBufferPointer(start: nil, count: 0))
        host.counts.sentBytes &+= UInt64(taken)
        if taken < bytes.count { queue(UnsafeRawBufferPointer(rebasing: bytes[taken...])) }
    }

    /// Hands what this session has in the host's output to the transport in one write.
    func flush() {
        guard phase != .closed else {
            host.resetOwnOutput()
            return
        }
        handOver()
        if countedBytes != 0 || partial != nil || pending != nil { countHeld() }
    }

    /// Keeps account of what is held, and sees to it that all sessions together hold no more than they may.
    private func countHeld() {
        let held = (partial?.heldBytes ?? 0) + (pending?.bytes.count ?? 0)
        let grown = held - Int(countedBytes)
        host.heldBytes += grown
        countedBytes = UInt32(held)
        guard grown > 0, host.heldBytes > host.limits.heldBytesMax else { return }
        host.counts.countHit(.heldBytes)
        if isWaitingForRoom || phase != .head && phase != .body || isHeld {
            // At once, and not only when the connection is gone: many may be dropped in one turn.
            partial = nil
            isHeld = false
            drop()
        } else {
            partial = nil
            isHeadTimed = false
            refuse(Problem(.serviceUnavailable, "Too many requests are waiting for their ends. Try again."))
            flush()
        }
    }

    private func handOver() {
        if host.ownOutputBytes > 0 {
            send(host.ownOutput)
            host.resetOwnOutput(keeping: host.limits.outputBytesKept)
        }
        if isWaitingForRoom { return }
        let hasMore = isHeld || phase == .replying
        if hasMore {
            transport.pauseReading()
            if phase != .replying || !isDeferred { host.enqueue(self) }
        } else if phase == .ending {
            phase = .lingering
            restartClock()
            transport.shutdown()
            if peerEnded { transport.close() } else { transport.resumeReading() }
        } else if peerEnded {
            transport.close()
        } else {
            transport.resumeReading()
        }
    }

    /// Keeps what the transport could not take. Nothing is read until it has: a peer that does not read its
    /// answers is asked nothing more.
    private func queue(
        _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0), isShort: Bool = false
    ) {
        guard phase != .closed else { return }
        precondition(!isWaitingForRoom, "two runs of output at a time")
        guard isShort || host.heldBytes + first.count + second.count <= host.limits.heldBytesMax else {
            host.counts.countHit(.heldBytes)
            drop()
            return
        }
        let pending = PendingOutput(first, second)
        self.pending = pending
        isWaitingForRoom = true
        restartClock()
        transport.pauseReading()
        transport.queue(pending.bytes)
    }

    /// Sends whole messages that many sessions share. Answers how many bytes were taken; the rest of a frame
    /// that was cut has to follow at once by ``sendRest(_:)``.
    public func send(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Int {
        guard isOpenEnded, !isWaitingForRoom else { return 0 }
        let taken = transport.tryWrite(first, second)
        host.counts.sentBytes &+= UInt64(taken)
        return taken
    }

    /// Queues the rest of what ``send(_:_:)`` could not hand over; ``Application/hasRoom(_:)`` follows.
    public func sendRest(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) {
        guard isOpenEnded, !isWaitingForRoom else { return }
        // A part of one frame: who falls behind in the feed is not punished for what others hold.
        queue(first, second, isShort: true)
    }

    /// Makes the answer that is being given the connection's last.
    public func closeAfterReply() {
        closesAfterReply = true
    }

    /// Ends a stream, behind what is being taken. To be called between turns, when the host's output is
    /// empty.
    public func endStream() {
        guard phase == .streaming else { return }
        phase = .ending
        guard !isWaitingForRoom else { return }
        restartClock()
        flush()
    }

    /// Ends the session.
    func close() {
        transport.close()
    }

    /// Ends the session at once, with an error for the peer.
    public func drop() {
        // A follower is told nothing more, whatever else the turn has for it.
        if isOpenEnded { phase = .lingering }
        transport.reset()
    }

    /// Whether the session has nothing under way: no request, no answer.
    var isIdle: Bool { phase == .head && partial == nil && !isWaitingForRoom }
}
