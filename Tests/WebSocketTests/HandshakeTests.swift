import Bytes
import Testing
import WebSocket

@Suite struct HandshakeTests {
    private static func acceptKey(for key: String) -> String {
        var writer = ByteWriter()
        Handshake.appendAcceptKey(for: Array(key.utf8).span, to: &writer)
        return writer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    private static func isValidKey(_ key: String) -> Bool { Handshake.isValidKey(Array(key.utf8).span) }

    /// RFC 6455 section 1.3; the second was computed with another implementation.
    @Test(arguments: [
        ("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ("x3JJHMbDL1EzLkh9GBhXDw==", "HSmrc0sMlYUkAGmm5OPpG2HaGWk="),
    ])
    func answersKeys(key: String, accept: String) {
        #expect(Self.acceptKey(for: key) == accept)
        #expect(accept.utf8.count == Handshake.acceptKeyBytes)
    }

    @Test(arguments: [
        "dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA==", "//////////////////////==",
        "+/+/+/+/+/+/+/+/+/+/+w==", "abcdefghijklmnopqrstuv==",
    ])
    func takesKeys(key: String) {
        #expect(Self.isValidKey(key))
    }

    @Test(arguments: [
        "", "=", "short", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===",
        "dGhlIHNhbXBsZSBub25jZQ== ", " dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQAA",
        "dGhlIHNhbXBsZSBub25jZQA=", "dGhlIHNhbXBsZSBub25jZ===", "dGhlIHNhbXBsZSBub25j\u{7F}Q==",
        "dGhlIHNhbXBsZSBub25j-Q==", "dGhlIHNhbXBsZSBub25j_Q==", "dGhlIHNhbXBs=SBub25jZQ==",
        "dGhlIHNhbXBsZSBub25jZQ=A", "dGhlIHNhbXBsZSBub25jZQ==AAAA", "dGhlIHNhbXBsZQ==", "éééééééééééé",
    ])
    func refusesKeys(key: String) {
        #expect(!Self.isValidKey(key))
    }
}
