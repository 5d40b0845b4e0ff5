import Redis
import Testing

/// Where a Redis is.
@Suite struct RedisAddressTests {
    @Test(arguments: [
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("redis://", "redis://127.0.0.1:6379/0"),
        ("redis://desk", "redis://desk:6379/0"),
        ("redis://desk:7000", "redis://desk:7000/0"),
        ("redis://desk/", "redis://desk:6379/0"),
        ("redis://:7000/3", "redis://127.0.0.1:7000/3"),
        ("redis://[::1]:7000/3", "redis://[::1]:7000/3"),
        ("redis://[::1]", "redis://[::1]:6379/0"),
        ("redis://trader:secret@desk", "redis://desk:6379/0"),
    ])
    func itIsReadAndShownWithoutItsPassword(text: String, shown: String) throws {
        #expect(try RedisAddress(text).shown == shown)
    }

    @Test(
        arguments: [
            ("redis://:secret@desk", nil, "secret"), ("redis://trader:secret@desk", "trader", "secret"),
            ("redis://trader:a%40b%3Ac@desk", "trader", "a@b:c"),
            ("redis://trader:a@b@desk", "trader", "a@b"),
            ("redis://desk", nil, nil),
        ] as [(String, String?, String?)])
    func whoMayComeInIsRead(text: String, user: String?, password: String?) throws {
        let address = try RedisAddress(text)
        #expect(address.user == user && address.password == password)
        #expect(address.host == "desk")
    }

    @Test(arguments: [
        ("", "must be like"), ("127.0.0.1:6379", "must be like"), ("http://desk", "must be like"),
        ("rediss://desk", "does not speak TLS"), ("redis://desk:0", "'0' is not a port"),
        ("redis://desk:65536", "'65536' is not a port"), ("redis://desk:x", "'x' is not a port"),
        ("redis://desk/x", "'x' is not the number"), ("redis://desk/-1", "'-1' is not the number"),
        ("redis://desk/0?a=b", "without a '?'"), ("redis://:pa/ss@desk", "%2F"),
        ("redis://h:+1", "not a port"),
        ("redis://h/+1", "not the number"), ("redis://[::1:6379", "must be like"),
        ("redis://:pa#ss@h", "%23"), ("redis://desk/0/1", "'0/1' is not the number"),
        ("redis://secret@desk", "a colon between"), ("redis://t:%4@desk", "a colon between"),
        ("redis://t:%zz@desk", "a colon between"), ("redis://a b", "must be like"),
        ("redis://[::1]x", "must be like"),
    ])
    func whatIsNoAddressIsRefusedWithWords(text: String, words: String) {
        #expect {
            try RedisAddress(text)
        } throws: { error in
            "\(error)".contains(words)
        }
    }
}
