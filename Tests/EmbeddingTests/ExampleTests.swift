import Foundation
import Testing
import TradeLoop

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension EmbeddingTests {
    /// The example of docs/embedding.md, which is this file's.
    @Suite struct ExampleTests {
        // Example begins.
        @Test func anOrderIsExecutedAfterItsDelay() async throws {
            let server = try await TradeLoop.start {
                $0.minDelayMilliseconds = 100
                $0.delaySeed = 7
                $0.clock = .stepped
            }
            var events = server.events().makeAsyncIterator()

            // Your program, which is told where the platform is.
            var request = URLRequest(url: URL(string: server.url + "/orders")!)
            request.httpMethod = "POST"
            request.httpBody = Data(#"{"stocks":"AAPL","quantity":10}"#.utf8)
            let (_, response) = try await URLSession.shared.data(for: request)
            #expect((response as? HTTPURLResponse)?.statusCode == 201)

            #expect(try await events.next() == .init(sequence: 1, orderID: 4, status: .pending))
            try await server.advance(milliseconds: 5_000)
            #expect(try await events.next() == .init(sequence: 2, orderID: 4, status: .executed))
            await server.stop()
        }
        // Example ends.

        @Test func theExampleIsTheOneInTheDocumentation() throws {
            let file = URL(filePath: #filePath).resolvingSymlinksInPath()
            let root = file.deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let source = try String(contentsOf: file, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            let begin = try #require(source.firstIndex(of: "        // Example begins."))
            let end = try #require(source.firstIndex(of: "        // Example ends."))
            let example = source[(begin + 1)..<end].map { $0.dropFirst(8) }.joined(separator: "\n")
            let page = try String(contentsOf: root.appending(path: "docs/embedding.md"), encoding: .utf8)
            #expect(page.contains("\n\(example)\n```\n"), "docs/embedding.md shows another example")
        }
    }
}
