import Bytes

/// The computed part of the opening handshake (RFC 6455 section 4.2).
public enum Handshake {
    /// The size of a client's key, in characters: 16 bytes in Base64.
    public static let keyBytes = 24
    /// The size of the server's answer to it, in characters: 20 bytes in Base64.
    public static let acceptKeyBytes = 28

    /// Whether a `Sec-WebSocket-Key` is one: Base64 of 16 bytes (RFC 6455 section 4.2.1), without white
    /// space.
    public static func isValidKey(_ key: Span<UInt8>) -> Bool {
        key.count == keyBytes && Base64.decodedCount(key) == 16
    }

    /// Appends the `Sec-WebSocket-Accept` for a key that is valid: the SHA-1 of the key and a fixed
    /// identifier, in Base64 (RFC 6455 section 4.2.2).
    public static func appendAcceptKey(for key: Span<UInt8>, to writer: inout ByteWriter) {
        precondition(isValidKey(key))
        let identifier: StaticString = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        var text = InlineArray<60, UInt8>(repeating: 0)
        precondition(keyBytes + identifier.utf8CodeUnitCount == text.count)
        for index in 0..<keyBytes { text[index] = key[index] }
        for index in 0..<identifier.utf8CodeUnitCount { text[keyBytes + index] = identifier.utf8Start[index] }
        let digest = SHA1.digest(text.span)
        Base64.append(digest.span, to: &writer)
    }
}
