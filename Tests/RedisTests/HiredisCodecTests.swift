#if Redis
    import Bytes
    import Hiredis
    import Redis
    import Testing

    /// The language of Redis, by hiredis.
    @Suite struct HiredisCodecTests {
        private func take(_ text: String, _ codec: HiredisCodec) {
            Array(text.utf8).withUnsafeBytes { codec.take($0) }
        }

        @Test func commandsAreArraysOfTexts() {
            let codec = HiredisCodec()
            var output = ByteWriter()
            var command = RedisCommand("SET", "a\r\nb")
            command.append([0, 255] as [UInt8])
            command.append(-17)
            command.append("")
            codec.append(command, to: &output)
            let wanted = Array("*5\r\n$3\r\nSET\r\n$4\r\na\r\nb\r\n$2\r\n".utf8) + [0, 255]
            #expect(Array(output.unsafeBytes) == wanted + Array("\r\n$3\r\n-17\r\n$0\r\n\r\n".utf8))
        }

        @Test func valuesAreReadHoweverTheyAreCut() throws {
            let text =
                "+OK\r\n-ERR no\r\n:-7\r\n$-1\r\n$4\r\na\r\nb\r\n*3\r\n:1\r\n*1\r\n$1\r\nx\r\n*-1\r\n*0\r\n"
            let values: [RedisValue] = [
                .text(Array("OK".utf8)), .error("ERR no"), .integer(-7), .null, .text(Array("a\r\nb".utf8)),
                .list([.integer(1), .list([.text(Array("x".utf8))]), .null]), .list([]),
            ]
            for size in 1...text.utf8.count {
                let codec = HiredisCodec()
                var read: [RedisValue] = []
                var rest = Array(text.utf8)[...]
                while !rest.isEmpty {
                    take(String(decoding: rest.prefix(size), as: UTF8.self), codec)
                    rest = rest.dropFirst(size)
                    while let value = try codec.next() { read.append(value) }
                }
                #expect(read == values, "in pieces of \(size)")
            }
        }

        @Test func whatIsNotTheProtocolIsAnError() {
            let codec = HiredisCodec()
            take("HTTP/1.1 400 Bad Request\r\n", codec)
            #expect {
                try codec.next()
            } throws: { error in
                (error as? RedisProtocolError)?.reason.contains("Protocol error") ?? false
            }
        }
    }
#endif
