import HTTP1
import Testing

@Suite struct AuthorityTests {
    private static func isValid(_ text: String) -> Bool {
        ExactBytes.lend(Array(text.utf8)) { Authority.isValid($0) }
    }

    private static func hostEnd(_ text: String) -> Int? {
        ExactBytes.lend(Array(text.utf8)) { Authority.hostEnd($0) }
    }

    /// Each with the length of the host.
    @Test(
        arguments: [
            ("a", 1), ("a:", 1), ("a:8", 1), ("a:80", 1), ("a:65535", 1), ("a:00080", 1), ("localhost", 9),
            ("localhost:8000", 9), ("a.b.example.", 12), ("127.0.0.1", 9), ("127.0.0.1:8000", 9), ("1", 1),
            ("-", 1), ("_~!$&'()*+,;=%41.", 17), ("[::1]", 5), ("[::1]:", 5), ("[::1]:8000", 5), ("[::]", 4),
            ("[2001:DB8::abcd]", 16), ("[::ffff:127.0.0.1]:1", 18),
        ] as [(String, Int)])
    func takes(text: String, hostCount: Int) {
        #expect(Self.isValid(text))
        #expect(Self.hostEnd(text) == hostCount)
    }

    @Test(arguments: [
        "", ":", ":80", "a:b", "a:8b", "a:80:", "a:80:80", "a:-1", "a:+1", "a: 1", "a:1 ", "a:123456", " a",
        "a ",
        "u@a", "u:p@a", "a/", "a?", "a#", "a\\", "a\u{0}", "a\u{7F}", "\u{E9}", "::1", "[", "]", "[]", "[:",
        "[:]", "[1]",
        "[::1",
        "[::1]a", "[::1]80", "[::1]]", "[::1]:a", "[::1]:123456", "[g::1]", "[::1%25lo]", "[ ::1]", "[[::1]]",
        "a[::1]", "[u@::1]", "a]", "\"a\"", "<a>", "a|b", "{a}", "a^b", "a`b",
    ])
    func refuses(text: String) {
        #expect(!Self.isValid(text))
    }

    /// The end of a host is told whatever follows its colon; an empty host has one too.
    @Test(
        arguments: [
            ("", 0), (":80", 0), ("a:b", 1), ("a:80:80", 1), ("u:p@a", 1), ("a b", nil), ("u@a", nil),
            ("\u{E9}:80", nil), ("[::1", nil), ("[::1]a", nil), ("[]", nil), ("[x]", nil), ("[::1]:x", 5),
        ] as [(String, Int?)])
    func findsTheEndOfTheHost(text: String, end: Int?) {
        #expect(Self.hostEnd(text) == end)
    }
}
