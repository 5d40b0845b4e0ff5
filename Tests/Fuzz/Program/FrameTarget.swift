import WebSocket

/// A WebSocket client's frames.
///
/// The input is a byte of limits, two that say where to cut, and the stream. It amounts to the same wherever
/// it is cut, and to what a plain reader makes of it.
enum FrameTarget: FuzzTarget {
    static func take(_ input: [UInt8]) {
        var script = Script(input)
        let isSmall = script.byte() & 1 == 1
        let limits = WebSocketLimits(messageBytesMax: isSmall ? 40 : 70_000, fragmentsMax: isSmall ? 3 : 100)
        var cuts = Cuts(&script)
        let stream = script.rest()
        var whole = FrameStream(limits: limits)
        whole.receive(stream[...])
        var cut = FrameStream(limits: limits)
        for piece in cuts.pieces(of: stream) { cut.receive(piece) }
        let plain = PlainFrames(
            stream, messageBytesMax: limits.messageBytesMax, fragmentsMax: limits.fragmentsMax)

        expect(whole.received == cut.received, "whole \(whole.received); cut \(cut.received)")
        expect(whole.received == plain.received, "state \(whole.received); plain \(plain.received)")
    }
}
