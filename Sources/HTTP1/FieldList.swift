import Bytes

/// A field value that is a list with commas (RFC 9110 section 5.6.1).
enum FieldList {
    /// Calls `body` with each element that is not empty, without the blanks around it.
    static func forEach(in value: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
        var start = 0
        while start < value.count {
            var end = start
            while end < value.count, value[end] != 0x2C { end &+= 1 }
            var first = start
            var last = end
            while first < last, value[first] == ASCII.space || value[first] == ASCII.tab { first &+= 1 }
            while last > first, value[last &- 1] == ASCII.space || value[last &- 1] == ASCII.tab {
                last &-= 1
            }
            if first < last { body(value.extracting(first..<last)) }
            start = end &+ 1
        }
    }
}
