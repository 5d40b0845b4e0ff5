import Logging
import Platform
import Reactor

/// Tells the operator what the server ran into and what can be done, each kind at most once in a while and
/// with how often it happened meanwhile.
@LoopActor
final class Notices {
    /// One kind of thing to be told.
    private struct Kind {
        let sentence: String
        /// How often it has happened since the start.
        let count: @LoopActor () -> UInt64
        /// How often it had when it was last told.
        var toldCount: UInt64 = 0
        var nextNanoseconds: UInt64 = 0

        init(_ sentence: String, count: @escaping @LoopActor () -> UInt64) {
            self.sentence = sentence
            self.count = count
        }
    }

    /// Between two lines of one kind.
    private static let pauseNanoseconds: UInt64 = 10_000_000_000

    private let platform: Platform
    private let loop: Loop
    private let logger: Logger
    private var kinds: [Kind] = []
    private var seenCount: UInt64 = 0
    /// Whether something is to be told that was told a short while ago.
    private var hasUntold = false

    init(_ platform: Platform, connectionsMax: Int, ordersMax: Int, loop: Loop, logger: Logger) {
        self.platform = platform
        self.loop = loop
        self.logger = logger
        kinds = [
            Kind(
                "Connections were refused: all \(connectionsMax) are in use. Allow more with --max-connections "
                    + "and the limit of open files (ulimit -n), or have clients close theirs."
            ) { platform.host.counts.hits(of: .connections) },
            Kind(
                "Connections have to wait: no file descriptor is left for them. Raise the limit of open files "
                    + "(ulimit -n), or lower --max-connections so that they are told so."
            ) { platform.host.counts.hits(of: .descriptors) },
            Kind(
                "Orders were refused: the store is full with \(ordersMax). Allow more with --max-orders, or "
                    + "start anew."
            ) { platform.refusedOrders },
            Kind(
                "Subscribers were closed: they read so slowly that events had passed them. They can connect "
                    + "again; see whether they, or the network to them, can keep up."
            ) { platform.droppedSubscribers },
            Kind(
                "Connections were refused or reset: unfinished requests and unread answers hold "
                    + "\(platform.host.limits.heldBytesMax) bytes, which is all that they may. See who sends slowly or "
                    + "does not read."
            ) { platform.host.counts.hits(of: .heldBytes) },
            Kind(
                "Lines of the access log were lost: the disk or the reader of standard output is too slow, or "
                    + "cannot be written to."
            ) { platform.host.accessLog?.droppedLines ?? 0 },
        ]
    }

    /// Tells what is new. To be called at the end of each turn; costs a comparison where nothing is.
    func look() {
        let count = platform.noticeCount
        guard count != seenCount || hasUntold else { return }
        seenCount = count
        tell(atNanoseconds: loop.nowNanoseconds)
    }

    private func tell(atNanoseconds now: UInt64) {
        hasUntold = false
        for index in kinds.indices {
            let count = kinds[index].count()
            guard count != kinds[index].toldCount else { continue }
            guard now >= kinds[index].nextNanoseconds else {
                hasUntold = true
                continue
            }
            logger.warning(
                "\(kinds[index].sentence)", metadata: ["times": "\(count - kinds[index].toldCount)"])
            kinds[index].toldCount = count
            kinds[index].nextNanoseconds = now + Notices.pauseNanoseconds
        }
    }
}
