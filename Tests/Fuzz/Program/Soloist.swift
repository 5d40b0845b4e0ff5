import Simulation

/// One client for whom no time passes: what it is answered does not depend on where its bytes were cut, on
/// when turns end, or on how much its kernel takes.
struct Soloist {
    private let venue: Venue
    private let client: Client
    private var sent: [UInt8] = []
    private var pieceBytes = 0

    init(_ script: inout Script) {
        venue = Venue(&script, isTight: false)
        client = venue.network.connect()
    }

    mutating func run(_ script: inout Script) {
        var hasEnded = false
        while !script.isAtEnd, !hasEnded {
            switch Deed(&script) {
            case .send(let bytes): send(bytes)
            case .cutInto(let count): pieceBytes = count
            case .turns(let count): for _ in 0..<count { venue.network.turn() }
            case .kernelTakes(let count): client.line.bytesPerWrite = count
            case .take(let count): client.line.take(count)
            case .halfClose: hasEnded = true
            case .wait, .skip, .vanish, .choose, .connect, .stop: break
            }
            venue.check([client])
        }
        // A line is refused when its end is there, and before that only where all of it arrived at once.
        send([0x0A])
        end(client, venue, isHalfClosed: hasEnded)
        compare(isHalfClosed: hasEnded)
    }

    private mutating func send(_ bytes: [UInt8]) {
        guard sent.count < Deed.sentBytesMax else { return }
        sent += bytes
        for piece in Deed.pieces(of: bytes, pieceBytes: pieceBytes) {
            client.push(piece)
            if pieceBytes > 0 { venue.network.turn() }
        }
    }

    private func end(_ client: Client, _ venue: Venue, isHalfClosed: Bool) {
        client.line.bytesPerWrite = .max
        venue.network.settle()
        client.takeAll()
        if isHalfClosed { client.end() }
        client.takeAll()
        venue.check([client])
        SessionTarget.expect(client.undeliveredCount == 0 || client.line.isClosing, "input is not read")
        if isHalfClosed { SessionTarget.expect(client.line.isClosed, "the end is not heard") }
    }

    private func compare(isHalfClosed: Bool) {
        var nothing = Script([])
        let venue = Venue(&nothing, isTight: false)
        let whole = venue.network.connect()
        whole.push(sent)
        end(whole, venue, isHalfClosed: isHalfClosed)
        // A client is asked for a body only where that has not arrived with its head.
        let interim: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"
        let one = Search.removing(interim, from: client.line.arrived)
        let other = Search.removing(interim, from: whole.line.arrived)
        // What is told of a limit that was passed depends on what had arrived by then.
        let isLimited = [one, other].contains { bytes in
            Search.contains("HTTP/1.1 431", in: bytes) || Search.contains("HTTP/1.1 414", in: bytes)
        }
        // What has happened before is sent at the end of a turn, and so before or after the next answer.
        let hasPast =
            Search.contains("since", in: sent) || Search.contains("/events", in: sent)
            || Search.contains("%", in: sent)
        let isComparable = !isLimited && !hasPast
        SessionTarget.expect(
            !isComparable || Search.areEqual(one, other),
            "in pieces: \(Soloist.text(one))\nwhole: \(Soloist.text(other))")
        SessionTarget.expect(
            !isComparable || client.line.isShutDown == whole.line.isShutDown, "only one is shut down")
        whole.vanish()
        client.vanish()
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
