import TestKit
import Testing

/// What browsers are told of pages of other origins (the Fetch standard, section 3.2).
@Suite struct CrossOriginTests {
    private static let exposed =
        "Location, Link, ETag, Feed-Sequence, Retry-After, Idempotency-Replayed"

    private static let loopback = "Origin: http://localhost:5173\r\n"
    private static let foreign = "Origin: https://evil.example\r\n"

    @Test func aForeignPageMayNotTrade() {
        let venue = Venue()
        let client = venue.connect()
        for response in [
            client.post(#"{"stocks":"AAPL","quantity":10}"#, fields: Self.foreign),
            client.delete("/orders/1", fields: Self.foreign),
            client.delete("/orders/abc", fields: Self.foreign),
            client.exchange(Client.handshake(fields: Self.foreign)),
        ] {
            #expect(response.status == 403)
            #expect(response["Access-Control-Allow-Origin"] == nil)
            #expect(response["Vary"] == "Origin")
            #expect(
                response.text.contains(
                    "Pages of the origin https://evil.example may not trade here; --allowed-origins can allow them."
                ))
        }
        #expect(client.get("/orders/1").text.contains("PENDING"))
        #expect(client.get("/orders/4").status == 404)
        #expect(venue.lastSequence == 0)
    }

    @Test func aForeignPageMayNotReadItsAnswers() {
        let venue = Venue()
        let response = venue.connect().get("/orders", fields: Self.foreign)
        #expect(response.status == 200)
        #expect(response["Access-Control-Allow-Origin"] == nil)
        #expect(response["Vary"] == "Origin")
    }

    @Test func aPageOnLoopbackMayTrade() {
        let venue = Venue()
        let client = venue.connect()
        for response in [
            client.post(#"{"stocks":"AAPL","quantity":10}"#, fields: Self.loopback),
            client.get("/orders/4", fields: Self.loopback),
            client.get("/orders", fields: Self.loopback),
            client.get("/orders/99", fields: Self.loopback),
            client.get("/health", fields: Self.loopback),
            client.post("nonsense", fields: Self.loopback),
            client.delete("/orders/4", fields: Self.loopback),
            client.exchange("PUT /orders HTTP/1.1\r\nHost: localhost\r\n\(Self.loopback)\r\n"),
        ] {
            #expect(response["Access-Control-Allow-Origin"] == "http://localhost:5173")
            #expect(response["Access-Control-Expose-Headers"] == Self.exposed)
            #expect(response["Vary"] == "Origin")
        }
        #expect(client.exchange(Client.handshake(fields: Self.loopback)).status == 101)
    }

    @Test func aPreflightIsAnswered() {
        let venue = Venue()
        let client = venue.connect()
        client.send(
            "OPTIONS /orders/4 HTTP/1.1\r\nHost: localhost\r\n\(Self.loopback)"
                + "Access-Control-Request-Method: DELETE\r\nAccess-Control-Request-Headers: x-desk, content-type\r\n\r\n"
        )
        #expect(
            client.readText() == """
                HTTP/1.1 204 No Content\r
                Date: Sun, 06 Nov 1994 08:49:37 GMT\r
                Access-Control-Allow-Origin: http://localhost:5173\r
                Access-Control-Expose-Headers: \(Self.exposed)\r
                Vary: Origin\r
                Allow: GET, HEAD, DELETE, OPTIONS\r
                Access-Control-Allow-Methods: GET, HEAD, DELETE, OPTIONS\r
                Access-Control-Allow-Headers: x-desk, content-type\r
                Access-Control-Max-Age: 600\r
                \r

                """)
    }

    @Test func aForeignPreflightIsAnsweredWithoutLeave() {
        let venue = Venue()
        let response = venue.connect().exchange(
            "OPTIONS /orders HTTP/1.1\r\nHost: localhost\r\n\(Self.foreign)"
                + "Access-Control-Request-Method: POST\r\n\r\n")
        #expect(response.status == 204)
        #expect(response.fields.allSatisfy { !$0.name.hasPrefix("Access-Control") })
    }

    @Test func anAllowedOriginMayTrade() {
        let venue = Venue { $0.allowedOrigins = ["https://desk.example"] }
        let client = venue.connect()
        let response = client.delete("/orders/1", fields: "Origin: https://desk.example\r\n")
        #expect(response.status == 204)
        #expect(response["Access-Control-Allow-Origin"] == "https://desk.example")
        #expect(client.delete("/orders/1", fields: Self.foreign).status == 403)
    }

    @Test func theServersOwnPageMayTrade() {
        let venue = Venue { $0.isBoundToLoopback = false }
        let client = venue.connect()
        let own =
            "DELETE /orders/1 HTTP/1.1\r\nHost: desk.example:8000\r\nOrigin: http://desk.example:8000\r\n\r\n"
        #expect(client.exchange(own).status == 204)
        #expect(client.exchange(own.replacing("http://desk", with: "http://risk")).status == 403)
    }
}
