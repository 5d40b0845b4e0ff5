import Redis

/// A connection to a simulated Redis: both its ends, and what is on its way between them.
final class FakeRedisConnection: RedisTransport {
    /// How a connection ends with the next command.
    enum Ending {
        /// Before it is done.
        case before
        /// When it is done, and before its answer is sent.
        case after
    }

    private struct Block {
        let sequence: Int64
        let countMax: Int
    }

    /// The number of the instance.
    let instance: Int
    /// How it is to end, if it is.
    var ending: Ending?
    private unowned let redis: FakeRedis
    private weak var link: RedisLink?
    /// Called when the link has been told something.
    private let whenTold: () -> Void
    private var reader = WireReader()
    private var output: [UInt8] = []
    private var block: Block?
    private var blockNumber = 0
    private var isLetIn: Bool
    /// Redis' end is no more.
    private var isEnded = false
    /// What Redis has said is lost on its way.
    private var isCut = false
    /// When the last bytes arrive that are on their way.
    private var arrivalAtRedis: UInt64 = 0
    private var arrivalAtLink: UInt64 = 0

    init(_ link: RedisLink, to redis: FakeRedis, instance: Int, whenTold: @escaping () -> Void) {
        self.link = link
        self.redis = redis
        self.instance = instance
        self.whenTold = whenTold
        isLetIn = redis.password == nil
    }

    private var agenda: Agenda { redis.agenda }
    /// Whether the link has no more to do with it.
    var isOver: Bool { link == nil }
    /// Whether Redis has ended it, and the link does not know yet.
    var isHalfOpen: Bool { isEnded && link != nil }

    /// Bytes in up to three pieces.
    private func pieces(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        guard bytes.count > 1, redis.generator.once(in: 3) else { return [bytes[...]] }
        let cuts = [redis.generator.below(bytes.count), redis.generator.below(bytes.count)].sorted()
        return [bytes[..<cuts[0]], bytes[cuts[0]..<cuts[1]], bytes[cuts[1]...]].filter { !$0.isEmpty }
    }

    // MARK: The link's end

    func send(_ bytes: UnsafeRawBufferPointer) {
        guard link != nil else { return redis.violate("bytes of a connection that was closed") }
        for piece in pieces(Array(bytes)) {
            arrivalAtRedis = max(arrivalAtRedis, agenda.nanoseconds + redis.transit())
            agenda.at(arrivalAtRedis) { [self] in arrive(piece) }
        }
    }

    func close() {
        if link != nil { redis.whenTroubled(instance, true) }
        leave()
    }

    /// The link is no more, or wants no more: what it has sent may still arrive.
    func leave() {
        link = nil
        arrivalAtRedis = max(arrivalAtRedis, agenda.nanoseconds + redis.transit())
        if redis.generator.once(in: 4) {
            isEnded = true
            redis.forget(self)
        } else {
            agenda.at(arrivalAtRedis) { [self] in hearEnd() }
        }
    }

    /// Redis hears that the link is no more.
    private func hearEnd() {
        guard !redis.isStalled else {
            return agenda.at(redis.stalledUntilNanoseconds) { [self] in hearEnd() }
        }
        isEnded = true
        redis.forget(self)
    }

    /// Holds up what is on its way, in both directions.
    func holdUp(nanoseconds: UInt64) {
        arrivalAtRedis = max(arrivalAtRedis, agenda.nanoseconds + nanoseconds)
        arrivalAtLink = max(arrivalAtLink, agenda.nanoseconds + nanoseconds)
    }

    // MARK: Redis' end

    private func arrive(_ bytes: ArraySlice<UInt8>) {
        guard !isEnded else { return }
        reader.take(bytes)
        serve()
    }

    /// Does what has arrived.
    func serve() {
        guard !redis.isStalled else { return }
        output = []
        do throws(RedisProtocolError) {
            while !isEnded, block == nil, let value = try reader.next() { serve(value) }
        } catch {
            redis.violate("what no Redis reads: \(error.reason)")
        }
        transmit()
    }

    private func serve(_ value: RedisValue) {
        guard case .list(let values) = value else { return redis.violate("what is no command") }
        let words = values.map { value -> [UInt8] in
            if case .text(let bytes) = value { bytes } else { [] }
        }
        if ending == .before { return end(cuts: false, isTold: true) }
        let answer = isLetIn || words[0].elementsEqual("AUTH".utf8) ? answer(words) : Self.unknownClient
        if ending == .after { return end(cuts: false, isTold: true) }
        if let answer { WireCodec.append(answer, to: &output) }
    }

    private static let unknownClient = RedisValue.error("NOAUTH Authentication required.")

    private func answer(_ words: [[UInt8]]) -> RedisValue? {
        switch String(decoding: words[0], as: UTF8.self) {
        case "AUTH":
            let isRight = String(decoding: words.last ?? [], as: UTF8.self) == redis.password
            if isRight { isLetIn = true }
            return isRight ? .text(Array("OK".utf8)) : .error("WRONGPASS invalid username-password pair")
        case "SELECT": return .text(Array("OK".utf8))
        default: return redis.answer(words, of: self)
        }
    }

    private func transmit() {
        guard !output.isEmpty else { return }
        let bytes = output
        output = []
        for piece in pieces(bytes) {
            arrivalAtLink = max(arrivalAtLink, agenda.nanoseconds + redis.transit())
            agenda.at(arrivalAtLink) { [self] in
                guard !isCut, let link else { return }
                let now = Network.startNanoseconds + agenda.nanoseconds
                piece.withUnsafeBytes { link.received($0, atNanoseconds: now) }
                whenTold()
            }
        }
    }

    /// Says that there are too many.
    func turnAway() {
        WireCodec.append(.error("ERR max number of clients reached"), to: &output)
        transmit()
        end(cuts: false, isTold: true)
    }

    /// Ends the connection. `cuts`: what has been said is lost. `isTold`: the link hears of it.
    func end(cuts: Bool, isTold: Bool) {
        guard !isEnded else { return }
        isEnded = true
        redis.note("is cut off", instance, isTold ? 1 : 0)
        redis.forget(self)
        isCut = cuts || !isTold
        redis.whenTroubled(instance, false)
        guard isTold else { return }
        transmit()
        arrivalAtLink = max(arrivalAtLink, agenda.nanoseconds + redis.transit())
        agenda.at(arrivalAtLink) { [self] in
            guard let link else { return }
            self.link = nil
            redis.whenTroubled(instance, false)
            link.ended("it has closed the connection")
            whenTold()
        }
    }

    // MARK: Waiting for events

    /// Has the connection wait for events.
    func block(after sequence: Int64, max count: Int, milliseconds: UInt64) {
        block = Block(sequence: sequence, countMax: count)
        blockNumber += 1
        let number = blockNumber
        agenda.at(agenda.nanoseconds + milliseconds * 1_000_000) { [self] in expire(number) }
    }

    private func expire(_ number: Int) {
        guard block != nil, blockNumber == number, !isEnded else { return }
        guard !redis.isStalled else {
            return agenda.at(redis.stalledUntilNanoseconds) { [self] in expire(number) }
        }
        goOn(with: .null)
    }

    /// Answers whoever waits for events, if there are some.
    func wake() {
        guard let waiting = block, !isEnded,
            let entries = redis.entries(after: waiting.sequence, max: waiting.countMax)
        else { return }
        goOn(with: entries)
    }

    private func goOn(with value: RedisValue) {
        block = nil
        output = []
        WireCodec.append(value, to: &output)
        transmit()
        serve()
    }
}
