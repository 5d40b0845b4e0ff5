import Foundation
import Platform
import Simulation

/// The body of `POST /orders`.
///
/// The input is the body. It is taken by its reader and by the whole platform alike; an order that is taken
/// is what another reader of JSON finds in it, and so is what the platform tells of it.
enum OrderTarget: FuzzTarget {
    static func take(_ input: [UInt8]) {
        guard input.count <= PlatformSettings.bodyBytesMax else { return }
        var body = OrderBody()
        let problem = ExactBytes.lend(input) { body.read(UnsafeBufferPointer($0).span) }
        let answer = post(input)
        let known = try? JSONSerialization.jsonObject(with: Data(input), options: .fragmentsAllowed)
        guard let problem else {
            expect(answer.placed.status == 201, "\(answer.placed.status) for an order")
            compare(known, answer)
            return
        }
        expect(answer.placed.status == 400 && answer.told.status == 404, "\(answer.placed) for a fault")
        guard let told = object(answer.placed.body) else { broken("a problem that is no JSON") }
        expect(told["detail"] as? String == problem.detail, "\(told) is not \(problem.detail)")
        let errors = told["errors"] as? [[String: String]] ?? []
        expect(errors.map { $0["field"] } == problem.errors.map(\.field), "\(errors)")
        if problem.detail.hasPrefix("The body is not JSON"), !isReadOtherwise(input) {
            expect(known == nil, "another reader takes it: \(problem.detail)")
        }
    }

    /// What else the other reader takes: other encodings, which it guesses by their zeros or marks, and a
    /// comma behind the last member.
    private static func isReadOtherwise(_ input: [UInt8]) -> Bool {
        var last: UInt8 = 0
        for byte in input where byte > 0x20 {
            if last == 0x2C, byte == 0x7D || byte == 0x5D { return true }
            last = byte
        }
        return isOfOtherEncoding(input)
    }

    private static func isOfOtherEncoding(_ input: [UInt8]) -> Bool {
        input.contains(0) || input.starts(with: [0xEF, 0xBB, 0xBF]) || input.starts(with: [0xFE, 0xFF])
            || input.starts(with: [0xFF, 0xFE])
    }

    private static func compare(_ known: Any?, _ answer: (placed: Response, told: Response)) {
        guard let known = known as? [String: Any], known.count == 2, let stocks = known["stocks"] as? String,
            let quantity = known["quantity"] as? NSNumber
        else { broken("another reader finds no order") }
        expect(answer.placed.body == answer.told.body, "\(answer.placed.text) is \(answer.told.text)")
        guard let told = object(answer.told.body), told.count == 4 else { broken(answer.told.text) }
        let isSame =
            told["orderId"] as? Int == 4 && told["orderStatus"] as? String == "PENDING"
            && (told["stocks"] as? String).map { Array($0.utf8) == Array(stocks.utf8) } == true
            && told["quantity"] as? Int64 == quantity.int64Value
        expect(isSame, "\(known) is told as \(told)")
        expect((1...64).contains(stocks.utf8.count), "stocks of \(stocks.utf8.count) bytes")
        expect((1...9_007_199_254_740_991).contains(quantity.int64Value), "quantity \(quantity)")
    }

    private static func object(_ body: [UInt8]) -> [String: Any]? {
        try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
    }

    /// Places the order, and asks for it.
    private static func post(_ body: [UInt8]) -> (placed: Response, told: Response) {
        var settings = PlatformSettings()
        settings.ordersMax = 4
        var work = WorkLimits()
        work.eventsMax = 16
        work.executionsPerTurnMax = 8
        let platform = Platform(settings: settings, sessions: settings.sessionLimits, work: work)
        let network = Network(host: platform.host)
        let client = network.connect()
        client.push("POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.count)\r\n\r\n")
        client.send(body)
        let placed = client.response()
        let told = client.exchange("GET /orders/4 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client.vanish()
        expect(network.violations.isEmpty, "\(network.violations)")
        expect(client.line.violations.isEmpty, "\(client.line.violations)")
        return (placed, told)
    }
}
