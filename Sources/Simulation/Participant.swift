import Sessions

/// One client of a day: what it has sent and not been answered, and what it has heard.
final class Participant {
    /// What the server's side of the connection is at.
    enum Speech {
        case http, webSocket
        /// Server-Sent Events.
        case stream
        /// The last answer or close frame has come: nothing may follow.
        case over
    }

    let number: Int
    let client: Client
    let line: Line
    /// Gone with the connection, if nothing holds on to it.
    private(set) weak var session: Session?
    var speech = Speech.http
    /// Whether the client has asked for the feed, and sends frames from then on.
    var wantsFeed = false
    /// Whether the client says nothing more.
    var hasFinished = false
    var isVanished = false
    /// Whether the connection is there only to be told that there are too many.
    var isRefused = false
    /// Whether its session is one of the feed's.
    var isSubscribed = false
    /// Whether it does nothing but control time and failure, one request at a time.
    var isOperator = false
    /// What it has asked to hear.
    var following = Following()
    /// Whether the market that it followed is no more, which it has to be told.
    var isOutdated = false

    // What it says.
    /// What is to be sent: composed and not on its way.
    var unsent: [UInt8] = []
    private(set) var composedCount = 0
    var questions: [Question] = []
    private(set) var frames: [FrameExpectation] = []

    // What it hears.
    /// What the server has handed over and has not been looked at.
    private(set) var heard: [UInt8] = []
    private var offset = 0
    /// How much of what was heard is known not to end the answer that comes in parts; 0 where none does.
    private var partsCount = 0
    var isTouched = false
    /// How many events came before the one that is to be heard next, as far as the client can know.
    var nextEvent = 0
    /// Events that it need not hear come before this one: they were there in the turn in which it came.
    var liveEvent = 0
    /// How many events have been looked at, to find the next that it wants to hear.
    var scannedEvent = 0
    /// Whether a stream has told where it begins.
    var hasBegun = false

    // When.
    /// When something last went either way.
    var lastLifeNanoseconds: UInt64 { didSet { silentSinceNanoseconds = lastLifeNanoseconds } }
    /// The same, with the time left out that nobody saw pass.
    var silentSinceNanoseconds: UInt64
    var lastDeliveredCount = 0
    var lastQueuedBytes = 0
    var pingedNanoseconds: UInt64?
    var heartbeatNanoseconds: UInt64 = 0
    var overNanoseconds: UInt64?
    var shutDownNanoseconds: UInt64?
    /// Whether the client took nothing for a while since it last had heard all.
    var hasLagged = false

    init(number: Int, client: Client, nowNanoseconds: UInt64) {
        self.number = number
        self.client = client
        line = client.line
        session = client.line.session
        lastLifeNanoseconds = nowNanoseconds
        silentSinceNanoseconds = nowNanoseconds
    }

    /// How much of what the client sends has been delivered to its session.
    var deliveredCount: Int { composedCount - unsent.count - client.undeliveredCount }

    // MARK: Saying

    func ask(_ text: RequestText, _ known: Knowledge) {
        var question = text.question
        question.askedSequence = known.lastSequence
        question.askedOrderCount = known.orderCount
        let target = text.head.split(separator: " ", maxSplits: 2).dropFirst().first ?? ""
        let path = target.prefix { $0 != "?" }
        question.isAboutOrders = path.hasPrefix("/orders") && !path.contains("%")
        question.start = composedCount
        question.headEnd = composedCount + text.head.utf8.count
        unsent += text.head.utf8
        unsent += text.body
        composedCount += text.head.utf8.count + text.body.count
        question.end = composedCount
        questions.append(question)
        if case .follow(let following) = question.kind {
            wantsFeed = true
            self.following = following
        }
        if question.closes { hasFinished = true }
    }

