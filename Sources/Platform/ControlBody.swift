import Bytes
import Sessions
import WebSocket

/// The content of a control request: a JSON object of numbers, `true` and `false`, read strictly.
struct ControlBody {
    /// What a member may be.
    enum Value {
        case number(Double)
        case boolean(Bool)
    }

    /// The members, in their order.
    private(set) var members: [(name: String, value: Value)] = []
    private(set) var errors: [Problem.FieldError] = []

    /// Reads a body; answers what is wrong with it as JSON, or nil. An empty one is one without members.
    mutating func read(_ text: Span<UInt8>) -> Problem? {
        guard text.count > 0 else { return nil }
        var validator = UTF8Validator()
        guard validator.validate(text), validator.isComplete else {
            return Problem(.badRequest, "The body is not JSON: it is not UTF-8.")
        }
        var reader = JSONReader()
        do throws(JSONReader.SyntaxError) {
            reader.skipBlanks(text)
            guard try reader.kind(text) == .object else {
                return Problem(.badRequest, "The body has to be a JSON object.")
            }
            try reader.skipMembers(text, open: 0x7B, close: 0x7D) { reader throws(JSONReader.SyntaxError) in
                try readMember(text, &reader)
            }
            reader.skipBlanks(text)
            guard reader.offset == text.count else { throw JSONReader.SyntaxError(offset: reader.offset) }
        } catch {
            return Problem(.badRequest, "The body is not JSON: it goes wrong at byte \(error.offset).")
        }
        return nil
    }

    private mutating func readMember(
        _ text: Span<UInt8>, _ reader: inout JSONReader
    ) throws(JSONReader.SyntaxError) {
        var name = DecodedText()
        guard try reader.kind(text) == .string else { throw JSONReader.SyntaxError(offset: reader.offset) }
        try reader.readString(text, into: &name)
        reader.skipBlanks(text)
        try reader.require(ASCII.colon, text)
        reader.skipBlanks(text)
        let start = reader.offset
        let kind = try reader.kind(text)
        try reader.skipValue(text, depth: 1)
        let literal = text.extracting(start..<reader.offset).withUnsafeBufferPointer {
            String(decoding: $0, as: UTF8.self)
        }
        let isTwice = members.contains { $0.name == name.description }
        switch (kind, Double(literal)) {
        case _ where isTwice:
            refuse(name.description, "is there twice")
        case (.number, let number?):
            members.append((name.description, .number(number)))
        case (.boolean, _):
            members.append((name.description, .boolean(literal == "true")))
        default:
            refuse(name.description, "must be a number, true or false")
        }
    }

    /// Notes that a member is at fault.
    mutating func refuse(_ name: String, _ message: String) {
        guard errors.count < OrderBody.errorsMax else { return }
        errors.append(.init(field: name, message: message))
    }

    /// A number in a range, which has to be whole where `isWhole` says so; nil, and noted, where it is not.
    mutating func number(
        _ name: String, _ value: Value, in range: ClosedRange<Double>, isWhole: Bool = false
    ) -> Double? {
        guard case .number(let number) = value, range.contains(number),
            !isWhole || number == number.rounded()
        else {
            let kind = isWhole ? "a whole number" : "a number"
            refuse(
                name,
                "must be \(kind) from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))")
            return nil
        }
        return number
    }

    /// A number as a person writes it.
    static func text(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
    }
}
