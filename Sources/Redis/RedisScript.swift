import Orders

/// A change of the market, which Redis does as one step: nobody sees half of it, and two of them never mix.
///
/// Each is told which market it is for, and does nothing in another: an instance must not go on in a market
/// that was emptied as if it were the one that it knows. Times are those of Redis' own clock.
///
/// Where memory is short, Redis refuses a script at the first of its writes that takes some: so placing is
/// refused whole, and what ends orders begins with a write that takes none, and is done.
public struct RedisScript: Sendable {
    /// What it is, for people.
    public let name: String
    /// The Lua program.
    public let source: String
    /// By what Redis calls it.
    public let digest: String

    init(_ name: String, _ source: String) {
        self.name = name
        self.source = source
        digest = String(decoding: RedisKeys.digest(of: Array(source.utf8)), as: UTF8.self)
    }

    /// What a script answers in another market than its own.
    static let otherMarket = Array("OTHER".utf8)

    /// Events that the stream holds at least, as many as an instance does.
    static let eventsMax = 131_072

    /// KEYS: market, due, feed, orders. What is common to all: the functions that change one order.
    private static let common = """
        local market, due, feed, orders = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
        local time = redis.call('TIME')
        local microseconds = string.format('%d%06d', time[1], time[2])
        local milliseconds = time[1] * 1000 + math.floor(time[2] / 1000)
        local function block(id)
            return orders .. string.format('%d', math.floor((id - 1) / \(MarketBlock.ordersMax)))
        end
        local function number(count)
            return redis.call('HINCRBY', market, 'sequence', count)
        end
        local function announce(sequence, id, state, ...)
            redis.call('XADD', feed, 'MAXLEN', '~', \(eventsMax), string.format('%d-0', sequence),
                'o', id, 's', state, 't', microseconds, ...)
        end
        local state = redis.call('HMGET', market, 'era', 'orders', 'sequence')
        local isOther = state[1] ~= ARGV[1]

        """

    /// Opens the market: makes it, with its three examples, where there is none. ARGV: the name of a new
    /// market. Answers its name, the number of the last event, when the next order is due (-1: none), and the
    /// time in microseconds.
    public static let open = RedisScript(
        "open",
        common + """
            if not state[1] then
                redis.call('DEL', due, feed)
                redis.call('HSET', market, 'era', ARGV[1], 'orders', 3, 'executed', 1, 'cancelled', 1,
                    'sequence', 0)
                state = { ARGV[1], 3, '0' }
                redis.call('DEL', block(1))
                redis.call('HSET', block(1), 1, 'P10 AAPL', 2, 'E5 MSFT', 3, 'C20 GOOG')
            end
            local first = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
            return { state[1], state[3], first[2] or '-1', microseconds }
            """)

    /// Places orders, all of an instance's turn at once: that takes Redis a half to a third of the time.
    /// ARGV: the market, how long a key is kept in seconds, and for each order its delay in milliseconds, the
    /// most orders that there may be, and quantity and text with a space between. KEYS has a key fifth where
    /// there is one, for one order. Answers the id of the first, the time in microseconds, and for each when
    /// it is due, or -1 where there was no room; or `KNOWN`, the id and the order of the key.
    public static let place = RedisScript(
        "place",
        common + """
            if isOther then return 'OTHER' end
            if KEYS[5] then
                local known = redis.call('GET', KEYS[5])
                if known then return { 'KNOWN', known, redis.call('HGET', block(tonumber(known)), known) } end
            end
            if time[2] % 1000 > 0 then milliseconds = milliseconds + 1 end
            local last, sequence = tonumber(state[2]), tonumber(state[3])
            local first, hash, fields, scores, answer = last + 1, block(last + 1), {}, {}, {}
            for index = 3, #ARGV, 3 do
                if last >= tonumber(ARGV[index + 1]) then
                    answer[#answer + 1] = -1
                else
                    last = last + 1
                    sequence = sequence + 1
                    local id = string.format('%d', last)
                    local moment = milliseconds + tonumber(ARGV[index])
                    announce(sequence, id, 'P', 'd', moment)
                    if block(last) ~= hash then
                        if #fields > 0 then redis.call('HSET', hash, unpack(fields)) end
                        hash, fields = block(last), {}
                    end
                    fields[#fields + 1] = id
                    fields[#fields + 1] = 'P' .. ARGV[index + 2]
                    scores[#scores + 1] = moment
                    scores[#scores + 1] = string.format('%010d', last)
                    answer[#answer + 1] = moment
                end
            end
            if #scores > 0 then
                redis.call('HSET', hash, unpack(fields))
                redis.call('ZADD', due, unpack(scores))
                redis.call('HSET', market, 'orders', last, 'sequence', sequence)
                if KEYS[5] then redis.call('SET', KEYS[5], first, 'EX', ARGV[2]) end
            end
            return { first, microseconds, answer }
            """)

    /// Cancels an order. ARGV: the market, the id. Answers what it did or found: `C` cancelled, `c` cancelled
    /// before, `E` executed, `?` unknown.
    public static let cancel = RedisScript(
        "cancel",
        common + """
            if isOther then return 'OTHER' end
            local id = ARGV[2]
            local order = redis.call('HGET', block(tonumber(id)), id)
            if not order then return '?' end
            local letter = string.sub(order, 1, 1)
            if letter == 'C' then return 'c' end
            if letter == 'E' then return 'E' end
            redis.call('ZREM', due, string.format('%010d', id))
            redis.call('HSET', block(tonumber(id)), id, 'C' .. string.sub(order, 2))
            redis.call('HINCRBY', market, 'cancelled', 1)
            announce(number(1), id, 'C')
            return 'C'
            """)

    /// Executes what is due, in order of (due time, id). ARGV: the market, the most orders of one call.
    /// Answers when the next one is due (-1: none), the time in microseconds, and how late each was, in
    /// milliseconds.
    public static let execute = RedisScript(
        "execute",
        common + """
            if isOther then return 'OTHER' end
            local found = redis.call('ZRANGEBYSCORE', due, '-inf', milliseconds, 'WITHSCORES',
                'LIMIT', 0, ARGV[2])
            local ids, rests, lateness = {}, {}, {}
            for index = 1, #found, 2 do
                local id = string.format('%d', found[index])
                local order = redis.call('HGET', block(tonumber(id)), id)
                if order and string.sub(order, 1, 1) == 'P' then
                    ids[#ids + 1] = id
                    rests[#rests + 1] = string.sub(order, 2)
                    lateness[#lateness + 1] = milliseconds - found[index + 1]
                end
            end
            if #found > 0 then redis.call('ZREMRANGEBYRANK', due, 0, #found / 2 - 1) end
            if #ids > 0 then
                redis.call('HINCRBY', market, 'executed', #ids)
                local last = number(#ids)
                for index, id in ipairs(ids) do
                    redis.call('HSET', block(tonumber(id)), id, 'E' .. rests[index])
                    announce(last - #ids + index, id, 'E')
                end
            end
            local first = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
            return { first[2] or '-1', microseconds, lateness }
            """)

    /// All of them.
    public static let all = [open, place, cancel, execute]
}
