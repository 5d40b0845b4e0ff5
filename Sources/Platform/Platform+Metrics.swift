import Bytes
import HTTP1
import Orders
import Sessions

extension Platform {
    /// Counts the answer that has just been given, or has it counted when it begins.
    @inline(__always)
    func counted(_ place: Int, _ method: Method, _ session: Session, _ reply: Reply) -> Reply {
        if let status = host.statusOfAnswer() {
            counts.countAnswer(place, method, status)
        } else {
            // Nil, too, where there is no answer at all.
            (session.attachment as? LongReply)?.uncountedPlace = place
        }
        return reply
    }

    /// Counts an answer in parts, once it has begun.
    func countBegun(_ reply: LongReply, on session: Session) {
        guard let place = reply.uncountedPlace else { return }
        if let status = host.statusOfAnswer() {
            reply.uncountedPlace = nil
            counts.countAnswer(place, reply.answer.request.head.method, status)
        } else if let next = session.attachment as? LongReply {
            next.uncountedPlace = place
        }
    }

    /// Orders that were refused because the store was full.
    public var refusedOrders: UInt64 { counts.refusedOrders }
    /// Subscribers that were closed because the log had passed them.
    public var droppedSubscribers: UInt64 { feed.droppedSubscribers }

    /// How often something happened that an operator may want to hear of: no news while it stays the same.
    public var noticeCount: UInt64 {
        host.counts.limitsHit &+ counts.refusedOrders &+ feed.droppedSubscribers
            &+ (host.accessLog?.droppedLines ?? 0)
    }

    /// Answers with all metrics: one answer of bounded length, as all labels have few values.
    func metrics(_ answer: Answer, _ head: Span<UInt8>, into output: inout ByteWriter) -> Reply {
        var text = MetricsText()
        appendService(to: &text)
        appendTraffic(to: &text)
        appendFeed(to: &text)
        appendOrders(to: &text)
        appendMarket(to: &text)
        appendLimits(to: &text)
        appendProcess(to: &text)
        begin(.ok, answer, head, into: &output)
        output.append("Cache-Control: no-store\r\n")
        output.endHead(contentType: MetricsText.contentType, contentLength: text.bytes.count)
        if !answer.request.isHead { output.append(text.bytes.unsafeBytes) }
        return .done
    }

    private func appendService(to text: inout MetricsText) {
        text.family("tradeloop_build_info", .gauge, "The version that runs; always 1.")
        text.information("version", settings.version)
        text.family("tradeloop_uptime_seconds", .gauge, "Seconds since the start.")
        text.sample(value: uptimeSeconds)
        text.histogram(
            "tradeloop_loop_turn_seconds",
            "How long turns of the loop took, from waking to waiting again: nobody is served faster.",
            counts.turns)
    }

    private func appendTraffic(to text: inout MetricsText) {
        text.family(
            "tradeloop_http_requests_total", .counter,
            "Answers by route, method and status; none where the route was not known.")
        for place in 0..<Route.placeCount {
            for method in Method.allCases {
                for status in Status.allCases {
                    var count = counts.answers(place, method, status)
                    if place == RouteKind.none.place {
                        count += host.counts.refusals(of: method, with: status)
                    }
                    guard count > 0 else { continue }
                    text.answers(count, Route.template(ofPlace: place), method, status)
                }
            }
        }
        text.family("tradeloop_connections", .gauge, "Connections that are open.")
        text.sample(value: host.sessionCount)
        text.family(
            "tradeloop_connections_accepted_total", .counter,
            "Connections that were taken, the refused ones among them.")
        text.sample(value: host.counts.acceptedConnections)
        text.family(
            "tradeloop_connections_refused_total", .counter,
            "Connections that were refused at once: too many, or while stopping.")
        text.sample(value: host.counts.refusedConnections)
        text.family("tradeloop_received_bytes_total", .counter, "Bytes that were received.")
        text.sample(value: host.counts.receivedBytes)
        text.family("tradeloop_sent_bytes_total", .counter, "Bytes that the kernel took to be sent.")
        text.sample(value: host.counts.sentBytes)
        text.family(
            "tradeloop_held_bytes", .gauge,
            "What connections hold of unfinished requests and unread answers, in bytes.")
        text.sample(value: host.heldBytes)
        text.family(
            "tradeloop_access_log_lines_dropped_total", .counter,
            "Lines of the access log that were lost as they could not be written in time.")
        text.sample(value: host.accessLog?.droppedLines ?? 0)
    }

