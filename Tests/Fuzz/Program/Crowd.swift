import Platform
import Sessions
import Simulation

/// Several clients and the clock: whatever they do, no promise to the driver is broken, what each is sent can
/// be read, and in the end nothing is left.
struct Crowd {
    /// A client, and what is to be known of it to read its answers.
    private struct Member {
        let client: Client
        var sent: [UInt8] = []
        var hasVanished = false
        var pieceBytes = 0
    }

    private static let clientsMax = 6

    private let venue: Venue
    private var members: [Member] = []
    private var chosen = 0
    private var network: Network { venue.network }

    init(_ script: inout Script) {
        venue = Venue(&script, isTight: true)
        connect()
    }

    mutating func run(_ script: inout Script) {
        while !script.isAtEnd {
            act(Deed(&script))
            venue.check(members.map(\.client))
        }
        end()
        for member in members { read(member) }
    }

    private mutating func connect() {
        guard members.count < Crowd.clientsMax else { return }
        chosen = members.count
        members.append(Member(client: network.connect()))
    }

    private mutating func act(_ deed: Deed) {
        let client = members[chosen].client
        switch deed {
        case .send(let bytes): send(bytes)
        case .cutInto(let count): members[chosen].pieceBytes = count
        case .turns(let count): for _ in 0..<count { network.turn() }
        case .wait(let milliseconds):
            // No driver waits while work is left.
            network.settle()
            network.advance(milliseconds: milliseconds)
        case .skip(let milliseconds): network.skip(milliseconds: milliseconds)
        case .kernelTakes(let count): client.line.bytesPerWrite = count
        case .take(let count): client.line.take(count)
        case .halfClose: client.pushEnd()
        case .vanish:
            members[chosen].hasVanished = true
            client.abandon()
        case .choose(let index): chosen = index % members.count
        case .connect: connect()
        case .stop: network.host.stop()
        }
    }

    private mutating func send(_ bytes: [UInt8]) {
        let member = members[chosen]
        guard !member.client.hasToldEnd, member.sent.count < Deed.sentBytesMax else { return }
        members[chosen].sent += bytes
        for piece in Deed.pieces(of: bytes, pieceBytes: member.pieceBytes) {
            member.client.push(piece)
            if member.pieceBytes > 0 { network.turn() }
        }
    }

    /// All kernels take all and all clients fall silent: the limits of time have to end every session.
    private func end() {
        network.settle()
        for _ in 0..<2 {
            for member in members {
                member.client.line.bytesPerWrite = .max
                member.client.takeAll()
            }
            network.settle()
        }
        network.advance(milliseconds: 200_000)
        // A stream lasts for as long as its client takes the signs of life.
        for member in members where Search.contains("text/event-stream", in: member.client.line.arrived) {
            member.client.end()
        }
        venue.check(members.map(\.client))
        SessionTarget.expect(network.host.sessionCount == 0, "\(network.host.sessionCount) sessions are left")
        SessionTarget.expect(network.clients.isEmpty, "\(network.clients.count) connections are left")
        SessionTarget.expect(network.host.nextDeadlineNanoseconds == nil, "somebody waits for nothing")
    }

    /// Reads all that a client was sent.
    private func read(_ member: Member) {
        // What a HEAD is answered with can be read only by who knows that it was one.
        guard !Search.contains("HEAD", in: member.sent) else { return }
        let client = member.client
        var isWebSocket = false
        while !client.unread.isEmpty, !isWebSocket {
            let response = client.response()
            SessionTarget.expect(response.status >= 0, "no response: \(response.reason)")
            if response.status == 0 { break }
            isWebSocket = response.status == 101
        }
        if isWebSocket {
            for frame in client.frames() {
                SessionTarget.expect([1, 8, 9, 10].contains(frame.opcode) && frame.isFinal, "\(frame)")
            }
        }
        let wasCutOff = member.hasVanished || client.line.isReset || client.line.wasBlocked
        SessionTarget.expect(
            client.unread.isEmpty || wasCutOff, "\(client.unread.count) bytes are no answer")
    }
}
