import HTTP1

/// Requests in a row: heads, and bodies by their length or in chunks.
///
/// The input is a byte of limits, two that say where to cut, and the stream. What is taken is the same
/// wherever the stream is cut, and says the same to a plain reader.
enum RequestTarget: FuzzTarget {
    static func take(_ input: [UInt8]) {
        var script = Script(input)
        let isSmall = script.byte() & 1 == 1
        let limits =
            isSmall
            ? HTTPLimits(
                requestLineBytesMax: 40, headBytesMax: 160, bodyBytesMax: 30, chunkExtensionBytesMax: 10,
                trailerBytesMax: 20)
            : HTTPLimits(bodyBytesMax: 65_536)
        var cuts = Cuts(&script)
        let stream = script.rest()
        var whole = RequestStream(limits: limits)
        whole.receive(stream[...])
        var cut = RequestStream(limits: limits)
        for piece in cuts.pieces(of: stream) { cut.receive(piece) }

        expect(whole.taken == cut.taken, "whole \(whole.taken); cut \(cut.taken)")
        compare(whole.fault, cut.fault, endsInLine: stream.last == 0x0A)
        for request in whole.taken {
            var plain = PlainRequest(request)
            if let fault = plain.fault() { broken("\(fault) in \(request)") }
        }
    }

    private static func compare(_ whole: HTTPFault?, _ cut: HTTPFault?, endsInLine: Bool) {
        guard let whole else {
            expect(cut == nil, "refused in pieces only: \(String(describing: cut))")
            return
        }
        guard let cut else {
            // A line is read again only when its end is there.
            expect(!endsInLine, "refused whole only: \(whole)")
            return
        }
        // In pieces a line can pass a limit before its fault is seen, and whole the other way round.
        let limited = [Status.requestHeaderFieldsTooLarge, .uriTooLong]
        if limited.contains(whole.status) || limited.contains(cut.status) { return }
        expect(
            whole.status == cut.status && "\(whole.reason)" == "\(cut.reason)", "whole \(whole); cut \(cut)")
    }
}
