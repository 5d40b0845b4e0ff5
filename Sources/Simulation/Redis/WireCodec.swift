import Bytes
import Redis

/// The Redis serialization protocol, version 2, for a link of a simulated day.
final class WireCodec: RedisCodec {
    private var reader = WireReader()

    func append(_ command: RedisCommand, to output: inout ByteWriter) {
        let value = RedisValue.list(command.arguments.map { .text(Array($0)) })
        var bytes: [UInt8] = []
        Self.append(value, to: &bytes)
        bytes.withUnsafeBytes { output.append($0) }
    }

    func take(_ bytes: UnsafeRawBufferPointer) { reader.take(bytes) }

    func next() throws(RedisProtocolError) -> RedisValue? { try reader.next() }

    /// Appends a value as a server writes it.
    static func append(_ value: RedisValue, to bytes: inout [UInt8]) {
        switch value {
        case .null:
            bytes += "$-1\r\n".utf8
        case .integer(let number):
            bytes += ":\(number)\r\n".utf8
        case .text(let text):
            bytes += "$\(text.count)\r\n".utf8
            bytes += text
            bytes += "\r\n".utf8
        case .list(let values):
            bytes += "*\(values.count)\r\n".utf8
            for value in values { append(value, to: &bytes) }
        case .error(let words):
            bytes += "-\(words)\r\n".utf8
        }
    }
}
