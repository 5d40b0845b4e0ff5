import Bytes
import HTTP1
import Orders
import Platform
import Sessions
import WebSocket

/// One room's work, to be repeated.
struct Workload: Sendable {
    let name: String
    let summary: String
    /// Makes what the work needs, and answers the work: it is told how often to do it.
    let make: @Sendable () -> (Int) -> Void

    private static let get = "GET /orders/1 HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n"
    private static let order = "{\"stocks\":\"AAPL\",\"quantity\":10}"
    private static let post =
        "POST /orders HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nContent-Type: application/json\r\n"
        + "Content-Length: 31\r\n\r\n" + order
    private static let browser =
        "GET /orders HTTP/1.1\r\nHost: localhost:8000\r\nConnection: keep-alive\r\n"
        + "sec-ch-ua: \"Chromium\";v=\"130\", \"Not?A_Brand\";v=\"99\"\r\nsec-ch-ua-mobile: ?0\r\n"
        + "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        + "Chrome/130.0.0.0 Safari/537.36\r\nAccept: */*\r\nSec-Fetch-Site: same-origin\r\n"
        + "Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\nReferer: http://localhost:8000/\r\n"
        + "Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-US,en;q=0.9\r\n\r\n"

    static let all: [Workload] = [
        Workload(name: "parse-get", summary: "the head of a small GET") { parse(get) },
        Workload(name: "parse-post", summary: "the head of a small POST") { parse(post) },
        Workload(name: "parse-browser", summary: "the head that a browser sends") { parse(browser) },
        Workload(name: "parse-again", summary: "the head of a small GET like the one before it") {
            parse([Array(get.utf8)])
        },
        Workload(name: "frame", summary: "a masked text frame of 32 bytes", make: { frames() }),
        Workload(name: "order-body", summary: "the JSON of an order", make: { bodies() }),
        Workload(
            name: "place", summary: "an order into the store, with its delay and its event", make: { place() }
        ),
        Workload(name: "cancel", summary: "an order out of its delay", make: { cancel() }),
        Workload(name: "execute", summary: "an order placed, falling due and executed", make: { execute() }),
        Workload(name: "log", summary: "an event read from the log", make: { log() }),
        Workload(name: "session-get", summary: "a whole GET, 64 of them in one delivery") { session(get) },
        Workload(name: "session-post", summary: "a whole POST, 64 of them in one delivery") { session(post) },
    ]

    /// Heads whose fields are another client's each time, so that what is remembered is of no use.
    private static func parse(_ text: String) -> (Int) -> Void {
        // More than are met before one of them is remembered.
        let heads = (100..<164).map { number in
            Array(text.replacing("\r\n\r\n", with: "\r\nX-Other: \(number)\r\n\r\n").utf8)
        }
        return parse(heads)
    }

    private static func parse(_ heads: [[UInt8]]) -> (Int) -> Void {
        var parser = RequestParser(limits: HTTPLimits(bodyBytesMax: 65_536))
        var memory = HeadMemory()
        return { count in
            for index in 0..<count {
                parser.reset()
                let head = heads[index % heads.count]
                guard case .complete = parser.parse(head.span, recalling: &memory) else {
                    fatalError("not a request")
                }
            }
        }
    }

    private static func frames() -> (Int) -> Void {
        // Final, text, masked with zeros, so that the bytes stay the same however often they are unmasked.
        var frame: [UInt8] = [0x81, 0x80 | 32, 0, 0, 0, 0] + Array(repeating: 0x61, count: 32)
        var state = WebSocketState(limits: WebSocketLimits(messageBytesMax: 65_536, fragmentsMax: 1_024))
        return { count in
            frame.withUnsafeMutableBufferPointer { bytes in
                for _ in 0..<count {
                    var offset = 0
                    guard case .data = state.next(bytes, &offset) else { fatalError("not a frame") }
                }
            }
        }
    }

    private static func bodies() -> (Int) -> Void {
        let bytes = Array(order.utf8)
        return { count in
            for _ in 0..<count {
                var body = OrderBody()
                guard body.read(bytes.span) == nil else { fatalError("not an order") }
            }
        }
    }

    /// A store that closures can share.
    private final class Shelf {
        var store = OrderStore(
            ordersMax: 100_000_000,
            delays: DelayPolicy(minMilliseconds: 1_000, maxMilliseconds: 5_000, seed: 7), eventsMax: 131_072)
        var now: UInt64 = 0
        let stocks = Array("AAPL".utf8)

        func place(_ count: Int) {
            let stocks = stocks
            for _ in 0..<count {
                guard case .placed = store.place(stocks: stocks.span, quantity: 10, at: now) else {
                    fatalError("the store is full")
                }
            }
        }
    }

    private static func place() -> (Int) -> Void {
        let shelf = Shelf()
        return { shelf.place($0) }
    }

    private static func cancel() -> (Int) -> Void {
        let shelf = Shelf()
        return { count in
            let first = Int64(shelf.store.count + 1)
            shelf.place(count)
            for id in first..<first + Int64(count) { _ = shelf.store.cancel(id) }
        }
    }

    private static func execute() -> (Int) -> Void {
        let shelf = Shelf()
        return { count in
            shelf.place(count)
            shelf.now += 6_000_000_000
            while shelf.store.executeDue(at: shelf.now, max: 4_096) {}
        }
    }

    private static func log() -> (Int) -> Void {
        let shelf = Shelf()
        shelf.place(131_072)
        var sum: Int64 = 0
        return { count in
            for index in 0..<count {
                sum &+= shelf.store.log[UInt64(index & 0xFFFF) + 1].orderID
            }
            precondition(sum != 0 || count == 0)
        }
    }

    /// A way out that takes everything and keeps nothing.
    private final class Abyss: Transport {
        func tryWrite(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Int {
            first.count + second.count
        }
        func queue(_ bytes: UnsafeRawBufferPointer) {}
        var queuedBytes: Int { 0 }
        func pauseReading() {}
        func resumeReading() {}
        func shutdown() {}
        func close() {}
        func reset() {}
    }

    private static func session(_ text: String) -> (Int) -> Void {
        var settings = PlatformSettings()
        settings.ordersMax = 100_000_000
        let platform = Platform(settings: settings)
        guard let session = platform.host.open(Abyss()) else { fatalError("no session") }
        let batch = Array(repeatElement(Array(text.utf8), count: 64).joined())
        let headroomBytes = platform.host.limits.headroomBytes
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: headroomBytes + batch.count)
        return { count in
            for _ in 0..<count / 64 {
                let bytes = UnsafeMutableBufferPointer(rebasing: buffer[headroomBytes...])
                _ = bytes.update(fromContentsOf: batch)
                session.received(bytes, headroomBytes: headroomBytes)
                platform.host.sendAnswers()
            }
            withExtendedLifetime(platform) {}
        }
    }
}
