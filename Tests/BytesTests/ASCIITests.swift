import Bytes
import Testing

@Suite struct ASCIITests {
    @Test func namesItsBytes() {
        let named = [
            ASCII.tab, ASCII.lineFeed, ASCII.carriageReturn, ASCII.space, ASCII.quote, ASCII.minus,
            ASCII.slash,
            ASCII.zero, ASCII.nine, ASCII.colon, ASCII.backslash,
        ]
        #expect(named == Array("\t\n\r \"-/09:\\".utf8))
    }

    @Test func knowsDigits() {
        let digits = Array("0123456789".utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(ASCII.isDigit(byte) == digits.contains(byte))
        }
    }

    @Test func knowsHexadecimalDigits() {
        let values = Dictionary(
            uniqueKeysWithValues: zip("0123456789abcdefABCDEF".utf8, Array(0...15) + Array(10...15)))
        for byte in UInt8.min...UInt8.max {
            #expect(ASCII.hexValue(byte).map(Int.init) == values[byte])
        }
    }

    @Test func lowersLetters() {
        let letters = Dictionary(
            uniqueKeysWithValues: zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8, "abcdefghijklmnopqrstuvwxyz".utf8))
        for byte in UInt8.min...UInt8.max {
            #expect(ASCII.lowercased(byte) == letters[byte] ?? byte)
        }
    }
}
