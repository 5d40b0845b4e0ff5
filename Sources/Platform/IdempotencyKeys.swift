import Bytes

/// Which order was placed under which key (draft-ietf-httpapi-idempotency-key-header), for a while: a request
/// that is sent again, as nobody knows whether the first one arrived, places no second order.
struct IdempotencyKeys {
    /// The longest key, in bytes.
    static let keyBytesMax = 255
    /// For how long a key is remembered, in milliseconds.
    static let expiryMilliseconds: UInt64 = 600_000
    /// How many keys are remembered; the oldest go first. At about 60 bytes each.
    static let countMax = 262_144

    /// The first 128 bits of a key's SHA-1: two keys that share them are not met by chance.
    private struct Digest: Hashable {
        let high: UInt64
        let low: UInt64

        init(_ key: Span<UInt8>) {
            let digest = SHA1.digest(key)
            func word(_ start: Int) -> UInt64 {
                (start..<start + 8).reduce(0) { $0 << 8 | UInt64(digest[$1]) }
            }
            high = word(0)
            low = word(8)
        }
    }

    private struct Entry {
        let digest: Digest
        let expiresNanoseconds: UInt64
    }

    private let countMax: Int
    private var orderIDs: [Digest: Int64] = [:]
    /// The keys in the order in which they came, in a ring.
    private var entries: [Entry] = []
    private var oldest = 0

    init(countMax: Int) { self.countMax = countMax }

    /// How many keys are remembered.
    var count: Int { orderIDs.count }

    /// The order that was placed under a key, if that is remembered.
    mutating func orderID(for key: Span<UInt8>, at nanoseconds: UInt64) -> Int64? {
        guard !orderIDs.isEmpty else { return nil }
        dropExpired(at: nanoseconds)
        return orderIDs[Digest(key)]
    }

    /// Remembers a key that is not known.
    mutating func remember(_ key: Span<UInt8>, orderID: Int64, at nanoseconds: UInt64) {
        if entries.isEmpty {
            // At once, as to grow a table of so many would hold up everybody.
            orderIDs.reserveCapacity(countMax)
            entries.reserveCapacity(countMax)
        }
        if orderIDs.count == countMax { dropOldest() }
        let digest = Digest(key)
        let entry = Entry(
            digest: digest, expiresNanoseconds: nanoseconds + Self.expiryMilliseconds * 1_000_000)
        orderIDs[digest] = orderID
        if entries.count < countMax {
            entries.append(entry)
        } else {
            entries[(oldest + orderIDs.count - 1) % countMax] = entry
        }
    }

    /// A few at a time: no request is to pay for all that has expired.
    private mutating func dropExpired(at nanoseconds: UInt64) {
        var left = 64
        while left > 0, !orderIDs.isEmpty, entries[oldest].expiresNanoseconds <= nanoseconds {
            left -= 1
            dropOldest()
        }
    }

    private mutating func dropOldest() {
        orderIDs[entries[oldest].digest] = nil
        oldest = (oldest + 1) % countMax
    }
}
