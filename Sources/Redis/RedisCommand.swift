/// A command with its arguments, which are bytes without a meaning of their own.
public struct RedisCommand: Equatable, Sendable {
    /// All arguments, one behind the other; the first is the command's name.
    public private(set) var bytes: [UInt8] = []
    /// Where each of them ends.
    public private(set) var ends: [Int] = []

    /// A command of that name, with arguments that are texts.
    public init(_ name: StaticString, _ arguments: String...) {
        bytes.reserveCapacity(192)
        ends.reserveCapacity(16)
        append("\(name)")
        for argument in arguments { append(argument) }
    }

    /// Appends an argument.
    public mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        ends.append(bytes.count)
    }

    /// Appends an argument.
    public mutating func append(_ argument: some Sequence<UInt8>) {
        bytes.append(contentsOf: argument)
        ends.append(bytes.count)
    }

    /// Appends a number as an argument.
    public mutating func append(_ number: Int64) { append(String(number)) }

    /// The arguments, one by one.
    public var arguments: [ArraySlice<UInt8>] {
        var start = 0
        return ends.map { end in
            defer { start = end }
            return bytes[start..<end]
        }
    }
}
