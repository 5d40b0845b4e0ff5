import Testing
import WebSocket

/// What a connection amounts to once the parts of each message are put together.
enum Received: Equatable {
    case message(Opcode, [UInt8])
    case ping([UInt8])
    case pong([UInt8])
    case close(UInt16?, [UInt8])
    case failed(UInt16)

    static func text(_ text: String) -> Received { .message(.text, Array(text.utf8)) }
}

/// Feeds a `WebSocketState` as a session does, and holds it to its promises about offsets and kept bytes.
struct Receiver {
    static let limits = WebSocketLimits(messageBytesMax: 100_000, fragmentsMax: 100)

    private var state: WebSocketState
    private var kept: [UInt8] = []
    private var isOver = false
    private(set) var received: [Received] = []
    /// The message that has begun and not ended.
    private(set) var kind: Opcode?
    private(set) var partial: [UInt8] = []
    /// Why the connection was failed.
    private(set) var reason: String?

    init(limits: WebSocketLimits = Receiver.limits) { state = WebSocketState(limits: limits) }

    mutating func receive(_ piece: [UInt8]) {
        let count = kept.count + piece.count
        // Of exactly that size, so that an address sanitizer sees a step over either end.
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: count)
        defer { bytes.deallocate() }
        _ = bytes.initialize(from: kept + piece)
        var offset = 0
        var steps = 0
        while true {
            let before = offset
            let step = state.next(bytes, &offset)
            steps += 1
            guard offset >= before, offset <= count, steps <= count + 1 else {
                Issue.record("offset \(before) to \(offset) of \(count) after \(steps) steps")
                return
            }
            guard take(step, UnsafeMutableBufferPointer(rebasing: bytes[..<offset])) else { break }
        }
        kept = Array(bytes[offset...])
        if isOver { kept = [] }
        if kept.count > WebSocketState.keptBytesMax { Issue.record("\(kept.count) bytes are kept") }
    }

    /// Notes a step; false when the bytes are used up.
    private mutating func take(_ step: WebSocketState.Step, _ bytes: UnsafeMutableBufferPointer<UInt8>)
        -> Bool
    {
        if isOver {
            guard case .incomplete = step else {
                Issue.record("\(step) after the end")
                return false
            }
        }
        switch step {
        case .incomplete: return false
        case .data(let opcode, let payload, let endOfMessage):
            if kind != nil, kind != opcode { Issue.record("\(opcode) within \(String(describing: kind))") }
            if payload.isEmpty && !endOfMessage { Issue.record("an empty part that ends nothing") }
            kind = opcode
            partial += bytes[payload]
            if endOfMessage {
                received.append(.message(opcode, partial))
                kind = nil
                partial = []
            }
        case .ping(let payload): received.append(.ping(Array(bytes[payload])))
        case .pong(let payload): received.append(.pong(Array(bytes[payload])))
        case .close(let code, let reason):
            received.append(.close(code?.rawValue, Array(bytes[reason])))
            isOver = true
        case .failed(let code, let reason):
            received.append(.failed(code.rawValue))
            self.reason = "\(reason)"
            isOver = true
        }
        return true
    }

    /// Feeds a stream whole, cut in two at every byte, and byte by byte; all have to amount to the same. Long
    /// streams are cut near their ends only.
    static func everyWay(
        _ stream: [UInt8], limits: WebSocketLimits = Receiver.limits,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> [Received] {
        var whole = Receiver(limits: limits)
        whole.receive(stream)
        func compare(_ other: Receiver, _ how: @autoclosure () -> String) {
            guard other.received != whole.received || other.reason != whole.reason else { return }
            Issue.record(
                "\(how()): \(other.received) \(other.reason ?? ""); whole: \(whole.received)",
                sourceLocation: sourceLocation)
        }
        for cut in 0...stream.count where stream.count <= 700 || cut < 40 || cut > stream.count - 40 {
            var halves = Receiver(limits: limits)
            halves.receive(Array(stream[..<cut]))
            halves.receive(Array(stream[cut...]))
            compare(halves, "cut at \(cut)")
        }
        var single = Receiver(limits: limits)
        for byte in stream { single.receive([byte]) }
        compare(single, "byte by byte")
        return whole.received
    }

    /// How many bytes of a stream were fed, one at a time, when the connection was failed; nil if it was not.
    static func bytesUntilFailure(_ stream: [UInt8], limits: WebSocketLimits = Receiver.limits) -> Int? {
        var receiver = Receiver(limits: limits)
        for (index, byte) in stream.enumerated() {
            receiver.receive([byte])
            if case .failed? = receiver.received.last { return index + 1 }
        }
        return nil
    }
}
