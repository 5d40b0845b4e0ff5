import Sessions

/// A client's end of a line: sends bytes as they are given, and reads responses and frames strictly.
package final class Client {
    /// The line to the session.
    package let line: Line
    private unowned let network: Network
    private var outbox: ArraySlice<UInt8> = []
    private var hasEnded = false
    private var isEndDelivered = false
    /// Whether the network has this client's bytes wait until its session reads again.
    var isWaiting = false
    /// How much of what arrived has been read.
    private var offset = 0

    init(line: Line, network: Network) {
        self.line = line
        self.network = network
    }

    // MARK: Sending

    /// Sends bytes, and ends the turn in which they arrive.
    package func send(_ bytes: some Sequence<UInt8>) {
        push(bytes)
        network.settle()
    }

    /// Sends text, and ends the turn in which it arrives.
    package func send(_ text: String) { send(text.utf8) }

    /// Sends bytes into a turn that goes on.
    package func push(_ bytes: some Sequence<UInt8>) {
        outbox += bytes
        deliver()
    }

    /// Sends text into a turn that goes on.
    package func push(_ text: String) { push(text.utf8) }

    /// Sends in pieces of that many bytes, each of them in a delivery and a turn of its own.
    package func send(_ bytes: [UInt8], inPiecesOf count: Int) {
        var start = 0
        while start < bytes.count {
            send(bytes[start..<min(bytes.count, start + count)])
            start += count
        }
    }

    /// Sends no more (a half-close).
    package func end() {
        pushEnd()
        network.settle()
    }

    /// Sends no more, in a turn that goes on.
    package func pushEnd() {
        hasEnded = true
        deliver()
    }

    /// Breaks the connection: what is on its way in either direction is lost.
    package func vanish() {
        abandon()
        network.settle()
    }

    /// Breaks the connection in a turn that goes on.
    package func abandon() {
        outbox = []
        line.close()
    }

    /// Has the kernel take so many of the bytes that wait, and ends the turn.
    package func take(_ count: Int = .max) {
        line.take(count)
        network.settle()
    }

    /// Has the kernel take so many bytes at a time until none wait. Answers how many times it took.
    @discardableResult
    package func takeAll(_ count: Int = .max) -> Int {
        var times = 0
        while line.isBlocked, !line.isClosing {
            take(count)
            times += 1
        }
        return times
    }

    /// How much has been sent and is not delivered, as the session does not read.
    package var undeliveredCount: Int { outbox.count }

    /// Whether the session has been told that no more comes.
    package var hasToldEnd: Bool { isEndDelivered }

    var hasDeliverable: Bool {
        line.isReading && !line.isClosing && (!outbox.isEmpty || (hasEnded && !isEndDelivered))
    }

    func deliver() {
        while hasDeliverable, let session = line.session {
            if outbox.isEmpty {
                isEndDelivered = true
                line.pauseReading()
                network.deliverEnd(to: session)
                return
            }
            let piece = outbox.prefix(Network.deliveryBytesMax)
            outbox = outbox.dropFirst(piece.count)
            network.deliver(piece, to: session)
        }
        if !line.isClosing, !outbox.isEmpty || (hasEnded && !isEndDelivered) { network.wait(self) }
    }

    // MARK: Reading

    /// What has arrived and not been read.
    package var unread: ArraySlice<UInt8> { line.arrived[offset...] }

    /// Reads all that has arrived, as text.
    package func readText() -> String {
        defer { offset = line.arrived.count }
        return String(decoding: unread, as: UTF8.self)
    }

    /// Reads the next response, or one with the status 0 where it has not arrived whole.
    package func response(toHead: Bool = false) -> Response {
        let reader = ResponseReader(bytes: line.arrived, isAtEnd: line.isShutDown || line.isClosing)
        return reader.read(&offset, toHead: toHead)
    }

    /// Reads all responses that have arrived.
    package func responses() -> [Response] {
        var all: [Response] = []
        while offset < line.arrived.count {
            let next = response()
            all.append(next)
            if next.status <= 0 { break }
        }
        return all
    }

    /// Sends one request and reads its answer.
    package func exchange(_ request: String) -> Response {
        send(request)
        return response(toHead: request.hasPrefix("HEAD "))
    }

    // MARK: WebSocket

    /// The handshake of RFC 6455 section 1.3.
    package static func handshake(_ path: String = "/ws", fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\(fields)\r\n"
    }

    /// Sends the handshake and reads its answer.
    @discardableResult
    package func openWebSocket(_ path: String = "/ws") -> Response { exchange(Client.handshake(path)) }

    /// Sends a frame.
    package func send(_ frame: ClientFrame) { send(frame.bytes) }

    /// Reads all frames that have arrived whole.
    package func frames() -> [ServerFrame] {
        var frames: [ServerFrame] = []
        while let frame = ServerFrame(line.arrived, &offset) { frames.append(frame) }
        return frames
    }

    /// Reads all text messages that have arrived, as text.
    package func messages() -> [String] {
        frames().filter { $0.opcode == 1 }.map(\.text)
    }
}
