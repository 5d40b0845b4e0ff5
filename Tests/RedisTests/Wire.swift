import Bytes
import Orders
@testable import Redis

/// A link's other end in a test, which decides what is answered: commands are seen as they are asked, and
/// answers are told as values.
final class Wire: RedisConnector, RedisTransport {
    /// A codec that keeps commands as commands: each is one byte on the wire.
    final class Codec: RedisCodec {
        unowned let wire: Wire

        init(_ wire: Wire) { self.wire = wire }

        func append(_ command: RedisCommand, to output: inout ByteWriter) {
            wire.appended.append(command)
            output.append(0x2A)
        }

        func take(_ bytes: UnsafeRawBufferPointer) {}

        func next() throws(RedisProtocolError) -> RedisValue? {
            if let reason = wire.fault { throw RedisProtocolError(reason: reason) }
            return wire.answers.isEmpty ? nil : wire.answers.removeFirst()
        }
    }

    var attempts: [RedisLink] = []
    var givenUp = 0
    var closed = 0
    /// Commands that were appended and not sent yet, and those that were sent.
    var appended: [RedisCommand] = []
    var sent: [RedisCommand] = []
    var answers: [RedisValue] = []
    var fault: String?

    func connect(_ link: RedisLink) { attempts.append(link) }
    func giveUp(_ link: RedisLink) { givenUp += 1 }

    func send(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == appended.count)
        sent += appended
        appended = []
    }

    func close() { closed += 1 }

    /// The names of the commands that were sent.
    var names: [String] { sent.map { String(decoding: $0.arguments[0], as: UTF8.self) } }

    /// Answers the commands that were sent.
    func answer(_ link: RedisLink, _ values: RedisValue..., at now: UInt64 = 0) {
        answers = values
        link.received(UnsafeRawBufferPointer(start: nil, count: 0), atNanoseconds: now)
    }

    /// A link by this wire.
    func link(_ text: String = "redis://", limits: RedisLimits = RedisLimits()) throws -> RedisLink {
        RedisLink(to: try RedisAddress(text), by: self, limits: limits, seed: 1) { Codec(self) }
    }

    /// Has a link connect and be let in.
    func letIn(_ link: RedisLink, at now: UInt64 = 0) {
        link.connected(self)
        link.flush()
        answer(link, .integer(1), at: now)
        sent = []
    }
}
