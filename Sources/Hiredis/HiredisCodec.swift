#if Redis
    import Bytes
    import CHiredis
    import Redis

    /// The codec of hiredis: its reader and its formatter, and nothing else of it.
    public final class HiredisCodec: RedisCodec {
        private let reader: UnsafeMutablePointer<redisReader>

        /// A codec for one connection.
        public init() {
            guard let reader = redisReaderCreate() else { preconditionFailure("out of memory") }
            self.reader = reader
        }

        deinit { redisReaderFree(reader) }

        /// Appends a command.
        public func append(_ command: RedisCommand, to output: inout ByteWriter) {
            var target: UnsafeMutablePointer<CChar>?
            let count = command.bytes.withUnsafeBytes { bytes in
                withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: command.ends.count) {
                    starts in
                    withUnsafeTemporaryAllocation(of: Int.self, capacity: command.ends.count) { counts in
                        var start = 0
                        for (index, end) in command.ends.enumerated() {
                            starts[index] = bytes.baseAddress.map { base in
                                (base + start).assumingMemoryBound(to: CChar.self)
                            }
                            counts[index] = end - start
                            start = end
                        }
                        return redisFormatCommandArgv(
                            &target, Int32(command.ends.count), starts.baseAddress, counts.baseAddress)
                    }
                }
            }
            guard let target, count >= 0 else { preconditionFailure("out of memory") }
            output.append(UnsafeRawBufferPointer(start: target, count: Int(count)))
            redisFreeCommand(target)
        }

        /// Takes in what has arrived.
        public func take(_ bytes: UnsafeRawBufferPointer) {
            // An error is told by the next value as well.
            redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }

        /// The next value that is whole, or nil.
        public func next() throws(RedisProtocolError) -> RedisValue? {
            var reply: UnsafeMutableRawPointer?
            guard redisReaderGetReply(reader, &reply) == REDIS_OK else {
                let reason = withUnsafeBytes(of: &reader.pointee.errstr) { text in
                    String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
                }
                throw RedisProtocolError(reason: reason)
            }
            guard let reply else { return nil }
            defer { freeReplyObject(reply) }
            return Self.value(reply.assumingMemoryBound(to: redisReply.self).pointee)
        }

        private static func value(_ reply: redisReply) -> RedisValue {
            let text = UnsafeRawBufferPointer(start: reply.str, count: reply.str == nil ? 0 : reply.len)
            switch reply.type {
            case REDIS_REPLY_INTEGER: return .integer(reply.integer)
            case REDIS_REPLY_STRING, REDIS_REPLY_STATUS: return .text(Array(text))
            case REDIS_REPLY_ERROR: return .error(String(decoding: text, as: UTF8.self))
            case REDIS_REPLY_ARRAY:
                return .list(
                    UnsafeBufferPointer(start: reply.element, count: reply.elements).map { element in
                        element.map { value($0.pointee) } ?? .null
                    })
            default: return .null
            }
        }
    }
#endif
