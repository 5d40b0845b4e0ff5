/// The bytes that the protocols name, by the names that their standards use.
public enum ASCII {
    /// HTAB, 0x09.
    public static let tab: UInt8 = 0x09
    /// LF, 0x0A.
    public static let lineFeed: UInt8 = 0x0A
    /// CR, 0x0D.
    public static let carriageReturn: UInt8 = 0x0D
    /// SP, 0x20.
    public static let space: UInt8 = 0x20
    /// `"`.
    public static let quote: UInt8 = 0x22
    /// `-`.
    public static let minus: UInt8 = 0x2D
    /// `/`.
    public static let slash: UInt8 = 0x2F
    /// `0`.
    public static let zero: UInt8 = 0x30
    /// `9`.
    public static let nine: UInt8 = 0x39
    /// `:`.
    public static let colon: UInt8 = 0x3A
    /// `\`.
    public static let backslash: UInt8 = 0x5C

    /// Whether a byte is one of `0` to `9`.
    @inlinable @inline(__always)
    public static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }

    /// The value of a hexadecimal digit of either case, or nil.
    @inlinable
    public static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte &- 0x30
        case 0x41...0x46: byte &- 0x37
        case 0x61...0x66: byte &- 0x57
        default: nil
        }
    }

    /// The lower case of a letter `A` to `Z`; every other byte as it is.
    @inlinable @inline(__always)
    public static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }
}
