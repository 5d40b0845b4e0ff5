import Bytes
import HTTP1
import Sessions

/// What the head of `POST /orders` says of the order: when it is to be executed, and under which key the
/// request may come again.
struct PlacementFields {
    /// The longest delay that a request may ask for, ten minutes.
    static let delayMillisecondsMax: UInt32 = 600_000

    /// The delay that is asked for; nil where none is.
    private(set) var delayMilliseconds: UInt32?
    /// Where in the head the key stands; nil where there is none.
    private(set) var key: Range<Int>?
    /// What is wrong with them, or nil.
    private(set) var problem: Problem?

    /// Whether a request has any of them.
    @inline(__always)
    static func areIn(_ requestHead: RequestHead) -> Bool {
        !requestHead.flags.isDisjoint(with: [.idempotencyKey, .executionDelay])
    }

    init(_ requestHead: RequestHead, _ head: Span<UInt8>) {
        if requestHead.flags.contains(.executionDelay) {
            takeDelay(head.extracting(requestHead.executionDelay.range))
        }
        if problem == nil, requestHead.flags.contains(.idempotencyKey) {
            let range = requestHead.idempotencyKey.range
            key = range
            checkKey(head.extracting(range))
        }
    }

    private mutating func takeDelay(_ bytes: Span<UInt8>) {
        let text = bytes.withUnsafeBufferPointer { String(decoding: $0.prefix(128), as: UTF8.self) }
        delayMilliseconds = Int64(digits: text).flatMap { UInt32(exactly: $0) }
        if let delayMilliseconds, delayMilliseconds <= Self.delayMillisecondsMax { return }
        refuse("Execution-Delay-Ms", "must be from 0 to \(Self.delayMillisecondsMax), not '\(text)'")
    }

    private mutating func checkKey(_ key: Span<UInt8>) {
        let isVisible = key.withUnsafeBufferPointer { $0.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
        guard key.count < 1 || key.count > IdempotencyKeys.keyBytesMax || !isVisible else { return }
        refuse(
            "Idempotency-Key",
            "must be from 1 to \(IdempotencyKeys.keyBytesMax) visible ASCII characters"
                + (isVisible ? ", not \(key.count)" : ""))
    }

    private mutating func refuse(_ field: String, _ message: String) {
        problem = Problem(
            .badRequest, "\(field) \(message).", errors: [.init(field: field, message: message)])
    }
}
