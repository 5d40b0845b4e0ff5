import Bytes
import HTTP1
import Orders
import Sessions
import WebSocket

/// The content of `POST /orders`: `{"stocks": string, "quantity": integer}`, read strictly, with all of its
/// faults found at once.
package struct OrderBody {
    /// The faults that one answer lists at most: a body has room for thousands.
    static let errorsMax = 32

    /// What to buy, 1 to 64 bytes of UTF-8 where there is no problem, unless ``plainStocks`` has it.
    private var decodedStocks = DecodedText()
    /// Where in the body it stands to the byte, as it does where nothing is escaped. A copy would cost more
    /// than all the rest of reading: the processor waits for what was just written byte by byte.
    private var plainStocks: Range<Int>?
    /// How many, 1 to 9,007,199,254,740,991 where there is no problem.
    private(set) var quantity: Int64 = 0

    private var hasStocks = false
    private var hasQuantity = false
    private var errors: [Problem.FieldError] = []
    private var faultCount = 0

    /// A body that has not been read.
    package init() {}

    /// Reads a body. Answers what is wrong with it, or nil.
    package mutating func read(_ text: Span<UInt8>) -> Problem? {
        if let plain = PlainOrderBody(text) {
            plainStocks = plain.stocks
            quantity = plain.quantity
            return nil
        }
        return readAny(text)
    }

    /// Reads a body, however it is written. Answers what is wrong with it, or nil.
    mutating func readAny(_ text: Span<UInt8>) -> Problem? {
        guard text.count > 0 else {
            return Problem(.badRequest, "The body is empty; it has to be an order as a JSON object.")
        }
        var validator = UTF8Validator()
        guard validator.validate(text), validator.isComplete else {
            return Problem(.badRequest, "The body is not JSON: it is not UTF-8.")
        }
        do throws(JSONReader.SyntaxError) {
            guard try readObject(text) else {
                return Problem(.badRequest, "The body is JSON, but not an object.")
            }
        } catch {
            return Problem(
                .badRequest,
                error.isTooDeep
                    ? "The body is nested deeper than \(JSONReader.depthMax) levels at byte \(error.offset)."
                    : "The body is not JSON: it goes wrong at byte \(error.offset).")
        }
        if !hasStocks { add("stocks", "is missing") }
        if !hasQuantity { add("quantity", "is missing") }
        return faultCount == 0 ? nil : problem
    }

    /// What to buy, of a body that was read without a problem: 1 to 64 bytes of UTF-8.
    func withStocks<Result>(of text: Span<UInt8>, _ body: (Span<UInt8>) -> Result) -> Result {
        if let plainStocks { return body(text.extracting(plainStocks)) }
        return body(decodedStocks.bytes.span.extracting(0..<decodedStocks.keptCount))
    }

    /// Answers whether the text, which is JSON, is an object.
    private mutating func readObject(_ text: Span<UInt8>) throws(JSONReader.SyntaxError) -> Bool {
        var reader = JSONReader()
        reader.skipBlanks(text)
        let isObject = try reader.kind(text) == .object
        if isObject {
            try reader.skipMembers(text, open: 0x7B, close: 0x7D) { reader throws(JSONReader.SyntaxError) in
                try readMember(text, &reader)
            }
        } else {
            try reader.skipValue(text)
        }
        reader.skipBlanks(text)
        guard reader.offset == text.count else { throw JSONReader.SyntaxError(offset: reader.offset) }
        return isObject
    }

    private mutating func readMember(
        _ text: Span<UInt8>, _ reader: inout JSONReader
    ) throws(JSONReader.SyntaxError) {
        let property = try Property(text, &reader)
        reader.skipBlanks(text)
        try reader.require(ASCII.colon, text)
        reader.skipBlanks(text)
        switch property {
        case .stocks where !hasStocks:
            hasStocks = true
            try readStocks(text, &reader)
        case .quantity where !hasQuantity:
            hasQuantity = true
            try readQuantity(text, &reader)
        case .stocks:
            add("stocks", "is there twice")
            try reader.skipValue(text, depth: 1)
        case .quantity:
            add("quantity", "is there twice")
            try reader.skipValue(text, depth: 1)
        case .unknown(let name):
            add(name, "is not a property of an order")
            try reader.skipValue(text, depth: 1)
        }
    }

    /// A member's name.
    private enum Property {
        case stocks, quantity
        case unknown(String)

        init(_ text: Span<UInt8>, _ reader: inout JSONReader) throws(JSONReader.SyntaxError) {
            // As nearly everybody writes them; with escapes they are the same names.
            if reader.take("\"stocks\"", text) {
                self = .stocks
            } else if reader.take("\"quantity\"", text) {
                self = .quantity
            } else {
                var name = DecodedText()
                try reader.readString(text, into: &name)
                self =
                    name.equals("stocks")
                    ? .stocks : name.equals("quantity") ? .quantity : .unknown(name.description)
            }
        }
    }

    private mutating func readStocks(
        _ text: Span<UInt8>, _ reader: inout JSONReader
    ) throws(JSONReader.SyntaxError) {
        let kind = try reader.kind(text)
        guard kind == .string else {
            add("stocks", "must be a string, not \(OrderBody.name(of: kind))")
            return try reader.skipValue(text, depth: 1)
        }
        if let plain = reader.takePlainString(text) {
            plainStocks = plain
            return checkStocks(byteCount: plain.count)
        }
        try reader.readString(text, into: &decodedStocks)
        if decodedStocks.hasLoneSurrogate {
            add("stocks", "holds half of a surrogate pair, which is no text")
        } else {
            checkStocks(byteCount: decodedStocks.byteCount)
        }
    }

    private mutating func checkStocks(byteCount: Int) {
        if byteCount == 0 {
            add("stocks", "must not be empty")
        } else if byteCount > OrderStore.stocksBytesMax {
            add("stocks", "must have at most \(OrderStore.stocksBytesMax) bytes of UTF-8, not \(byteCount)")
        }
    }

    private mutating func readQuantity(
        _ text: Span<UInt8>, _ reader: inout JSONReader
    ) throws(JSONReader.SyntaxError) {
        let kind = try reader.kind(text)
        guard kind == .number else {
            add("quantity", "must be an integer, not \(OrderBody.name(of: kind))")
            return try reader.skipValue(text, depth: 1)
        }
        let start = reader.offset
        switch try reader.readNumber(text) {
        case .integer(let value?) where value >= 1 && value <= OrderStore.quantityMax:
            quantity = value
        case .integer:
            let literal = text.extracting(start..<reader.offset).withUnsafeBufferPointer { bytes in
                String(decoding: bytes.prefix(32), as: UTF8.self) + (bytes.count > 32 ? "…" : "")
            }
            add("quantity", "must be from 1 to \(OrderStore.quantityMax), not \(literal)")
        case .other:
            add("quantity", "must be an integer, without a fraction or an exponent")
        }
    }

    private static func name(of kind: JSONReader.Kind) -> String {
        switch kind {
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .number: "a number"
        case .boolean: "a boolean"
        case .null: "null"
        }
    }

    private mutating func add(_ field: String, _ message: String) {
        faultCount += 1
        if errors.count < Self.errorsMax { errors.append(.init(field: field, message: message)) }
    }

    private var problem: Problem {
        let first = errors.prefix(3).map { "\($0.field) \($0.message)" }.joined(separator: "; ")
        let detail =
            switch faultCount {
            case 1: "The order has a fault: \(first)."
            case ...3: "The order has \(faultCount) faults: \(first)."
            case ...Self.errorsMax: "The order has \(faultCount) faults, among them: \(first)."
            default:
                "The order has \(faultCount) faults, of which \(Self.errorsMax) are listed, among them: \(first)."
            }
        return Problem(.badRequest, detail, errors: errors)
    }
}
