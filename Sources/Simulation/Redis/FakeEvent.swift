/// An entry of the feed's stream.
struct FakeEvent: Equatable {
    /// Its number in the stream.
    let sequence: Int64
    let orderID: Int64
    /// `P`, `E` or `C`.
    let letter: UInt8
    let microseconds: Int64
    /// When the order is due, where it is placed.
    let dueMilliseconds: Int64?

    /// The entry's fields with their values.
    var fields: [String] {
        var fields = [
            "o", "\(orderID)", "s", String(UnicodeScalar(letter)), "t", "\(microseconds)",
        ]
        if let dueMilliseconds { fields += ["d", "\(dueMilliseconds)"] }
        return fields
    }
}
