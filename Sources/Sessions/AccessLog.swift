import Bytes
import HTTP1

/// A line for each request, in the Combined Log Format, until a driver writes it somewhere.
///
/// It never grows without bound: lines collect in one buffer while the driver writes another, and are dropped
/// and counted where they no longer fit.
public final class AccessLog {
    /// What may wait to be written, in bytes; as much again may be being written.
    public static let waitingBytesMax = 1_048_576
    /// What is shown of a request line or field at most, in bytes.
    static let textBytesMax = 8_192

    /// Lines that were lost, because they did not fit or could not be written.
    public private(set) var droppedLines: UInt64 = 0
    /// Whether lines have been handed out to be written.
    public private(set) var isWriting = false

    private var waiting = ByteWriter()
    private var waitingLines: UInt64 = 0
    private var written = ByteWriter()
    private var writtenLines: UInt64 = 0
    /// Lines of answers that are still being given in parts, by their sessions.
    private var open: [ObjectIdentifier: OpenLine] = [:]
    private var line = ByteWriter()

    /// A line whose answer has not ended.
    private struct OpenLine {
        /// What stands before the status, and what behind the count of bytes.
        let start: [UInt8]
        let end: [UInt8]
        var measure: Measure
    }

    /// An empty log.
    public init() {}

    /// Whether nothing waits and nothing is being written.
    public var isIdle: Bool { waiting.isEmpty && !isWriting }

    // MARK: Writing

    /// Hands out what waits, to be written; nil where nothing does, or something is being written already.
    /// The bytes stay until ``endWriting(succeeded:)``.
    public func beginWriting() -> UnsafeRawBufferPointer? {
        guard !isWriting, !waiting.isEmpty else { return nil }
        isWriting = true
        swap(&waiting, &written)
        writtenLines = waitingLines
        waitingLines = 0
        return written.unsafeBytes
    }

    /// What was handed out has been written, or is lost.
    public func endWriting(succeeded: Bool) {
        precondition(isWriting)
        isWriting = false
        if !succeeded { droppedLines += writtenLines }
        written.reset(keeping: 65_536)
    }

    // MARK: Lines

    /// Who is answered, when, and what was asked: the request's head, or what there is of one.
    struct Answer {
        let peer: String
        let date: HTTPDate
        let head: UnsafeBufferPointer<UInt8>
    }

    /// What has been seen of an answer so far.
    private struct Measure {
        private(set) var status: Status?
        private(set) var bodyBytes = 0
        private var hasHead = false

        mutating func add(_ status: Status?, _ part: UnsafeRawBufferPointer) {
            if self.status == nil { self.status = status }
            guard !part.isEmpty else { return }
            bodyBytes += hasHead ? part.count : part.count - Measure.headBytes(of: part)
            hasHead = true
        }

        private static func headBytes(of answer: UnsafeRawBufferPointer) -> Int {
            var end = 4
            while end <= answer.count {
                if answer[end - 1] == ASCII.lineFeed, answer[end - 2] == ASCII.carriageReturn,
                    answer[end - 3] == ASCII.lineFeed
                {
                    return end
                }
                end += 1
            }
            return answer.count
        }
    }

    /// Appends the line of an answer, or begins it where parts are to follow.
    func begin(
        _ answer: Answer, status: Status?, part: UnsafeRawBufferPointer, isLast: Bool, for session: Session
    ) {
        var measure = Measure()
        measure.add(status, part)
        line.reset()
        appendStart(answer)
        if isLast {
            append(measure)
            appendEnd(answer)
            endLine()
            return
        }
        let start = Array(line.unsafeBytes)
        line.reset()
        appendEnd(answer)
        open[ObjectIdentifier(session)] = OpenLine(
            start: start, end: Array(line.unsafeBytes), measure: measure)
    }

    /// Adds a part to an answer; the last one, or the end of the session, completes the line.
    func goOn(for session: Session, status: Status?, part: UnsafeRawBufferPointer, isLast: Bool) {
        let key = ObjectIdentifier(session)
        guard var opened = open[key] else { return }
        opened.measure.add(status, part)
        guard isLast else {
            open[key] = opened
            return
        }
        open[key] = nil
        line.reset()
        opened.start.withUnsafeBytes { line.append($0) }
        append(opened.measure)
        opened.end.withUnsafeBytes { line.append($0) }
        endLine()
    }

