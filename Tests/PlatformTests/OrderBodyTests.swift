import Orders
@testable import Platform
import Sessions
import Testing

/// What is accepted as an order, and what is said of everything else.
@Suite struct OrderBodyTests {
    /// The order that a body amounts to, or its faults as `field message`, or the sentence where it is none.
    private static func reading(_ body: [UInt8]) -> String {
        var content = OrderBody()
        if let problem = content.read(body.span) {
            guard !problem.errors.isEmpty else { return problem.detail }
            return problem.errors.map { "\($0.field) \($0.message)" }.joined(separator: "; ")
        }
        let text = content.withStocks(of: body.span) { stocks in stocks.indices.map { stocks[$0] } }
        return "\(content.quantity) \(String(decoding: text, as: UTF8.self))"
    }

    private static func reading(_ body: String) -> String { reading(Array(body.utf8)) }

    @Test(arguments: [
        (#"{"stocks":"AAPL","quantity":10}"#, "10 AAPL"),
        (#"{"quantity":10,"stocks":"AAPL"}"#, "10 AAPL"),
        (" \t\r\n{ \"stocks\" : \"AAPL\" ,\n\"quantity\"\t:\t10 } \r\n", "10 AAPL"),
        (#"{"\u0073tocks":"A","quantit\u0079":1}"#, "1 A"),
        (#"{"stocks":"A","quantity":9007199254740991}"#, "9007199254740991 A"),
        (#"{"stocks":"\"\\\/\b\f\n\r\t","quantity":1}"#, "1 \"\\/\u{8}\u{c}\n\r\t"),
        (#"{"stocks":"\u0041\u00e9\u20AC","quantity":1}"#, "1 Aé€"),
        (#"{"stocks":"\ud83d\udcC8","quantity":1}"#, "1 📈"),
        (#"{"stocks":"\uD800\uDC00\uDBFF\uDFFF","quantity":1}"#, "1 \u{10000}\u{10FFFF}"),
        (#"{"stocks":"\u0000","quantity":1}"#, "1 \u{0}"),
        (
            #"{"stocks":"\uFFFF\u07FF\u0800\u007f\u0080","quantity":1}"#,
            "1 \u{FFFF}\u{7FF}\u{800}\u{7F}\u{80}"
        ),
        (#"{"stocks":"📈é","quantity":1}"#, "1 📈é"),
        (#"{"stocks":" ","quantity":1}"#, "1  "),
        ("{\"stocks\":\"\u{7F}\",\"quantity\":1}", "1 \u{7F}"),
    ])
    func anOrderIsAccepted(body: String, order: String) {
        #expect(Self.reading(body) == order)
    }

    /// What the short way takes is what the long way takes, and it takes nothing else.
    @Test func theShortWayLeadsToTheSamePlace() {
        let bodies = [
            #"{"stocks":"AAPL","quantity":10}"#, #"{"stocks": "A", "quantity": 9007199254740991}"#,
            #"{"stocks": "exactly 8", "quantity": 1}"#,
            #"{"stocks":"\#(String(repeating: "x", count: 64))","quantity":123456789}"#,
        ]
        let bytes: [UInt8] = [
            0, 9, 10, 32, 34, 44, 45, 46, 48, 49, 57, 58, 92, 101, 115, 123, 125, 127, 128, 255,
        ]
        for body in bodies.map({ Array($0.utf8) }) {
            #expect(PlainOrderBody(body.span) != nil)
            for place in body.indices {
                expectOneReading(Array(body[..<place]))
                for byte in bytes {
                    var changed = body
                    changed[place] = byte
                    expectOneReading(changed)
                    changed.insert(byte, at: place)
                    expectOneReading(changed)
                }
            }
        }
    }

    private func expectOneReading(_ body: [UInt8]) {
        guard let plain = PlainOrderBody(body.span) else { return }
        var content = OrderBody()
        guard content.readAny(body.span) == nil else {
            Issue.record("\(body) is taken for an order")
            return
        }
        let stocks = content.withStocks(of: body.span) { stocks in stocks.indices.map { stocks[$0] } }
        #expect(stocks == Array(body[plain.stocks]) && content.quantity == plain.quantity)
    }

    @Test(arguments: [
        ("", "The body is empty; it has to be an order as a JSON object."),
        (" ", "The body is not JSON: it goes wrong at byte 1."),
        ("AAPL", "The body is not JSON: it goes wrong at byte 0."),
        ("stocks=AAPL&quantity=10", "The body is not JSON: it goes wrong at byte 0."),
        ("\u{FEFF}{\"stocks\":\"A\",\"quantity\":1}", "The body is not JSON: it goes wrong at byte 0."),
        ("[]", "The body is JSON, but not an object."),
        ("[{\"stocks\":\"A\",\"quantity\":1}]", "The body is JSON, but not an object."),
        ("\"AAPL\"", "The body is JSON, but not an object."),
        ("10", "The body is JSON, but not an object."),
        ("-0.5e+7", "The body is JSON, but not an object."),
        ("null", "The body is JSON, but not an object."),
        ("true", "The body is JSON, but not an object."),
        ("tru", "The body is not JSON: it goes wrong at byte 3."),
        ("nul1", "The body is not JSON: it goes wrong at byte 3."),
        ("{", "The body is not JSON: it goes wrong at byte 1."),
        ("{}x", "The body is not JSON: it goes wrong at byte 2."),
        ("{} {}", "The body is not JSON: it goes wrong at byte 3."),
        (#"{"stocks":"A","quantity":1,}"#, "The body is not JSON: it goes wrong at byte 27."),
        (#"{,"stocks":"A","quantity":1}"#, "The body is not JSON: it goes wrong at byte 1."),
        (#"{"stocks" "A"}"#, "The body is not JSON: it goes wrong at byte 10."),
        (#"{stocks:"A"}"#, "The body is not JSON: it goes wrong at byte 1."),
        (#"{'stocks':"A"}"#, "The body is not JSON: it goes wrong at byte 1."),
        (#"{"quantity":01}"#, "The body is not JSON: it goes wrong at byte 13."),
        (#"{"quantity":+1}"#, "The body is not JSON: it goes wrong at byte 12."),
        (#"{"quantity":-}"#, "The body is not JSON: it goes wrong at byte 13."),
        (#"{"quantity":1.}"#, "The body is not JSON: it goes wrong at byte 14."),
        (#"{"quantity":.5}"#, "The body is not JSON: it goes wrong at byte 12."),
        (#"{"quantity":1e}"#, "The body is not JSON: it goes wrong at byte 14."),
        (#"{"quantity":1e+}"#, "The body is not JSON: it goes wrong at byte 15."),
        (#"{"quantity":0x1}"#, "The body is not JSON: it goes wrong at byte 13."),
        (#"{"quantity":NaN}"#, "The body is not JSON: it goes wrong at byte 12."),
        (#"{"stocks":"\x"}"#, "The body is not JSON: it goes wrong at byte 12."),
        (#"{"stocks":"\u12g4"}"#, "The body is not JSON: it goes wrong at byte 15."),
        (#"{"stocks":"\ud83d\u12"}"#, "The body is not JSON: it goes wrong at byte 21."),
        ("{\"stocks\":\"a\nb\"}", "The body is not JSON: it goes wrong at byte 12."),
        ("{\"stocks\":\"a\tb\"}", "The body is not JSON: it goes wrong at byte 12."),
        ("{\"stocks\":\"a\u{0}b\"}", "The body is not JSON: it goes wrong at byte 12."),
        (#"{"stocks":"A\"#, "The body is not JSON: it goes wrong at byte 13."),
        (#"{"stocks":"A","quantity":1}//"#, "The body is not JSON: it goes wrong at byte 27."),
        (#"{/**/"stocks":"A","quantity":1}"#, "The body is not JSON: it goes wrong at byte 1."),
    ])
    func whatIsNoJSONObjectIsRefused(body: String, detail: String) {
        #expect(Self.reading(body) == detail)
    }

    @Test(
        arguments: [
            [0x7B, 0xFF, 0x7D], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0x22, 0xC3, 0x22],
            [0x22, 0xE2, 0x82],
        ] as [[UInt8]])
    func whatIsNotUTF8IsRefused(body: [UInt8]) {
        #expect(Self.reading(body) == "The body is not JSON: it is not UTF-8.")
    }

    private static let faulty: [(String, String)] = [
        ("{}", "stocks is missing; quantity is missing"),
        (#"{"stocks":"A"}"#, "quantity is missing"),
        (#"{"quantity":1}"#, "stocks is missing"),
        (#"{"stocks":"","quantity":1}"#, "stocks must not be empty"),
        (
            #"{"stocks":1,"quantity":"1"}"#,
            "stocks must be a string, not a number; quantity must be an integer, not a string"
        ),
        (
            #"{"stocks":null,"quantity":null}"#,
            "stocks must be a string, not null; quantity must be an integer, not null"
        ),
        (
            #"{"stocks":{"a":[]},"quantity":[1]}"#,
            "stocks must be a string, not an object; quantity must be an integer, not an array"
        ),
        (
            #"{"stocks":["A"],"quantity":true}"#,
            "stocks must be a string, not an array; quantity must be an integer, not a boolean"
        ),
        (#"{"stocks":"A","quantity":0}"#, "quantity must be from 1 to 9007199254740991, not 0"),
        (#"{"stocks":"A","quantity":-0}"#, "quantity must be from 1 to 9007199254740991, not -0"),
        (#"{"stocks":"A","quantity":-1}"#, "quantity must be from 1 to 9007199254740991, not -1"),
        (
            #"{"stocks":"A","quantity":9007199254740992}"#,
            "quantity must be from 1 to 9007199254740991, not 9007199254740992"
        ),
        (
            #"{"stocks":"A","quantity":9223372036854775808}"#,
            "quantity must be from 1 to 9007199254740991, not 9223372036854775808"
        ),
        (
            #"{"stocks":"A","quantity":-9223372036854775809}"#,
            "quantity must be from 1 to 9007199254740991, not -9223372036854775809"
        ),
        (
            #"{"stocks":"A","quantity":18446744073709551617}"#,
            "quantity must be from 1 to 9007199254740991, not 18446744073709551617"
        ),
        (
            #"{"stocks":"A","quantity":10000000000000000000000000000000000000}"#,
            "quantity must be from 1 to 9007199254740991, not 10000000000000000000000000000000…"
        ),
        (#"{"stocks":"A","quantity":1.0}"#, "quantity must be an integer, without a fraction or an exponent"),
        (#"{"stocks":"A","quantity":1e0}"#, "quantity must be an integer, without a fraction or an exponent"),
        (
            #"{"stocks":"A","quantity":1E+2}"#,
            "quantity must be an integer, without a fraction or an exponent"
        ),
        (#"{"stocks":"A","quantity":1,"stocks":"B"}"#, "stocks is there twice"),
        (#"{"stocks":"A","quantity":1,"quantity":1}"#, "quantity is there twice"),
        (#"{"stocks":"A","st\u006fcks":"A","quantity":1}"#, "stocks is there twice"),
        (#"{"stocks":"A","quantity":1,"Stocks":"A"}"#, "Stocks is not a property of an order"),
        (#"{"stocks":"A","quantity":1,"":0}"#, " is not a property of an order"),
        (#"{"stocks":"A","quantity":1,"stocks ":0}"#, "stocks  is not a property of an order"),
        (#"{"stocks":"A","quantity":1,"orderId":4}"#, "orderId is not a property of an order"),
        (
            #"{"stocks":"A","quantity":1,"x":1,"x":1}"#,
            "x is not a property of an order; x is not a property of an order"
        ),
        (#"{"stocks":"\ud800","quantity":1}"#, "stocks holds half of a surrogate pair, which is no text"),
        (#"{"stocks":"\udc00A","quantity":1}"#, "stocks holds half of a surrogate pair, which is no text"),
        (
            #"{"stocks":"\ud800\u0041","quantity":1}"#,
            "stocks holds half of a surrogate pair, which is no text"
        ),
        (
            #"{"stocks":"\ud800\ud800\udc00","quantity":1}"#,
            "stocks holds half of a surrogate pair, which is no text"
        ),
        (
            #"{"stocks":"\ud800A","quantity":0,"a":[{"b":null}]}"#,
            "stocks holds half of a surrogate pair, which is no text; quantity must be from 1 to 9007199254740991, not 0; a is not a property of an order"
        ),
    ]

    @Test(arguments: faulty)
    func allFaultsAreToldAtOnce(body: String, faults: String) {
        #expect(Self.reading(body) == faults)
    }

    /// A name with half of a surrogate pair in it is another name.
    @Test(arguments: [#""stocks\ud800":"A","quantity":1"#, #""stocks":"A","\udc00quantity":1"#])
    func aNameIsComparedWhole(members: String) {
        #expect(Self.reading("{\(members)}").contains("is not a property of an order"))
    }

    @Test func stocksHasItsLimitInBytes() {
        for (text, bytes) in [("a", 1), ("é", 2), ("€", 3), ("📈", 4)] {
            let full = String(repeating: text, count: 64 / bytes) + String(repeating: "x", count: 64 % bytes)
            #expect(Self.reading("{\"stocks\":\"\(full)\",\"quantity\":1}") == "1 \(full)")
            #expect(
                Self.reading("{\"stocks\":\"\(full)y\",\"quantity\":1}")
                    == "stocks must have at most 64 bytes of UTF-8, not 65")
        }
        let escaped = String(repeating: #"\u00e9"#, count: 32)
        #expect(
            Self.reading("{\"stocks\":\"\(escaped)\",\"quantity\":1}") == "1 "
                + String(repeating: "é", count: 32))
        let long = String(repeating: "a", count: 60_000)
        #expect(
            Self.reading("{\"stocks\":\"\(long)\",\"quantity\":1}")
                == "stocks must have at most 64 bytes of UTF-8, not 60000")
    }

    @Test func aLongNameIsCut() {
        let name = String(repeating: "n", count: 65)
        #expect(
            Self.reading(#"{"stocks":"A","quantity":1,"\#(name)":1}"#)
                == "\(name.dropLast())… is not a property of an order")
    }

    @Test func faultsAreListedUpToTheLimit() {
        for count in [1, 2, 3, 4, 31, 32, 33, 5_000] {
            let body =
                "{\"stocks\":\"A\",\"quantity\":1,"
                + (1...count).map { "\"p\($0)\":0" }.joined(separator: ",") + "}"
            var content = OrderBody()
            let problem = content.read(Array(body.utf8).span)
            #expect(problem?.errors.map(\.field) == (1...min(count, 32)).map { "p\($0)" })
            let detail = problem?.detail ?? ""
            let start =
                switch count {
                case 1: "The order has a fault: p1 is"
                case 2, 3: "The order has \(count) faults: p1 is"
                case ...32: "The order has \(count) faults, among them: p1 is"
                default: "The order has \(count) faults, of which 32 are listed, among them: p1 is"
                }
            #expect(detail.hasPrefix(start), "\(detail)")
            #expect(detail.components(of: "is not a property") == min(count, 3))
        }
    }

    @Test(arguments: [("[", "", "]"), (#"{"a":"#, "{}", "}")])
    func valuesAreNestedUpToTheLimit(open: String, inside: String, close: String) {
        // The order is the first level, and what is inside another one.
        let levels = JSONReader.depthMax - 1 - (inside.isEmpty ? 0 : 1)
        for extra in 0...1 {
            let nested =
                String(repeating: open, count: levels + extra) + inside
                + String(repeating: close, count: levels + extra)
            let reading = Self.reading(#"{"stocks":"A","quantity":1,"x":\#(nested)}"#)
            if extra == 0 {
                #expect(reading == "x is not a property of an order")
            } else {
                #expect(reading.hasPrefix("The body is nested deeper than 64 levels at byte"))
            }
        }
    }

    @Test func aHostileDepthIsRefused() {
        let arrays = Self.reading(String(repeating: "[", count: 65_000))
        #expect(arrays == "The body is nested deeper than 64 levels at byte 64.")
        let objects = Self.reading(String(repeating: #"{"a":"#, count: 13_000))
        #expect(objects == "The body is nested deeper than 64 levels at byte 320.")
    }

    @Test(arguments: ["AAPL", "\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1F}", "📈é€", "<script>&", "\u{7F}\u{2028}"])
    func stocksComeBackEqual(stocks: String) throws {
        let venue = Venue()
        let client = venue.connect()
        let escaped = stocks.utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
        let placed = client.post("{\"stocks\":\"\(escaped)\",\"quantity\":1}")
        #expect(placed.status == 201)
        let shown = client.get("/orders/4")
        #expect(shown.text == placed.text)
        // What is shown is what may be posted.
        let text = try #require(shown.text.firstRange(of: #""stocks": "#))
        let literal = shown.text[text.upperBound...].dropLast(#", "quantity": 1}"#.count)
        #expect(client.post("{\"stocks\":\(literal),\"quantity\":1}").status == 201)
        #expect(
            client.get("/orders/5").text == shown.text.replacing("\"orderId\": 4", with: "\"orderId\": 5"))
        #expect(venue.stocks(of: 4) == stocks)
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
