import TestKit

/// One random day of trading.
struct Day {
    /// What a trader has asked and not been answered, with the book as it was when it asked.
    private enum Question {
        case place(stocks: String)
        case show(id: Int, before: Book.Status?)
        case cancel(id: Int)
        case list(count: Int)
        case nonsense
    }

    private final class Trader {
        let client: Client
        var questions: [Question] = []
        /// The second half of a request that is being sent in two.
        var unsent: [UInt8] = []
        init(client: Client) { self.client = client }
    }

    private struct Listener {
        let client: Client
        /// How many messages there had been when it came.
        let since: Int
        var heard: [String] = []
    }

    private let venue: Venue
    private var generator: SeededGenerator
    private var book: Book
    private var witness: Listener
    private var traders: [Trader] = []
    private var listeners: [Listener] = []
    private var stocks: [Int: String] = [:]
    /// What was asked to be cancelled.
    private var cancellations: Set<Int> = [3]
    private var placedCount = 0
    private(set) var faults: [String] = []

    private static let kernels = [0, 1, 17, 300, Int.max, Int.max, Int.max]

    init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let least = UInt64(generator.below(400))
        let most = least + UInt64(generator.below(2_000))
        book = Book(minDelayMilliseconds: least, maxDelayMilliseconds: most)
        venue = Venue(seed: seed) {
            $0.minDelayMilliseconds = UInt32(least)
            $0.maxDelayMilliseconds = UInt32(most)
        }
        self.generator = generator
        witness = Listener(client: venue.subscribe(), since: 0)
    }

    /// Does one thing at random.
    mutating func step() {
        switch generator.below(20) {
        case 0, 1: traders.append(Trader(client: venue.connect()))
        case 2: listeners.append(Listener(client: venue.subscribe(), since: book.messages.count))
        case 3 where generator.once(in: 2): vanish()
        case 4, 5: stall()
        case 6, 7: relax()
        case 8, 9, 10: advance(milliseconds: UInt64(generator.below(300)))
        default: trade()
        }
        listen()
        read()
    }

    private mutating func vanish() {
        if !traders.isEmpty, generator.once(in: 2) {
            traders.remove(at: generator.below(traders.count)).client.vanish()
        } else if !listeners.isEmpty {
            let leaving = listeners.remove(at: generator.below(listeners.count))
            leaving.client.vanish()
            let expected = book.messages[leaving.since...].prefix(leaving.heard.count)
            if leaving.heard != Array(expected) { faults.append("a listener that left heard something else") }
        }
    }

    private mutating func stall() {
        let all = traders.map(\.client) + listeners.map(\.client)
        guard !all.isEmpty else { return }
        all[generator.below(all.count)].line.bytesPerWrite = Day.kernels[generator.below(Day.kernels.count)]
    }

    private mutating func relax() {
        for client in traders.map(\.client) + listeners.map(\.client) where client.line.isBlocked {
            client.take(1 + generator.below(500))
        }
    }

    // MARK: Asking

    private mutating func trade() {
        guard !traders.isEmpty else { return }
        let trader = traders[generator.below(traders.count)]
        if !trader.unsent.isEmpty {
            trader.client.send(trader.unsent)
            trader.unsent = []
            return
        }
        var bytes: [UInt8] = []
        for _ in 0...generator.below(4) { bytes += ask(trader).utf8 }
        switch generator.below(4) {
        case 0:
            let cut = generator.below(bytes.count)
            trader.client.send(bytes[..<cut])
            trader.unsent = Array(bytes[cut...])
        case 1: trader.client.send(bytes, inPiecesOf: 1 + generator.below(60))
        default: trader.client.send(bytes)
        }
    }

    private mutating func ask(_ trader: Trader) -> String {
        let id = 1 + generator.below(book.entries.count + 2)
        switch generator.below(10) {
        case 0...3:
            placedCount += 1
            let name = "S\(placedCount)"
            trader.questions.append(.place(stocks: name))
            let body = #"{"stocks":"\#(name)","quantity":\#(placedCount)}"#
            guard generator.once(in: 3) else { return Client.post(body) }
            return "POST /orders HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
        case 4, 5:
            trader.questions.append(.show(id: id, before: book.entries[id]?.status))
            return "GET /orders/\(id) HTTP/1.1\r\nHost: localhost\r\n\r\n"
        case 6, 7, 8:
            trader.questions.append(.cancel(id: id))
            cancellations.insert(id)
            return "DELETE /orders/\(id) HTTP/1.1\r\nHost: localhost\r\n\r\n"
        default:
            if generator.once(in: 3) {
                trader.questions.append(.list(count: book.entries.count))
                return "GET /orders HTTP/1.1\r\nHost: localhost\r\n\r\n"
            }
            trader.questions.append(.nonsense)
            return Client.post(#"{"stocks":1}"#)
        }
    }

    // MARK: Hearing

    private mutating func advance(milliseconds: UInt64) {
        let network = venue.network
        network.advance(milliseconds: milliseconds) { listen() }
    }

    private mutating func listen() {
        for message in witness.client.messages() {
            book.hear(message, atMilliseconds: venue.network.milliseconds)
        }
        for index in listeners.indices { listeners[index].heard += listeners[index].client.messages() }
    }

    private mutating func read() {
        for trader in traders {
            for response in trader.client.responses() where response.status != 0 {
                guard !trader.questions.isEmpty else {
                    faults.append("an answer to no question: \(response)")
                    break
                }
                check(response, answers: trader.questions.removeFirst())
            }
        }
    }

    private mutating func check(_ response: Response, answers question: Question) {
        switch question {
        case .place(let name): checkPlaced(response, name)
        case .show(let id, let before):
            if let before, let shown = status(in: response, id: id) {
                // What it was when asked, what it is now; a status between the two there is not.
                if shown != before && shown != book.entries[id]?.status {
                    faults.append("\(id) was never \(shown)")
                }
            } else if before != nil || (response.status != 404 && book.entries[id] == nil) {
                faults.append("GET \(id): \(response)")
            }
        case .cancel(let id): checkCancelled(response, id)
        case .list(let count):
            let rows = response.text.ranges(of: "\"orderId\"").count
            if response.status != 200 || rows < count || rows > book.entries.count {
                faults.append("a list of \(rows) rows")
            }
        case .nonsense:
            if response.status != 400 { faults.append("nonsense: \(response)") }
        }
    }

    private mutating func checkPlaced(_ response: Response, _ name: String) {
        guard response.status == 201, let location = response["Location"],
            let id = Int(location.dropFirst("/orders/".count)), stocks[id] == nil,
            response.text
                == #"{"orderId": \#(id), "orderStatus": "PENDING", "stocks": "\#(name)", "quantity": \#(name.dropFirst())}"#
        else {
            faults.append("POST \(name): \(response)")
            return
        }
        stocks[id] = name
        if book.entries[id] == nil { faults.append("\(id) was placed and not announced") }
    }

    private mutating func checkCancelled(_ response: Response, _ id: Int) {
        let status = book.entries[id]?.status
        switch (response.status, status) {
        case (204, .cancelled), (409, .executed): break
        case (404, _) where id > 3: break
        default: faults.append("DELETE \(id), which is \(String(describing: status)): \(response)")
        }
    }

    private func status(in response: Response, id: Int) -> Book.Status? {
        let start = "{\"orderId\": \(id), \"orderStatus\": \""
        guard response.status == 200, response.text.hasPrefix(start) else { return nil }
        return Book.Status(rawValue: String(response.text.dropFirst(start.utf8.count).prefix { $0 != "\"" }))
    }

    // MARK: The end of the day

    /// Lets everybody take and say what is left, lets all orders end, and adds up.
    mutating func close() {
        for client in traders.map(\.client) + listeners.map(\.client) {
            client.line.bytesPerWrite = .max
            client.takeAll()
        }
        for trader in traders where !trader.unsent.isEmpty { trader.client.send(trader.unsent) }
        venue.network.settle()
        listen()
        read()
        advance(milliseconds: book.maxDelayMilliseconds + 1)
        faults += book.faults + venue.network.violations
        let overdue = book.overdue(atMilliseconds: venue.network.milliseconds)
        if !overdue.isEmpty { faults.append("\(overdue) were never executed") }
        for (id, entry) in book.entries where entry.status == .cancelled && !cancellations.contains(id) {
            faults.append("nobody cancelled \(id)")
        }
        for listener in listeners where listener.heard != Array(book.messages[listener.since...]) {
            faults.append(
                "a listener heard \(listener.heard.count) of \(book.messages.count - listener.since)")
        }
        for trader in traders where !trader.questions.isEmpty {
            faults.append("no answer to \(trader.questions)")
        }
        for client in traders.map(\.client) + listeners.map(\.client) {
            faults += client.line.violations
            if client.line.isClosing { faults.append("a connection was closed") }
        }
        checkList()
    }

    private mutating func checkList() {
        let shown = venue.connect().get("/orders").text
        for (id, entry) in book.entries {
            let row =
                "\"orderId\": \(id), \"orderStatus\": \"\(entry.status.rawValue)\", \"stocks\": \"\(stocks[id] ?? "")"
            if !shown.contains(row) { faults.append("the list does not have \(row)") }
        }
        if shown.ranges(of: "orderId").count != book.entries.count {
            faults.append("the list has other rows")
        }
    }
}