    func say(_ message: Message) {
        let start = composedCount
        unsent += message.bytes
        composedCount += message.bytes.count
        if let expected = message.expected {
            let earliest = message.isFaulty ? start + 1 : composedCount
            // A ping inside a message is answered before the message ends.
            let isInside = message.bytes[0] & 0x0F < 8 && !message.isFaulty
            frames.append(
                FrameExpectation(
                    kind: expected, earliest: isInside ? start + 1 : earliest, end: composedCount))
        }
        if message.isLast { hasFinished = true }
    }

    /// Never says what it has not said yet.
    func swallow() {
        composedCount -= unsent.count
        unsent = []
        hasFinished = true
    }

    /// What is on its way while the connection breaks is never delivered, and nobody acts on it.
    func lose() { composedCount -= client.undeliveredCount }

    // MARK: Hearing

    func hear(_ bytes: UnsafeRawBufferPointer) { heard += bytes }

    var unheardCount: Int { heard.count - offset }

    /// Reads the next answer; its status is 0 where it has not come whole. `asStream`: it may be one without
    /// an end, of which only the head is read.
    func nextResponse(toHead: Bool, asStream: Bool = false) -> Response {
        // An answer in many parts is not read anew with each of them.
        guard partsCount == 0 || hasLastChunk else {
            partsCount = heard.count
            return Response()
        }
        let reader = ResponseReader(bytes: heard, isAtEnd: false)
        if asStream {
            var end = offset
            let head = reader.read(&end, toHead: true)
            if head.status == 200 {
                offset = end
                return head
            }
        }
        let response = reader.read(&offset, toHead: toHead)
        partsCount = response.status == 0 ? heard.count : 0
        return response
    }

    /// Whether what came since it was last looked at may hold the chunk that ends an answer.
    private var hasLastChunk: Bool {
        let end: [UInt8] = [13, 10, 48, 13, 10, 13, 10]
        var start = max(offset, partsCount - end.count)
        while start + end.count <= heard.count {
            if heard[start] == 13, heard[start..<start + end.count].elementsEqual(end) { return true }
            start += 1
        }
        return false
    }

    func nextFrame() -> ServerFrame? { ServerFrame(heard, &offset) }

    /// Reads the next block of a stream: lines up to an empty one. Nil where it has not come whole.
    func nextBlock() -> ArraySlice<UInt8>? {
        var at = offset
        while at + 1 < heard.count {
            if heard[at] == 10, heard[at + 1] == 10 {
                defer { offset = at + 2 }
                return heard[offset..<at]
            }
            at += 1
        }
        return nil
    }

    /// Forgets what has been looked at.
    func forgetHeard() {
        guard offset == heard.count else { return }
        heard.removeAll(keepingCapacity: true)
        offset = 0
    }

    func takeQuestion() -> Question { questions.removeFirst() }

    func takeFrame() -> FrameExpectation { frames.removeFirst() }

    /// Whether the connection is to be reset in place of an answer.
    var isResetDue: Bool { questions.contains { $0.isResetDue } }

    /// When the answer that is held back has to be given.
    var heldUntilNanoseconds: UInt64? { questions.first?.heldUntilNanoseconds }

    /// Whether it has asked to cancel many orders, and not been answered.
    var isCancellingAll: Bool {
        questions.contains { if case .cancelAll = $0.kind { true } else { false } }
    }

    /// Whether it is heard where messages are.
    var followsFeed: Bool { speech == .webSocket || speech == .stream }

    /// Marks the first question as one whose body has been asked for.
    func noteContinued() { questions[0].isContinued = true }

    /// Marks when the first question began to arrive.
    func noteBegun(nowNanoseconds: UInt64) {
        guard let first = questions.first, first.begunNanoseconds == nil, deliveredCount > first.start
        else { return }
        questions[0].begunNanoseconds = nowNanoseconds
    }

    /// The server has said its last.
    func finish(nowNanoseconds: UInt64) {
        speech = .over
        overNanoseconds = nowNanoseconds
        questions = []
        frames = []
        hasFinished = true
    }
}
