import Bytes
import HTTP1

/// An error's answer: problem details as JSON (RFC 9457).
public struct Problem {
    /// One fault of a request's content.
    public struct FieldError {
        /// The property that is at fault.
        public let field: String
        /// What is wrong with it, for a person.
        public let message: String

        /// A fault of a property.
        public init(field: String, message: String) {
            self.field = field
            self.message = message
        }
    }

    /// The status of the answer.
    public let status: Status
    /// A sentence for a person: what was wrong this time.
    public let detail: String
    /// All faults of the content, where it is the content that is at fault.
    public let errors: [FieldError]

    /// Further members, for programs: numbers that ``detail`` tells a person.
    public let numbers: [(name: StaticString, value: UInt64)]

    /// A problem with its sentence.
    public init(
        _ status: Status, _ detail: String, errors: [FieldError] = [],
        numbers: [(name: StaticString, value: UInt64)] = []
    ) {
        self.status = status
        self.detail = detail
        self.errors = errors
        self.numbers = numbers
    }

    /// A request that could not be read.
    public init(_ fault: HTTPFault) {
        var detail = "\(fault.reason)"
        if let limit = fault.limitBytes {
            detail += " At most \(limit) bytes are taken"
            detail += fault.givenBytes.map { "; there were \($0) or more." } ?? "."
        }
        self.init(fault.status, detail)
    }

    /// Appends the whole response; `fields` may add header fields, each with its line end.
    public func append(
        to output: inout ByteWriter, of host: SessionHost, persistence: Persistence, isHead: Bool,
        fields: (inout ByteWriter) -> Void = { _ in }
    ) {
        var body = ByteWriter(capacity: 256)
        appendJSON(to: &body)
        host.beginResponse(status, persistence, into: &output)
        fields(&output)
        output.endHead(contentType: "application/problem+json", contentLength: body.count)
        if !isHead { output.append(body.unsafeBytes) }
    }

    private func appendJSON(to body: inout ByteWriter) {
        // Its meaning is that of the status, for which the standard has this type (RFC 9457 section 4.2.1).
        body.append("{\"type\": \"about:blank\", \"title\": \"")
        body.append(status.reasonPhrase)
        body.append("\", \"status\": ")
        body.append(decimal: status.rawValue)
        body.append(", \"detail\": ")
        body.append(jsonString: detail)
        for (name, value) in numbers {
            body.append(", \"")
            body.append(name)
            body.append("\": ")
            body.append(decimal: value)
        }
        if !errors.isEmpty {
            body.append(", \"errors\": [")
            for (index, error) in errors.enumerated() {
                if index > 0 { body.append(", ") }
                body.append("{\"field\": ")
                body.append(jsonString: error.field)
                body.append(", \"message\": ")
                body.append(jsonString: error.message)
                body.append("}")
            }
            body.append("]")
        }
        body.append("}")
    }
}
