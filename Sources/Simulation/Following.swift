import Orders

/// What a subscriber asks for.
struct Following {
    /// Whether it is to be a stream of Server-Sent Events.
    var isStream = false
    /// Whether messages are to carry their numbers.
    var isNumbered = false
    /// The number of the last event that the subscriber has heard.
    var since: Int?
    /// Whether the number is told as a browser does that comes back, and not in the address.
    var hasLastEventID = false
    /// The orders it wants to hear of; empty for all.
    var orderIDs: [Int] = []
    /// The states it wants to hear of; empty for all.
    var statuses: [OrderStatus] = []

    /// Whether only some events are wanted.
    var isFiltered: Bool { !orderIDs.isEmpty || !statuses.isEmpty }

    /// Whether it is a WebSocket that cannot be refused.
    var isSure: Bool { !isStream && since == nil }

    /// Whether it is told numbers, and so can come back.
    var hearsNumbers: Bool { isStream || isNumbered || since != nil }

    func wants(_ event: OrderEvent) -> Bool {
        (orderIDs.isEmpty || orderIDs.contains(Int(event.orderID)))
            && (statuses.isEmpty || statuses.contains(event.status))
    }

    /// The request.
    var request: String {
        var parts: [String] = []
        if isNumbered { parts.append("numbered") }
        // Where both are there, the field is the one that counts.
        if let since { parts.append("since=\(hasLastEventID ? 0 : since)") }
        parts += orderIDs.map { "orderId=\($0)" } + statuses.map { "status=\($0.name)" }
        let path = (isStream ? "/events" : "/ws") + (parts.isEmpty ? "" : "?" + parts.joined(separator: "&"))
        guard isStream else { return Client.handshake(path) }
        let field = hasLastEventID ? since.map { "Last-Event-ID: \($0)\r\n" } ?? "" : ""
        return "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(field)\r\n"
    }

    /// Anything that may be asked for: often from where somebody has left the feed.
    static func any(_ known: Knowledge, _ generator: inout SeededGenerator) -> Following {
        if !known.leavers.isEmpty, generator.once(in: 2) {
            var following = generator.one(of: known.leavers)
            following.hasLastEventID = following.isStream && generator.once(in: 2)
            return following
        }
        var following = Following()
        following.isStream = generator.once(in: 3)
        following.isNumbered = !following.isStream && generator.once(in: 4)
        if generator.once(in: 3) {
            let (first, last) = (known.firstSequence, known.lastSequence)
            let edges = [0, last, last + 1, last - 1, first - 1, first - 2, first, generator.below(last + 2)]
            following.since = max(0, generator.one(of: edges))
            following.hasLastEventID = following.isStream && generator.once(in: 2)
        }
        if generator.once(in: 4) {
            for _ in 0...generator.below(3) {
                following.orderIDs.append(generator.below(known.orderCount + 3))
            }
        }
        if generator.once(in: 4) {
            for _ in 0...generator.below(2) {
                following.statuses.append(generator.one(of: [.pending, .executed, .cancelled]))
            }
        }
        return following
    }
}
