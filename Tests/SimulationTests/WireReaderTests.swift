import Bytes
import Redis
import Testing
@testable import Simulation

/// The language of Redis, as simulated days speak it.
@Suite struct WireReaderTests {
    private static let values: [RedisValue] = [
        .null, .integer(-7), .text([]), .text(Array("a\r\nb".utf8)), .error("OOM no memory"),
        .list([.integer(1), .list([.null, .text([0, 255])]), .list([])]),
    ]

    @Test(arguments: [1, 2, 3, 7, 1_000])
    func whatIsWrittenIsReadHoweverItIsCut(pieceBytes: Int) throws {
        var bytes: [UInt8] = []
        for value in Self.values { WireCodec.append(value, to: &bytes) }
        var reader = WireReader()
        var read: [RedisValue] = []
        var start = 0
        while start < bytes.count {
            reader.take(bytes[start..<min(bytes.count, start + pieceBytes)])
            start += pieceBytes
            while let value = try reader.next() { read.append(value) }
        }
        #expect(read == Self.values)
    }

    @Test func aCommandIsAListOfItsArguments() throws {
        var output = ByteWriter()
        WireCodec().append(RedisCommand("HGET", "key", "1"), to: &output)
        var reader = WireReader()
        reader.take(output.unsafeBytes)
        let words = ["HGET", "key", "1"].map { RedisValue.text(Array($0.utf8)) }
        #expect(try reader.next() == .list(words))
    }

    @Test func whatIsNotOfTheLanguageIsRefused() {
        var reader = WireReader()
        reader.take("HTTP/1.1 400\r\n".utf8)
        #expect(throws: RedisProtocolError.self) { try reader.next() }
    }
}
