import Simulation

/// One thing that a client, a kernel or the clock does, read from an input.
enum Deed {
    case send([UInt8])
    case cutInto(pieceBytes: Int)
    case turns(Int)
    case wait(milliseconds: UInt64)
    case skip(milliseconds: UInt64)
    case kernelTakes(bytesPerWrite: Int)
    case take(Int)
    case halfClose
    case vanish
    case choose(Int)
    case connect
    case stop

    /// What one client sends at most, so that no input takes seconds.
    static let sentBytesMax = 200_000

    private static let pieceSizes = [0, 1, 2, 3, 5, 8, 13, 21, 40, 64, 100, 128, 200, 300, 1_000, 5_000]
    private static let waits: [UInt64] = [
        0, 1, 2, 10, 100, 250, 999, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 31_000, 75_000, 90_000,
    ]
    private static let takes = [
        0, 1, 2, 3, 10, 50, 100, 131, 500, 1_000, 4_000, 10_000, 70_000, .max, .max, .max,
    ]
    private static let fills = [
        1, 2, 10, 50, 100, 125, 126, 200, 300, 500, 1_000, 2_000, 4_000, 8_200, 33_000, 66_000,
    ]
    private static let opcodes: [UInt8] = [1, 2, 0, 8, 9, 10, 3, 11]

    /// The next of an input: its lower four bits say what, the upper four how much.
    init(_ script: inout Script) {
        let byte = script.byte()
        let much = Int(byte >> 4)
        switch byte & 0x0F {
        case 0: self = .send(script.text(Int(script.byte())))
        case 1: self = .send(CannedRequests.all[much])
        case 2: self = .send(Deed.frame(much, &script))
        case 3: self = .send(Array(repeating: script.byte(), count: Deed.fills[much]))
        case 4: self = .send(Array(repeatElement(CannedRequests.all[much], count: 20).joined()))
        case 5: self = .cutInto(pieceBytes: Deed.pieceSizes[much])
        case 6: self = .turns(much)
        case 7: self = .wait(milliseconds: Deed.waits[much])
        case 8: self = .skip(milliseconds: Deed.waits[much])
        case 9: self = .kernelTakes(bytesPerWrite: Deed.takes[much])
        case 10: self = .take(Deed.takes[much])
        case 11: self = .halfClose
        case 12: self = .vanish
        case 13: self = .choose(much)
        case 14: self = .connect
        default: self = much == 15 ? .stop : .send([0x0D, 0x0A])
        }
    }

    /// Pieces of that many bytes, or of more where there would be very many; 0: one piece.
    static func pieces(of bytes: [UInt8], pieceBytes: Int) -> [ArraySlice<UInt8>] {
        guard pieceBytes > 0 else { return [bytes[...]] }
        let count = max(pieceBytes, bytes.count / piecesMax)
        return stride(from: 0, to: bytes.count, by: count).map { bytes[$0..<min(bytes.count, $0 + count)] }
    }

    private static let piecesMax = 256

    private static func frame(_ much: Int, _ script: inout Script) -> [UInt8] {
        let payload = script.text(Int(script.byte()))
        return ClientFrame(opcodes[much & 7], payload, isFinal: much & 8 == 0).bytes
    }
}
