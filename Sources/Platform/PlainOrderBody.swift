import Bytes
import Orders

/// An order's body as nearly every client writes it: both properties in this order, nothing escaped, all of
/// it ASCII, and with no blanks (as JavaScript writes) or with one behind each colon and comma (as Python
/// does).
///
/// It only ever says yes: to whatever is written otherwise, or wrong, ``OrderBody`` listens itself. So where
/// everything stands follows from one blank and the length of one text, and a few words are compared: a tenth
/// of what reading any JSON takes.
struct PlainOrderBody {
    /// Where in the body the text stands that says what to buy: 1 to ``OrderStore/stocksBytesMax`` bytes,
    /// none of which a JSON string has to escape.
    let stocks: Range<Int>
    /// How many, 1 to ``OrderStore/quantityMax``.
    let quantity: Int64

    /// `{"stocks":"A","quantity":1}`
    private static let bytesMin = 27

    /// Reads a body; nil where it is not as plain as that.
    @inline(__always)
    init?(_ text: Span<UInt8>) {
        guard text.count >= Self.bytesMin,
            let (stocks, quantity) = text.withUnsafeBytes({ Self.read($0.baseAddress!, $0.count) })
        else { return nil }
        self.stocks = stocks
        self.quantity = quantity
    }

    /// Reads at least ``bytesMin`` bytes. By pointers, as each look at a span would ask for itself what is
    /// known of all: where the text ends, so much has to follow that nothing is read behind the body's end.
    @inline(__always)
    private static func read(_ body: UnsafeRawPointer, _ count: Int) -> (Range<Int>, Int64)? {
        guard word(body) == 0x736B_636F_7473_227B, half(body + 8) == 0x3A22 else { return nil }  // {"stocks":
        let hasBlanks = byte(body + 10) == ASCII.space
        let start = hasBlanks ? 12 : 11
        guard byte(body + (start &- 1)) == ASCII.quote, let end = endOfString(body, from: start, count),
            end > start, end &- start <= OrderStore.stocksBytesMax
        else { return nil }
        // Two words that overlap hold what comes next: ","quantity": or ", "quantity": with its blank.
        let number = end &+ (hasBlanks ? 15 : 13)
        guard number &+ 1 < count else { return nil }
        let (first, last) = (word(body + end), word(body + (number &- 8)))
        guard
            hasBlanks
                ? first == 0x6E61_7571_2220_2C22 && last == 0x203A_2279_7469_746E
                : first == 0x746E_6175_7122_2C22 && last == 0x3A22_7974_6974_6E61,
            byte(body + (count &- 1)) == 0x7D, let quantity = integer(body, number, count &- 1)
        else { return nil }
        return (start..<end, quantity)
    }

    @inline(__always)
    private static func byte(_ at: UnsafeRawPointer) -> UInt8 { at.load(as: UInt8.self) }

    @inline(__always)
    private static func half(_ at: UnsafeRawPointer) -> UInt16 {
        UInt16(littleEndian: at.loadUnaligned(as: UInt16.self))
    }

    @inline(__always)
    private static func word(_ at: UnsafeRawPointer) -> UInt64 {
        UInt64(littleEndian: at.loadUnaligned(as: UInt64.self))
    }

    /// Where the quote is that ends a string; nil where something else comes first that needs a closer look:
    /// an escape, a control byte, a byte that is not ASCII, or the end of the body's last whole words.
    @inline(__always)
    private static func endOfString(_ body: UnsafeRawPointer, from start: Int, _ count: Int) -> Int? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs = ones &* 0x80
        var at = start
        while at &+ 8 <= count {
            let word = word(body + at)
            let quotes = word ^ (ones &* UInt64(ASCII.quote))
            let backslashes = word ^ (ones &* UInt64(ASCII.backslash))
            // The lowest byte that is flagged is exact, and no other is looked at.
            let found =
                ((word &- ones &* 0x20) & ~word | (quotes &- ones) & ~quotes
                    | (backslashes &- ones) & ~backslashes | word) & highs
            guard found == 0 else {
                at &+= found.trailingZeroBitCount &>> 3
                return byte(body + at) == ASCII.quote ? at : nil
            }
            at &+= 8
        }
        return nil
    }

    /// The integer from `start` to `end`, one that an order may have: digits, and no zero in front.
    @inline(__always)
    private static func integer(_ body: UnsafeRawPointer, _ start: Int, _ end: Int) -> Int64? {
        // Sixteen digits have the largest quantity, and none of them can overflow.
        guard end &- start <= 16, byte(body + start) != ASCII.zero else { return nil }
        var value: Int64 = 0
        var at = start
        while at < end {
            let digit = byte(body + at) &- ASCII.zero
            guard digit <= 9 else { return nil }
            value = value &* 10 &+ Int64(digit)
            at &+= 1
        }
        return value <= OrderStore.quantityMax ? value : nil
    }
}
