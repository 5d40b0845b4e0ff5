import HTTP1

/// A request read the plain way, by splitting its lines: what the server took has to say the same to any
/// other reader, or one of them could be smuggled past by what the other sees (RFC 9112 section 11.2).
struct PlainRequest {
    private let request: TakenRequest
    private var fields: [(name: String, value: String)] = []

    init(_ request: TakenRequest) { self.request = request }

    /// Answers what two readers could disagree about; nil where all is well.
    mutating func fault() -> String? {
        var lines = PlainRequest.lines(of: request.headBytes)
        while lines.first == "" { lines.removeFirst() }
        guard lines.count >= 3, lines.suffix(2) == ["", ""] else { return "no empty line at its end" }
        let requestLine = lines.removeFirst()
        for line in lines.dropLast(2) {
            guard let colon = line.firstIndex(of: ":") else { return "no colon: \(line)" }
            let name = line[..<colon]
            guard !name.isEmpty, name.unicodeScalars.allSatisfy(PlainRequest.isToken) else {
                return "no field name: \(line)"
            }
            fields.append((name.lowercased(), PlainRequest.trimmed(line[line.index(after: colon)...])))
        }
        return requestLineFault(requestLine) ?? fieldsFault() ?? framingFault()
    }

    private func requestLineFault(_ line: String) -> String? {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty,
            parts[0].unicodeScalars.allSatisfy(PlainRequest.isToken)
        else { return "no request line: \(line)" }
        let methods = ["GET", "HEAD", "POST", "DELETE", "OPTIONS"]
        let method = methods.firstIndex(of: parts[0]).map { Method(rawValue: UInt8($0))! } ?? .other
        guard method == request.method else { return "\(request.method) is \(parts[0])" }
        guard parts[2] == "HTTP/1.\(request.minorVersion)" else { return "version \(parts[2])" }
        guard parts[1].hasPrefix("/") else { return nil }
        let halves = parts[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard text(0) == halves[0], text(1) == (halves.count > 1 ? halves[1] : "") else {
            return "\(parts[1]) is \(text(0)) and \(text(1))"
        }
        return nil
    }

    private func fieldsFault() -> String? {
        let hosts = values("host")
        guard hosts.count <= 1, request.minorVersion == 0 || hosts.count == 1 else { return "hosts \(hosts)" }
        for (name, index) in [("origin", 3), ("sec-websocket-key", 4), ("sec-websocket-version", 5)]
        where values(name) != [text(index)] && !(values(name).isEmpty && text(index) == "") {
            return "\(name) \(values(name)) is \(text(index))"
        }
        let connection = values("connection").flatMap { $0.split(separator: ",") }.map { element in
            PlainRequest.trimmed(element).lowercased()
        }
        let closes = connection.contains("close")
        let persists = !closes && (request.minorVersion >= 1 || connection.contains("keep-alive"))
        guard persists == request.persists else { return "connection \(connection)" }
        return nil
    }

    private func framingFault() -> String? {
        let lengths = values("content-length")
        let codings = values("transfer-encoding")
        switch request.framing {
        case .none:
            guard codings.isEmpty, lengths.isEmpty || lengths.count == 1 && Int(lengths[0]) == 0 else {
                return "a body is passed over"
            }
        case .length(let length):
            guard codings.isEmpty, lengths.count == 1, Int(lengths[0]) == length,
                request.body.count == length
            else { return "\(lengths) is \(length)" }
        case .chunked:
            guard lengths.isEmpty, codings.map({ $0.lowercased() }) == ["chunked"] else {
                return "codings \(codings)"
            }
            guard chunks() == request.body else { return "the chunks are something else" }
        }
        return nil
    }

    /// The body out of its chunks, which have to be all that there is.
    private func chunks() -> [UInt8]? {
        var body: [UInt8] = []
        var rest = request.framedBody[...]
        func line() -> String? {
            guard let end = rest.firstIndex(of: 0x0A), end > rest.startIndex, rest[end - 1] == 0x0D else {
                return nil
            }
            defer { rest = rest[(end + 1)...] }
            return String(decoding: rest[rest.startIndex..<end - 1], as: UTF8.self)
        }
        while let head = line() {
            guard let size = Int(head.prefix { $0.isHexDigit }, radix: 16) else { return nil }
            if size == 0 { break }
            body += rest.prefix(size)
            rest = rest.dropFirst(size)
            guard line() == "" else { return nil }
        }
        while let trailer = line(), trailer != "" {}
        return rest.isEmpty ? body : nil
    }

    private func text(_ index: Int) -> String { PlainRequest.latin1(request.texts[index]) }

    private func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// One scalar for each byte, so that nothing is lost.
    private static func latin1(_ bytes: [UInt8]) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: bytes.lazy.map { Unicode.Scalar($0) })
        return text
    }

    private static func lines(of bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        var line: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A {
                lines.append(latin1(line))
                line = []
                index += 2
            } else {
                line.append(bytes[index])
                index += 1
            }
        }
        return lines + [latin1(line)]
    }

    private static func trimmed(_ text: Substring) -> String {
        let value = text.drop(while: isBlank)
        let end = value.lastIndex { !isBlank($0) }.map(value.index(after:))
        return String(value[..<(end ?? value.startIndex)])
    }

    private static func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }

    private static func isToken(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "0"..."9", "A"..."Z", "a"..."z": true
        default: "!#$%&'*+-.^_`|~".unicodeScalars.contains(scalar)
        }
    }
}
