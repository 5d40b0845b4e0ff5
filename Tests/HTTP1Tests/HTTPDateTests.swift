import Bytes
import HTTP1
import Testing

@Suite struct HTTPDateTests {
    private static func text(_ unixSeconds: Int64) -> String {
        var writer = ByteWriter()
        HTTPDate(unixSeconds: unixSeconds).append(to: &writer)
        return writer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        arguments: [
            // The example of RFC 9110 section 5.6.7.
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (1, "Thu, 01 Jan 1970 00:00:01 GMT"),
            (59, "Thu, 01 Jan 1970 00:00:59 GMT"),
            (3_599, "Thu, 01 Jan 1970 00:59:59 GMT"),
            (86_399, "Thu, 01 Jan 1970 23:59:59 GMT"),
            (86_400, "Fri, 02 Jan 1970 00:00:00 GMT"),
            (68_169_599, "Mon, 28 Feb 1972 23:59:59 GMT"),
            (68_169_600, "Tue, 29 Feb 1972 00:00:00 GMT"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
            (946_684_799, "Fri, 31 Dec 1999 23:59:59 GMT"),
            (946_684_800, "Sat, 01 Jan 2000 00:00:00 GMT"),
            (1_000_000_000, "Sun, 09 Sep 2001 01:46:40 GMT"),
            (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
            (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
            (1_709_251_200, "Fri, 01 Mar 2024 00:00:00 GMT"),
            (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
            (1_735_689_600, "Wed, 01 Jan 2025 00:00:00 GMT"),
            (2_147_483_647, "Tue, 19 Jan 2038 03:14:07 GMT"),
            (2_147_483_648, "Tue, 19 Jan 2038 03:14:08 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
            // Clamped to what four digits of a year can say.
            (253_402_300_800, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (.max, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (-1, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (.min, "Thu, 01 Jan 1970 00:00:00 GMT"),
        ] as [(Int64, String)])
    func writes(unixSeconds: Int64, text: String) {
        #expect(Self.text(unixSeconds) == text)
        #expect(text.utf8.count == HTTPDate.byteCount)
    }

    /// A calendar that knows no more than how long months are, turned day by day.
    @Test func equalsACalendarTurnedByHand() {
        let dayNames = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let monthNames = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        var random = SeededGenerator(seed: 1_994)
        let centuries = (0..<400).map { _ in Int.random(in: 0...200_000, using: &random) }
        let millennia = (0..<200).map { _ in Int.random(in: 0...2_932_896, using: &random) }
        // All days of the first years, and around each leap day that is left out up to 2500.
        let wanted = Set(centuries + millennia + Array(0...1_500) + Array(47_500...47_600))
        let last = wanted.max()!

        var year = 1970
        var month = 0
        var day = 1
        var lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        for number in 0...last {
            if wanted.contains(number) {
                let second = Int.random(in: 0..<86_400, using: &random)
                let time =
                    "\(twoDigits(second / 3_600)):\(twoDigits(second % 3_600 / 60)):\(twoDigits(second % 60))"
                let expected =
                    "\(dayNames[number % 7]), \(twoDigits(day)) \(monthNames[month]) \(year) \(time) GMT"
                let found = Self.text(Int64(number) * 86_400 + Int64(second))
                if found != expected { Issue.record("\(found), expected \(expected)") }
            }
            day += 1
            guard day > lengths[month] else { continue }
            day = 1
            month += 1
            guard month == 12 else { continue }
            month = 0
            year += 1
            lengths[1] = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        }
        #expect(year > 9_000)
    }
}
