import Foundation
import HTTP1
import Orders
@testable import Platform
import Sessions
import TestKit
import Testing

/// What `/metrics` tells, in a format that is read strictly and in numbers that are what happened.
@Suite struct MetricsTests {
    private static func read(_ client: Client) throws -> MetricsReader {
        let response = client.get("/metrics")
        #expect(response.status == 200)
        #expect(response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(response["Cache-Control"] == "no-store")
        return try MetricsReader(response.text)
    }

    private static func answers(
        _ metrics: MetricsReader, _ route: String, _ method: String, _ status: Int
    ) -> Double? {
        metrics.value(
            "tradeloop_http_requests_total", ["route": route, "method": method, "status": "\(status)"])
    }

    private static let figures = ProcessFigures(
        residentBytes: 8_388_608, processorMicroseconds: 1_500_000, openDescriptors: 12,
        descriptorsMax: 1_024, startUnixMicroseconds: 1_764_000_000_250_000)

    @Test func requestsAreCountedByRouteMethodAndStatus() throws {
        let venue = Venue()
        let client = venue.connect()
        for path in ["/orders/1", "/orders/2", "/orders/%33", "/orders/9", "/", "/nowhere", "/orders"] {
            _ = client.get(path)
        }
        _ = client.exchange("HEAD /orders/1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        client.send(Client.order + Client.order + Client.post("{}"))
        #expect(client.responses().count == 3)
        _ = client.delete("/orders/4")
        _ = client.exchange("BREW /orders HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _ = client.exchange("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _ = client.exchange("GET /orders HTTP/1.1\r\nHost: stranger.example\r\n\r\n")
        _ = venue.subscribe()
        venue.connect().send("nonsense\r\n\r\n")
        let metrics = try Self.read(client)
        let expected: [(String, String, Int, Double)] = [
            ("/orders/{id}", "GET", 200, 3), ("/orders/{id}", "GET", 404, 1), ("/", "GET", 200, 1),
            ("unknown", "GET", 404, 1), ("/orders", "GET", 200, 1), ("/orders/{id}", "HEAD", 200, 1),
            ("/orders", "POST", 201, 2), ("/orders", "POST", 400, 1), ("/orders/{id}", "DELETE", 204, 1),
            ("/orders", "other", 405, 1), ("none", "OPTIONS", 204, 1), ("none", "GET", 421, 1),
            ("/ws", "GET", 101, 1), ("none", "other", 400, 1),
        ]
        for (route, method, status, count) in expected {
            #expect(Self.answers(metrics, route, method, status) == count, "\(route) \(method) \(status)")
        }
        let family = metrics.families.first { $0.name == "tradeloop_http_requests_total" }
        #expect(family?.samples.count == expected.count)
        // The answer that tells is counted in the next.
        #expect(Self.answers(try Self.read(client), "/metrics", "GET", 200) == 1)
    }

    @Test func theRestIsWhatHappened() throws {
        let venue = Venue { $0.ordersMax = 5 }
        let client = venue.connect()
        let subscribers = [venue.subscribe(), venue.subscribe()]
        client.send(Client.order + Client.order + Client.order)
        #expect(client.responses().map(\.status) == [201, 201, 503])
        _ = client.delete("/orders/4")
        var metrics = try Self.read(client)
        #expect(metrics.value("tradeloop_orders", ["status": "PENDING"]) == 2)
        #expect(metrics.value("tradeloop_orders", ["status": "EXECUTED"]) == 1)
        #expect(metrics.value("tradeloop_orders", ["status": "CANCELLED"]) == 2)
        #expect(metrics.value("tradeloop_pending_delays") == 1)
        #expect(metrics.value("tradeloop_limits_hit_total", ["limit": "orders"]) == 1)
        venue.advance(milliseconds: 6_000)
        metrics = try Self.read(client)
        #expect(metrics.value("tradeloop_build_info", ["version": ProductVersion.text]) == 1)
        #expect(metrics.value("tradeloop_uptime_seconds") == 6)
        #expect(metrics.value("tradeloop_connections") == 3)
        #expect(metrics.value("tradeloop_connections_accepted_total") == 3)
        #expect(metrics.value("tradeloop_connections_refused_total") == 0)
        #expect(metrics.value("tradeloop_subscribers") == 2)
        #expect(metrics.value("tradeloop_events_total") == 4)
        #expect(metrics.value("tradeloop_frames_sent_total") == 8)
        #expect(metrics.value("tradeloop_pending_delays") == 0)
        #expect(metrics.value("tradeloop_execution_lateness_seconds_count") == 1)
        #expect(metrics.value("tradeloop_loop_turn_seconds_count") == 0)
        #expect(metrics.value("tradeloop_held_bytes") == 0)
        #expect(metrics.value("tradeloop_access_log_lines_dropped_total") == 0)
        let received = try #require(metrics.value("tradeloop_received_bytes_total"))
        #expect(received > 0 && received == Double(venue.platform.host.counts.receivedBytes))
        #expect(subscribers.map { $0.messages().count } == [4, 4])
        #expect(metrics.value("process_open_fds") == nil)
    }

    @Test func aSlowSubscriberIsCounted() throws {
        let venue = Venue()
        let line = Line()
        let subscriber = venue.subscribe(line)
        line.bytesPerWrite = 0
        for _ in 0..<PlatformSettings.eventsMax / 4_096 + 2 {
            venue.place(4_096)
            venue.network.settle()
        }
        line.bytesPerWrite = .max
        subscriber.takeAll()
        let metrics = try Self.read(venue.connect())
        #expect(metrics.value("tradeloop_slow_subscribers_dropped_total") == 1)
        #expect(metrics.value("tradeloop_limits_hit_total", ["limit": "events_behind"]) == 1)
        #expect(venue.platform.noticeCount == 1)
    }

    @Test func turnsAndTheProcessAreToldByTheDriver() throws {
        let venue = Venue()
        venue.platform.processFigures = { Self.figures }
        for nanoseconds: UInt64 in [9_000, 10_000, 1_600_000, 2_000_000_000] {
            venue.platform.turnEnded(afterNanoseconds: nanoseconds)
        }
        let metrics = try Self.read(venue.connect())
        let buckets = ["0.00001": 2, "0.0015": 2, "0.002": 3, "1": 3, "+Inf": 4]
        for (bound, count) in buckets {
            #expect(metrics.value("tradeloop_loop_turn_seconds_bucket", ["le": bound]) == Double(count))
        }
        #expect(metrics.value("tradeloop_loop_turn_seconds_sum") == 2.001619)
        #expect(metrics.value("process_resident_memory_bytes") == 8_388_608)
        #expect(metrics.value("process_cpu_seconds_total") == 1.5)
        #expect(metrics.value("process_open_fds") == 12)
        #expect(metrics.value("process_max_fds") == 1_024)
        #expect(metrics.value("process_start_time_seconds") == 1_764_000_000.25)
    }

    @Test func everyLimitHasALabelOfItsOwn() throws {
        let venue = Venue()
        let metrics = try Self.read(venue.connect())
        let family = metrics.families.first { $0.name == "tradeloop_limits_hit_total" }
        #expect(family?.samples.count == SessionLimit.allCases.count + 2)
        #expect(family?.samples.allSatisfy { $0.value == 0 } == true)
    }

    @Test func aVersionIsEscaped() throws {
        let venue = Venue { $0.version = #"1 "\"# + "\n" }
        let metrics = try Self.read(venue.connect())
        #expect(metrics.value("tradeloop_build_info", ["version": #"1 "\ "#]) == 1)
    }

    /// docs/metrics.md lists what there is, each with its kind and its labels, and nothing else.
    @Test(arguments: [false, true])
    func theTableOfMetricsIsWhatIsServed(isShared: Bool) throws {
        let venue = Venue()
        if isShared { venue.platform.share(ScriptedMarket()) }
        venue.platform.processFigures = { Self.figures }
        let client = venue.connect()
        _ = client.get("/health")
        let metrics = try Self.read(client)
        let root = URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/metrics.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let told = rows.map { row in
            row.split(separator: "|").prefix(3).map { $0.trimmingCharacters(in: .whitespaces) }
        }.filter { row in
            isShared ? row[0] != "`tradeloop_pending_delays`" : !row[0].hasPrefix("`tradeloop_redis_")
        }
        let served = metrics.families.map { family in
            let labels = Set(family.samples.flatMap(\.labels.keys)).subtracting(["le"])
            let names = labels.sorted().map { "`\($0)`" }.joined(separator: ", ")
            return ["`\(family.name)`", family.kind, names]
        }
        #expect(told == served)
        for limit in SessionLimit.allCases { #expect(text.contains("`\(limit.name)`"), "\(limit)") }
        #expect(RouteKind.count == RouteKind.allCases.count)
        for kind in RouteKind.allCases { #expect(text.contains("`\(kind.template)`"), "\(kind)") }
    }
}