    private func appendFeed(to text: inout MetricsText) {
        text.family("tradeloop_subscribers", .gauge, "WebSocket clients that hear the feed.")
        text.sample(value: feed.subscriberCount)
        text.family("tradeloop_events_total", .counter, "Events of orders: the number of the last one.")
        text.sample(value: store.log.lastSequence)
        text.family("tradeloop_frames_sent_total", .counter, "Events handed to subscribers.")
        text.sample(value: feed.framesSent)
        text.family(
            "tradeloop_slow_subscribers_dropped_total", .counter,
            "Subscribers closed because events had passed them.")
        text.sample(value: feed.droppedSubscribers)
    }

    private func appendOrders(to text: inout MetricsText) {
        text.family("tradeloop_orders", .gauge, "Orders that are stored, by status.")
        let census = census
        text.sample(("status", OrderStatus.pending.name), value: census.pendingCount)
        text.sample(("status", OrderStatus.executed.name), value: census.executedCount)
        text.sample(("status", OrderStatus.cancelled.name), value: census.cancelledCount)
        if market == nil {
            text.family("tradeloop_pending_delays", .gauge, "Orders that wait for their execution.")
            text.sample(value: store.scheduledCount)
        }
        text.histogram(
            "tradeloop_execution_lateness_seconds",
            "How late orders were executed, from the moment that each was due.",
            market?.lateness ?? store.lateness)
    }

    private func appendMarket(to text: inout MetricsText) {
        guard let market else { return }
        let traffic = market.traffic
        text.family("tradeloop_redis_up", .gauge, "1 where Redis answers, else 0.")
        text.sample(value: market.presence == .here ? 1 : 0)
        text.family("tradeloop_redis_commands_total", .counter, "Commands sent to Redis.")
        text.sample(value: traffic.commands)
        text.family(
            "tradeloop_redis_writes_total", .counter,
            "Writes that carried them: each is a round trip, for all commands of a turn.")
        text.sample(value: traffic.writes)
        text.family("tradeloop_redis_sent_bytes_total", .counter, "Bytes sent to Redis.")
        text.sample(value: traffic.sentBytes)
        text.family("tradeloop_redis_received_bytes_total", .counter, "Bytes received from Redis.")
        text.sample(value: traffic.receivedBytes)
        text.family("tradeloop_redis_disconnects_total", .counter, "Connections to Redis that were lost.")
        text.sample(value: traffic.losses)
    }

    private func appendLimits(to text: inout MetricsText) {
        text.family("tradeloop_limits_hit_total", .counter, "How often each limit was hit.")
        for limit in SessionLimit.allCases {
            text.sample(("limit", limit.name), value: host.counts.hits(of: limit))
        }
        text.sample(("limit", "orders"), value: counts.refusedOrders)
        text.sample(("limit", "events_behind"), value: feed.droppedSubscribers)
    }

    private func appendProcess(to text: inout MetricsText) {
        guard let figures = processFigures?() else { return }
        text.family("process_resident_memory_bytes", .gauge, "Resident memory in bytes.")
        text.sample(value: figures.residentBytes)
        text.family("process_cpu_seconds_total", .counter, "Processor time in seconds, user and system.")
        text.sample(microseconds: figures.processorMicroseconds)
        text.family("process_open_fds", .gauge, "Open file descriptors.")
        if let openDescriptors = figures.openDescriptors { text.sample(value: openDescriptors) }
        text.family("process_max_fds", .gauge, "The most file descriptors that may be open.")
        text.sample(value: figures.descriptorsMax)
        text.family(
            "process_start_time_seconds", .gauge, "When the process began, in seconds since 1970.")
        text.sample(microseconds: UInt64(clamping: figures.startUnixMicroseconds))
    }
}
