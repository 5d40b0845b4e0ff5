/// A frame of the feed, read no further than the load generator needs.
struct EventFrame {
    /// Header and payload together.
    let byteCount: Int
    /// A text message.
    let isEvent: Bool
    let isPing: Bool
    /// The first number in the text, wherever the server's spacing puts it.
    let orderID: Int
    let isPending: Bool

    /// The frame at an offset; nil where it has not arrived whole.
    init?(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int) {
        guard bytes.count - offset >= 2 else { return nil }
        var length = Int(bytes[offset + 1] & 0x7F)
        var headerBytes = 2
        if length == 126 {
            guard bytes.count - offset >= 4 else { return nil }
            length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
            headerBytes = 4
        }
        byteCount = headerBytes + length
        guard bytes.count - offset >= byteCount else { return nil }
        let opcode = bytes[offset] & 0x0F
        isEvent = opcode == 1
        isPing = opcode == 9
        guard isEvent else {
            orderID = 0
            isPending = false
            return
        }
        let end = offset + byteCount
        var at = offset + headerBytes
        while at < end, bytes[at] &- 48 >= 10 { at += 1 }
        var id = 0
        while at < end, bytes[at] &- 48 < 10 {
            id = id * 10 + Int(bytes[at] &- 48)
            at += 1
        }
        orderID = id
        // The status ends in `"}`: the letter before tells PENDING from EXECUTED and CANCELLED.
        isPending = byteCount > headerBytes + 3 && bytes[end - 3] == 0x47
    }
}
