/// An order as lists and answers show it, from how Redis keeps it.
struct SharedRow {
    let status: String
    let text: String
    /// The order as JSON.
    let json: String

    /// An order `P10 AAPL` as it is, or as it was when it was placed.
    init(_ id: Int64, _ stored: [UInt8], asPlaced: Bool = false) {
        status = asPlaced ? "PENDING" : Self.name(of: stored[0])
        let parts = stored.dropFirst().split(separator: 0x20, maxSplits: 1)
        text = String(decoding: parts[1], as: UTF8.self)
        let quantity = String(decoding: parts[0], as: UTF8.self)
        json =
            "{\"orderId\": \(id), \"orderStatus\": \"\(status)\", \"stocks\": \"\(text)\", "
            + "\"quantity\": \(quantity)}"
    }

    /// The state that a letter stands for.
    static func name(of letter: UInt8) -> String {
        switch letter {
        case UInt8(ascii: "P"): "PENDING"
        case UInt8(ascii: "E"): "EXECUTED"
        default: "CANCELLED"
        }
    }

    /// The number behind a member's name in a JSON text.
    static func number(of name: String, in text: some StringProtocol) -> Int64? {
        guard let name = text.firstRange(of: "\"\(name)\": ") else { return nil }
        return Int64(text[name.upperBound...].prefix { $0.isNumber })
    }

    /// The rows of a list; nil where it is none.
    static func rows(_ list: String) -> [String]? {
        guard list.hasPrefix("["), list.hasSuffix("]") else { return nil }
        let inner = Array(list.utf8.dropFirst().dropLast())
        var rows: [String] = []
        var start = 0
        for index in inner.indices where inner[index] == UInt8(ascii: "}") {
            rows.append(String(decoding: inner[start...index], as: UTF8.self))
            let isLast = index == inner.count - 1
            guard isLast || inner[index...].starts(with: "}, {".utf8) else { return nil }
            start = index + 3
        }
        return inner.isEmpty || start == inner.count + 2 ? rows : nil
    }
}
