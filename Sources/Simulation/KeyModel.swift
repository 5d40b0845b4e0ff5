/// Which order was placed under which key, kept in the plainest way.
struct KeyModel {
    private struct Entry {
        let key: String
        let id: Int
        let expiresNanoseconds: UInt64
    }

    private let countMax: Int
    private var entries: [Entry] = []

    init(countMax: Int) { self.countMax = countMax }

    /// When the oldest key is forgotten.
    var firstExpiryNanoseconds: UInt64? { entries.first?.expiresNanoseconds }

    /// The order that was placed under a key in the last ten minutes.
    mutating func orderID(_ key: String, _ now: UInt64) -> Int? {
        entries.removeAll { $0.expiresNanoseconds <= now }
        return entries.first { $0.key == key }?.id
    }

    mutating func remember(_ key: String, id: Int, _ now: UInt64) {
        if entries.count == countMax { entries.removeFirst() }
        entries.append(Entry(key: key, id: id, expiresNanoseconds: now + 600_000_000_000))
    }
}
