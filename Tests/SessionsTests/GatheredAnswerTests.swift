import Sessions
import TestKit
import Testing

/// Sessions that are delivered to in the same turn are answered together, each with its own answer.
@Suite struct GatheredAnswerTests {
    private static func get(_ path: String, _ fields: String = "") -> String {
        "GET /\(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
    }

    @Test(arguments: [1, 2, 64, 1_000])
    func eachGetsItsOwnInOneWrite(count: Int) {
        let bench = Bench()
        let clients = (0..<count).map { _ in bench.connect() }
        for _ in 0..<3 {
            bench.network.gather {
                for (index, client) in clients.enumerated() { client.push(Self.get("name/\(index)")) }
                // As many as a turn of the loop has; where there are more, they do not wait.
                #expect(clients.prefix(64).allSatisfy { $0.unread.isEmpty })
                #expect(bench.requests.count % count == 0)
            }
            for (index, client) in clients.enumerated() {
                #expect(client.responses().map(\.text) == ["/name/\(index)"])
            }
        }
        #expect(clients.allSatisfy { $0.line.writes.count == 3 })
    }

    /// Small answers wait for each other; large ones, last ones and those of WebSockets do not, and change
    /// nothing for those that wait.
    @Test func othersDoNotWait() {
        let bench = Bench()
        let clients = (0..<7).map { _ in bench.connect() }
        let paths = ["name/a", "bytes/5000", "name/b", "parts/2", "ws", "name/c", "name/d"]
        bench.network.gather {
            for (client, path) in zip(clients, paths) where path != "ws" && path != "name/c" {
                client.push(Self.get(path))
            }
            clients[4].push(Client.handshake())
            clients[5].push(Self.get("name/c", "Connection: close\r\n"))
            #expect(clients.map { !$0.unread.isEmpty } == [false, true, false, true, true, true, false])
        }
        #expect(clients[0].response().text == "/name/a")
        #expect(clients[1].response().body.count == 5_000)
        #expect(clients[2].response().text == "/name/b")
        #expect(clients[4].response().status == 101)
        #expect(clients[5].response().text == "/name/c")
        #expect(clients[6].response().text == "/name/d")
        bench.network.settle()
        #expect(clients[3].response().chunkSizes == [1_000, 1_000, 0])
        #expect(clients[5].line.isShutDown)
        #expect(clients.flatMap(\.line.violations) == [])
    }

    @Test(arguments: [0, 1, 50, 100])
    func nothingIsLostWhereAKernelTakesLittle(perWrite: Int) {
        let bench = Bench()
        let clients = (0..<9).map { _ in bench.connect() }
        for client in clients.enumerated().filter({ $0.offset % 3 == 1 }).map(\.element) {
            client.line.bytesPerWrite = perWrite
        }
        bench.network.gather {
            for (index, client) in clients.enumerated() { client.push(Self.get("name/\(index)")) }
        }
        bench.network.settle()
        for (index, client) in clients.enumerated() {
            #expect(client.line.isBlocked == (index % 3 == 1))
            client.takeAll(7)
            #expect(client.responses().map(\.text) == ["/name/\(index)"])
        }
        #expect(clients.flatMap(\.line.violations) == [])
    }

    /// A session that is delivered to twice before anybody is answered.
    @Test(arguments: ["name/b", "bytes/5000", "parts/2"], [0, 1, 60, 130, Int.max])
    func theFirstAnswerComesFirst(second: String, perWrite: Int) {
        let bench = Bench()
        let clients = (0..<3).map { _ in bench.connect() }
        clients[1].line.bytesPerWrite = perWrite
        bench.network.gather {
            for client in clients { client.push(Self.get("name/a")) }
            for client in clients { client.push(Self.get(second)) }
            for client in clients { client.push(Self.get("name/c", "Connection: close\r\n")) }
        }
        bench.network.settle()
        for client in clients {
            client.takeAll()
            bench.network.settle()
            let answers = client.responses().map(\.text)
            #expect(answers.count == 3)
            #expect(answers.first == "/name/a" && answers.last == "/name/c")
            #expect(client.line.isShutDown)
            #expect(client.line.violations == [])
        }
    }

    @Test func theEndOfInputComesBehindTheAnswer() {
        let bench = Bench()
        let clients = (0..<3).map { _ in bench.connect() }
        bench.network.gather {
            for client in clients { client.push(Self.get("name/a")) }
            clients[1].pushEnd()
        }
        bench.network.settle()
        #expect(clients.map { $0.responses().map(\.text) } == Array(repeating: ["/name/a"], count: 3))
        #expect(clients.map(\.line.isClosing) == [false, true, false])
    }

    @Test func bytesAreCountedWhenTheyGo() {
        let bench = Bench()
        let clients = (0..<4).map { _ in bench.connect() }
        bench.network.gather { for client in clients { client.push(Self.get("name/a")) } }
        #expect(bench.host.counts.sentBytes == UInt64(clients.reduce(0) { $0 + $1.line.arrivedCount }))
    }
}
