import Bytes
import Testing

@Suite struct SpanLiteralTests {
    /// (The macros cannot take a span.)
    private static func equals(_ bytes: some Collection<UInt8>, _ literal: StaticString) -> Bool {
        Array(bytes).span.equals(literal)
    }

    private static func equalsLowercase(_ bytes: some Collection<UInt8>, _ literal: StaticString) -> Bool {
        Array(bytes).span.equalsLowercase(literal)
    }

    @Test func comparesBytes() {
        #expect(Self.equals("".utf8, ""))
        #expect(Self.equals("GET".utf8, "GET"))
        #expect(Self.equals("\u{E9}\u{0}".utf8, "\u{E9}\u{0}"))
        for other in ["", "G", "GE", "GETS", "get", "GEt", "HET", "GES", " GET", "GET "] {
            #expect(!Self.equals(other.utf8, "GET"))
        }
        #expect(!Self.equals("a".utf8, ""))
    }

    @Test func comparesWhateverTheCase() {
        #expect(Self.equalsLowercase("".utf8, ""))
        for same in ["host-1", "Host-1", "HOST-1", "hOsT-1"] {
            #expect(Self.equalsLowercase(same.utf8, "host-1"))
        }
        for other in ["", "host", "host-", "host-11", "host-2", "Xost-1", "host\u{D}1", "host_1"] {
            #expect(!Self.equalsLowercase(other.utf8, "host-1"))
        }
    }

    /// Only letters have a case: the bytes 32 below or above others are not theirs.
    @Test func foldsLettersOnly() {
        for byte in UInt8.min...UInt8.max {
            let isK = byte == 0x4B || byte == 0x6B
            #expect(Self.equalsLowercase([byte], "k") == isK)
            #expect(Self.equalsLowercase([byte], "{") == (byte == 0x7B))
            #expect(Self.equalsLowercase([byte], "`") == (byte == 0x60))
            #expect(Self.equalsLowercase([byte], "-") == (byte == 0x2D))
        }
        // The Kelvin sign is no letter of ASCII.
        #expect(!Self.equalsLowercase("\u{212A}".utf8, "k"))
    }

    @Test func comparesAPart() {
        let bytes = Array("Connection: close".utf8)
        #expect(Self.equalsLowercase(bytes[0..<10], "connection"))
        #expect(Self.equals(bytes[12...], "close"))
    }

    private static func isToken(_ bytes: some Collection<UInt8>, _ literal: StaticString) -> Bool {
        Array(bytes).span.isToken(literal)
    }

    private static let tokens: [StaticString] = [
        "host", "hosts", "accept", "upgrade", "upgrades", "connection", "content-length", "sec-websocket-key",
    ]

    @Test(arguments: tokens.indices)
    func aTokenIsComparedWhateverItsCase(index: Int) {
        let token = Self.tokens[index]
        let name = "\(token)"
        for text in [name, name.uppercased(), name.prefix(1).uppercased() + name.dropFirst()] {
            #expect(Self.isToken(text.utf8, token))
        }
        for place in 0..<name.utf8.count {
            for other in UInt8.min...UInt8.max where other > 0x20 {
                var bytes = Array(name.utf8)
                let isSame = ASCII.lowercased(other) == bytes[place]
                bytes[place] = other
                #expect(Self.isToken(bytes, token) == isSame, "\(other) at \(place)")
            }
        }
        #expect(!Self.isToken((name + "x").utf8, token))
        #expect(!Self.isToken(name.utf8.dropLast(), token))
    }

    @Test func everyDecimalIsAsItIsPrinted() {
        var output = ByteWriter()
        let powers: [UInt64] = (0..<64).map { 1 << UInt64($0) }
        let small: ClosedRange<UInt64> = 0...12_345
        let numbers = Array(small) + powers + powers.map { ~$0 }
        for number in numbers {
            output.reset()
            output.append(decimal: number)
            let isRight = Array(output.unsafeBytes) == Array("\(number)".utf8)
            #expect(isRight, "\(number)")
        }
    }
}
