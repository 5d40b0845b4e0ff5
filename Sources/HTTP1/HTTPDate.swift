import Bytes

/// A moment as HTTP writes it, such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7): 29 bytes.
public struct HTTPDate: Sendable {
    /// The length of the text.
    public static let byteCount = 29

    private let text: InlineArray<29, UInt8>

    /// A moment by its seconds since 1970-01-01T00:00:00Z; before that, and after the year 9999, it is
    /// clamped.
    public init(unixSeconds: Int64) {
        var writer = ByteWriter(capacity: HTTPDate.byteCount)
        HTTPDate.write(min(max(unixSeconds, 0), 253_402_300_799), to: &writer)
        text = InlineArray { writer.unsafeBytes[$0] }
    }

    /// Appends the text.
    public func append(to output: inout ByteWriter) {
        output.append(text.span)
    }

    private static func write(_ unixSeconds: Int64, to output: inout ByteWriter) {
        let days = unixSeconds / 86_400
        let secondOfDay = Int(unixSeconds % 86_400)
        let (year, month, day) = HTTPDate.civil(daysSinceEpoch: days)
        // 1970-01-01 was a Thursday.
        HTTPDate.append(HTTPDate.dayNames, Int((days + 4) % 7), to: &output)
        output.append(", ")
        HTTPDate.appendTwoDigits(day, to: &output)
        output.append(ASCII.space)
        HTTPDate.append(HTTPDate.monthNames, month - 1, to: &output)
        output.append(ASCII.space)
        HTTPDate.appendTwoDigits(year / 100, to: &output)
        HTTPDate.appendTwoDigits(year % 100, to: &output)
        output.append(ASCII.space)
        HTTPDate.appendTwoDigits(secondOfDay / 3_600, to: &output)
        output.append(ASCII.colon)
        HTTPDate.appendTwoDigits(secondOfDay / 60 % 60, to: &output)
        output.append(ASCII.colon)
        HTTPDate.appendTwoDigits(secondOfDay % 60, to: &output)
        output.append(" GMT")
    }

    private static let dayNames: StaticString = "SunMonTueWedThuFriSat"
    private static let monthNames: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"

    private static func append(_ names: StaticString, _ index: Int, to output: inout ByteWriter) {
        output.append(UnsafeRawBufferPointer(start: names.utf8Start + 3 * index, count: 3))
    }

    private static func appendTwoDigits(_ value: Int, to output: inout ByteWriter) {
        output.append(ASCII.zero + UInt8(value / 10))
        output.append(ASCII.zero + UInt8(value % 10))
    }

    /// The Gregorian date of a day. Years are counted from March, so that the leap day comes last, in eras of
    /// 400 years, which are all of 146,097 days.
    private static func civil(daysSinceEpoch days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = Int(days) + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
