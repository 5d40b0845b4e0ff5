import Redis

/// Reads the Redis serialization protocol, version 2, however its bytes are cut.
struct WireReader {
    private var bytes: [UInt8] = []
    private var start = 0

    /// Takes in what has arrived.
    mutating func take(_ more: some Sequence<UInt8>) {
        if start > 4_096 || start == bytes.count {
            bytes.removeFirst(start)
            start = 0
        }
        bytes += more
    }

    /// The next value that is whole, or nil.
    mutating func next() throws(RedisProtocolError) -> RedisValue? {
        var at = start
        guard let value = try value(&at) else { return nil }
        start = at
        return value
    }

    private func value(_ at: inout Int) throws(RedisProtocolError) -> RedisValue? {
        guard at < bytes.count else { return nil }
        let kind = bytes[at]
        guard let line = line(from: at + 1) else { return nil }
        at = line.endIndex + 2
        switch kind {
        case UInt8(ascii: "+"): return .text(Array(line))
        case UInt8(ascii: "-"): return .error(String(decoding: line, as: UTF8.self))
        case UInt8(ascii: ":"): return .integer(Int64(try number(line)))
        case UInt8(ascii: "$"): return try text(of: try number(line), &at)
        case UInt8(ascii: "*"): return try list(of: try number(line), &at)
        default: throw RedisProtocolError(reason: "a value of the kind \(kind)")
        }
    }

    private func text(of count: Int, _ at: inout Int) throws(RedisProtocolError) -> RedisValue? {
        guard count >= 0 else { return .null }
        guard bytes.count - at >= count + 2 else { return nil }
        defer { at += count + 2 }
        guard bytes[at + count] == 0x0D, bytes[at + count + 1] == 0x0A else {
            throw RedisProtocolError(reason: "a text that does not end")
        }
        return .text(Array(bytes[at..<at + count]))
    }

    private func list(of count: Int, _ at: inout Int) throws(RedisProtocolError) -> RedisValue? {
        guard count >= 0 else { return .null }
        var values: [RedisValue] = []
        for _ in 0..<count {
            guard let value = try value(&at) else { return nil }
            values.append(value)
        }
        return .list(values)
    }

    private func line(from start: Int) -> ArraySlice<UInt8>? {
        guard let end = bytes[start...].firstIndex(of: 0x0D), end + 1 < bytes.count else { return nil }
        return bytes[start..<end]
    }

    private func number(_ line: ArraySlice<UInt8>) throws(RedisProtocolError) -> Int {
        guard let number = Int(String(decoding: line, as: UTF8.self)) else {
            throw RedisProtocolError(reason: "no number")
        }
        return number
    }
}
