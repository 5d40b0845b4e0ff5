import Bytes

/// The parameters of a query, in their order (the URL standard, section 5.1): names and values decoded.
struct QueryParameters: Sequence {
    private var rest: ArraySlice<UInt8>

    /// The parameters of what follows the `?`.
    init(_ query: Span<UInt8>) {
        rest = query.withUnsafeBufferPointer { ArraySlice($0) }
    }

    func makeIterator() -> Iterator { Iterator(rest: rest) }

    struct Iterator: IteratorProtocol {
        fileprivate var rest: ArraySlice<UInt8>

        mutating func next() -> (name: String, value: String)? {
            while !rest.isEmpty {
                let end = rest.firstIndex(of: 0x26) ?? rest.endIndex
                let part = rest[..<end]
                rest = rest[end...].dropFirst()
                guard !part.isEmpty else { continue }
                let nameEnd = part.firstIndex(of: 0x3D) ?? part.endIndex
                return (
                    QueryParameters.decoded(part[..<nameEnd]),
                    QueryParameters.decoded(part[nameEnd...].dropFirst())
                )
            }
            return nil
        }
    }

    /// A plus is a blank; a percent sign that two hexadecimal digits do not follow stands for itself.
    private static func decoded(_ text: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var at = text.startIndex
        while at < text.endIndex {
            if text[at] == 0x25, at + 2 < text.endIndex, let high = ASCII.hexValue(text[at + 1]),
                let low = ASCII.hexValue(text[at + 2])
            {
                bytes.append(high << 4 | low)
                at += 3
            } else {
                bytes.append(text[at] == 0x2B ? ASCII.space : text[at])
                at += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
