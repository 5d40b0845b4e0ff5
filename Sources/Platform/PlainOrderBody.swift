import Bytes
import Orders

/// An order's body as nearly every client writes it: both properties in this order, nothing escaped, all of
/// it ASCII, with or without blanks between.
///
/// It only ever says yes: to whatever is written otherwise, or wrong, ``OrderBody`` listens itself. So one
/// pass over the bytes is enough, a quarter of what reading any JSON takes.
struct PlainOrderBody {
    /// Where in the body the text stands that says what to buy: 1 to ``OrderStore/stocksBytesMax`` bytes.
    let stocks: Range<Int>
    /// How many, 1 to ``OrderStore/quantityMax``.
    let quantity: Int64

    /// Reads a body; nil where it is not as plain as that.
    @inline(__always)
    init?(_ text: Span<UInt8>) {
        var at = 0
        guard Self.take(0x7B, text, &at), Self.takeStocksName(text, &at), Self.take(ASCII.colon, text, &at),
            at < text.count, text[at] == ASCII.quote
        else { return nil }
        let start = at &+ 1
        guard let end = Self.endOfString(text, from: start), end > start,
            end &- start <= OrderStore.stocksBytesMax
        else { return nil }
        at = end &+ 1
        guard Self.take(0x2C, text, &at), Self.takeQuantityName(text, &at), Self.take(ASCII.colon, text, &at),
            let quantity = Self.takeQuantity(text, &at), Self.take(0x7D, text, &at), at == text.count
        else { return nil }
        stocks = start..<end
        self.quantity = quantity
    }

    /// Passes over blanks, a byte that has to come, and blanks.
    @inline(__always)
    private static func take(_ byte: UInt8, _ text: Span<UInt8>, _ at: inout Int) -> Bool {
        skipBlanks(text, &at)
        guard at < text.count, text[at] == byte else { return false }
        at &+= 1
        skipBlanks(text, &at)
        return true
    }

    /// Passes over blanks (RFC 8259 section 2).
    @inline(__always)
    private static func skipBlanks(_ text: Span<UInt8>, _ at: inout Int) {
        while at < text.count, text[at] <= ASCII.space {
            switch text[at] {
            case ASCII.space, ASCII.tab, ASCII.lineFeed, ASCII.carriageReturn: at &+= 1
            default: return
            }
        }
    }

    @inline(__always)
    private static func word<Word: FixedWidthInteger & BitwiseCopyable>(
        _ text: Span<UInt8>, _ at: Int, as type: Word.Type
    ) -> Word {
        Word(littleEndian: text.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: type))
    }

    /// `"stocks"` is one word.
    @inline(__always)
    private static func takeStocksName(_ text: Span<UInt8>, _ at: inout Int) -> Bool {
        guard at &+ 8 <= text.count, word(text, at, as: UInt64.self) == 0x2273_6B63_6F74_7322 else {
            return false
        }
        at &+= 8
        return true
    }

    /// `"quantity"` is a word and a half.
    @inline(__always)
    private static func takeQuantityName(_ text: Span<UInt8>, _ at: inout Int) -> Bool {
        guard at &+ 10 <= text.count, word(text, at, as: UInt64.self) == 0x7469_746E_6175_7122,
            word(text, at &+ 8, as: UInt16.self) == 0x2279
        else { return false }
        at &+= 10
        return true
    }

    /// Where the quote is that ends a string; nil where something else comes first that needs a closer look:
    /// an escape, a control byte, a byte that is not ASCII, or the end of the body's last whole words.
    @inline(__always)
    private static func endOfString(_ text: Span<UInt8>, from start: Int) -> Int? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs = ones &* 0x80
        var at = start
        while at &+ 8 <= text.count {
            let word = word(text, at, as: UInt64.self)
            let quotes = word ^ (ones &* UInt64(ASCII.quote))
            let backslashes = word ^ (ones &* UInt64(ASCII.backslash))
            // The lowest byte that is flagged is exact, and no other is looked at.
            let found =
                ((word &- ones &* 0x20) & ~word | (quotes &- ones) & ~quotes
                    | (backslashes &- ones) & ~backslashes | word) & highs
            guard found == 0 else {
                at &+= found.trailingZeroBitCount &>> 3
                return text[at] == ASCII.quote ? at : nil
            }
            at &+= 8
        }
        return nil
    }

    /// An integer that an order may have, without a sign, a zero in front, a fraction or an exponent: what
    /// follows has to be a blank or the object's end, which the caller looks at.
    @inline(__always)
    private static func takeQuantity(_ text: Span<UInt8>, _ at: inout Int) -> Int64? {
        let start = at
        var value: Int64 = 0
        while at < text.count, ASCII.isDigit(text[at]) {
            value = value &* 10 &+ Int64(text[at] &- ASCII.zero)
            at &+= 1
            // Sixteen digits have the largest quantity, and none of them can overflow.
            guard at &- start <= 16 else { return nil }
        }
        guard at > start, text[start] != ASCII.zero, value <= OrderStore.quantityMax else { return nil }
        return value
    }
}
