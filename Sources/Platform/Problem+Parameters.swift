import Sessions

extension Problem {
    /// A request whose parameters are at fault; nil where none is.
    init?(parameters errors: [FieldError]) {
        guard !errors.isEmpty else { return nil }
        let faults = errors.map { "\($0.field) \($0.message)" }.joined(separator: "; ")
        self.init(.badRequest, "The request cannot be served: \(faults).", errors: errors)
    }
}