    private func endLine() {
        line.append("\n")
        guard waiting.count + line.count <= AccessLog.waitingBytesMax else {
            droppedLines += 1
            return
        }
        waiting.append(line.unsafeBytes)
        waitingLines += 1
    }

    private func appendStart(_ answer: Answer) {
        var peer = answer.peer
        peer.withUTF8 { line.append(UnsafeRawBufferPointer($0)) }
        line.append(" - - [")
        appendDate(answer.date)
        line.append(" +0000] ")
        appendQuoted(AccessLog.requestLine(of: answer.head))
        line.append(ASCII.space)
    }

    private func append(_ measure: Measure) {
        // Tools want three digits where there was no answer as well.
        line.append(measure.status?.digits ?? "000")
        line.append(ASCII.space)
        if measure.bodyBytes > 0 {
            line.append(decimal: measure.bodyBytes)
        } else {
            line.append(ASCII.minus)
        }
    }

    /// Like `25/Nov/2026:15:53:02`, from `Wed, 25 Nov 2026 15:53:02 GMT`.
    private func appendDate(_ date: HTTPDate) {
        var text = ByteWriter(capacity: HTTPDate.byteCount)
        date.append(to: &text)
        func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: text.unsafeBytes[range])
        }
        line.append(part(5..<7))
        line.append(ASCII.slash)
        line.append(part(8..<11))
        line.append(ASCII.slash)
        line.append(part(12..<16))
        line.append(ASCII.colon)
        line.append(part(17..<25))
    }

    private func appendEnd(_ answer: Answer) {
        line.append(ASCII.space)
        appendQuoted(AccessLog.field("referer:", of: answer.head))
        line.append(ASCII.space)
        appendQuoted(AccessLog.field("user-agent:", of: answer.head))
    }

    /// Appends a text between quotes: nothing in it can end the quotes or the line, or speak to a terminal.
    private func appendQuoted(_ text: Slice<UnsafeBufferPointer<UInt8>>) {
        line.append(ASCII.quote)
        if text.isEmpty { line.append(ASCII.minus) }
        for byte in text.prefix(AccessLog.textBytesMax) {
            if byte >= 0x20, byte < 0x7F, byte != ASCII.quote, byte != ASCII.backslash {
                line.append(byte)
            } else {
                line.append("\\x")
                for digit in [byte >> 4, byte & 0xF] {
                    line.append(digit < 10 ? ASCII.zero + digit : 0x37 + digit)
                }
            }
        }
        line.append(ASCII.quote)
    }

    private static func requestLine(
        of head: UnsafeBufferPointer<UInt8>
    ) -> Slice<UnsafeBufferPointer<UInt8>> {
        head[...].drop(while: isLineEnd).prefix { !isLineEnd($0) }
    }

    /// The value of a field by its name in lower case, with its colon; empty where there is none.
    private static func field(
        _ name: StaticString, of head: UnsafeBufferPointer<UInt8>
    ) -> Slice<UnsafeBufferPointer<UInt8>> {
        var rest = head[...].drop(while: isLineEnd)
        while true {
            rest = rest.drop { !isLineEnd($0) }.drop(while: isLineEnd)
            let line = rest.prefix { !isLineEnd($0) }
            guard line.count >= name.utf8CodeUnitCount else {
                if line.isEmpty { return line }
                continue
            }
            let start = UnsafeBufferPointer(rebasing: line.prefix(name.utf8CodeUnitCount)).span
            guard start.equalsLowercase(name) else { continue }
            let value = line.dropFirst(name.utf8CodeUnitCount).drop(while: isBlank)
            return value[..<(value.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? value.startIndex)]
        }
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool {
        byte == ASCII.carriageReturn || byte == ASCII.lineFeed
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == ASCII.space || byte == ASCII.tab }
}
