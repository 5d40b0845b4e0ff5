/// A response as a client reads it.
package struct Response: Equatable {
    /// One header field.
    package struct Field: Equatable {
        package let name: String
        package let value: String
    }

    /// The status; 0 where the response has not arrived whole, -1 where it is not one.
    package var status = 0
    /// The phrase behind the status, or what is wrong.
    package var reason = ""
    /// The header fields in their order.
    package var fields: [Field] = []
    /// The body, taken out of its chunks.
    package var body: [UInt8] = []
    /// The sizes of the body's chunks, the last of size 0 too; nil where there are none.
    package var chunkSizes: [Int]?

    /// A response that is not there yet.
    package init() {}

    /// The body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of the one field of a name; nil where there is none or more than one.
    package subscript(name: String) -> String? {
        let values = fields.filter { $0.name.lowercased() == name.lowercased() }
        return values.count == 1 ? values[0].value : nil
    }
}
