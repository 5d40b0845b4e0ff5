import Sessions

/// A connection as its session sees it, without a socket: a test decides how much the kernel takes and when.
///
/// It is as strict as a socket is unforgiving: what breaks a promise of ``Sessions/Transport`` is noted in
/// ``violations``.
package final class Line: Transport {
    /// What the session did, in order.
    package enum Step: Equatable {
        case write(taken: Int)
        case queue(Int)
        case shutdown
        case close
        case reset
    }

    /// How many bytes the kernel takes in one try.
    package var bytesPerWrite = Int.max
    /// Whether what arrives is kept: lines that only count are for crowds.
    package var keepsBytes = true
    /// Whether what the session does is kept.
    package var keepsSteps = true
    /// Called with what the session hands over, taken or queued, as soon as it does.
    var whenHanded: (UnsafeRawBufferPointer) -> Void = { _ in }
    /// What has arrived at the client.
    package private(set) var arrived: [UInt8] = []
    /// How many bytes have arrived at the client.
    package private(set) var arrivedCount = 0
    /// What the session did.
    package private(set) var steps: [Step] = []
    /// What a socket could not have put up with.
    package private(set) var violations: [String] = []
    /// Whether what the client sends is delivered.
    package private(set) var isReading = true
    /// Whether the session said that it sends no more.
    package private(set) var isShutDown = false
    /// Whether the session has ended the connection, gently or not.
    package private(set) var isClosing = false
    /// Whether the session has ended the connection with an error.
    package private(set) var isReset = false
    /// Whether bytes waited for the kernel when the connection was ended.
    package private(set) var wasBlocked = false
    /// Whether the session has been told that the connection is gone.
    package private(set) var isClosed = false
    /// Called when the session ends the connection.
    var whenClosing: () -> Void = {}
    /// The session at this end.
    package var session: Session?

    private var queued: UnsafeRawBufferPointer?
    private var queuedCopy: [UInt8] = []
    private var queuedTaken = 0

    package init() {}

    /// Whether bytes wait for the kernel to take them.
    package var isBlocked: Bool { queued != nil }

    package var queuedBytes: Int { queuedCopy.count - queuedTaken }

    /// The tries to write, as how many bytes each handed over.
    package var writes: [Int] {
        steps.compactMap { if case .write(let taken) = $0 { taken } else { nil } }
    }

    /// Forgets what the session did up to here.
    package func forgetSteps() { steps = [] }

    // MARK: What the session does

    package func tryWrite(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Int {
        guard !isClosing else { return 0 }
        if isShutDown { violations.append("a write after the shutdown") }
        if queued != nil { violations.append("a write past what is queued") }
        let taken = min(first.count + second.count, bytesPerWrite)
        for part in [first.prefix(taken), second.prefix(max(0, taken - first.count))] where !part.isEmpty {
            let bytes = UnsafeRawBufferPointer(rebasing: part)
            whenHanded(bytes)
            arrive(bytes)
        }
        note(.write(taken: taken))
        return taken
    }

    package func queue(_ bytes: UnsafeRawBufferPointer) {
        whenHanded(bytes)
        guard !isClosing else { return }
        if isShutDown { violations.append("a write after the shutdown") }
        if queued != nil { violations.append("two runs of output at a time") }
        if bytes.isEmpty { violations.append("nothing to queue") }
        queued = bytes
        queuedCopy = Array(bytes)
        queuedTaken = 0
        note(.queue(bytes.count))
    }

    package func pauseReading() { isReading = false }

    package func resumeReading() {
        if !isClosing { isReading = true }
    }

    package func shutdown() {
        guard !isClosing else { return }
        if isShutDown { violations.append("a second shutdown") }
        isShutDown = true
        note(.shutdown)
    }

    package func close() {
        guard !isClosing else { return }
        isClosing = true
        wasBlocked = isBlocked
        isReading = false
        note(.close)
        whenClosing()
    }

    package func reset() {
        guard !isClosing else { return }
        isClosing = true
        wasBlocked = isBlocked
        isReset = true
        isReading = false
        note(.reset)
        whenClosing()
    }

    // MARK: What the kernel does

    /// Has the kernel take so many of the waiting bytes; tells the session when it has taken all.
    package func take(_ count: Int = .max) {
        guard let queued, !isClosing else { return }
        let end = queuedTaken + min(count, queuedCopy.count - queuedTaken)
        let taken = UnsafeRawBufferPointer(rebasing: queued[queuedTaken..<end])
        if !taken.elementsEqual(queuedCopy[queuedTaken..<end]) {
            violations.append("bytes changed while they were queued")
        }
        arrive(taken)
        queuedTaken = end
        guard end == queuedCopy.count else { return }
        self.queued = nil
        queuedCopy = []
        queuedTaken = 0
        session?.drained()
    }

    /// Lets go of the connection, as the loop does some time after it was ended.
    package func finishClosing() {
        guard isClosing, !isClosed else { return }
        isClosed = true
        queued = nil
        session?.closed()
        session = nil
    }

    private func note(_ step: Step) {
        if keepsSteps { steps.append(step) }
    }

    private func arrive(_ bytes: UnsafeRawBufferPointer) {
        arrivedCount += bytes.count
        if keepsBytes { arrived += bytes }
    }
}
