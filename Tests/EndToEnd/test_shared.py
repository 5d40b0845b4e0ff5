"""Instances that share a market through Redis: what one does is true at all of them."""

from __future__ import annotations

import json
import subprocess
import threading
import time

import pytest

from kit.expect import QUANTITY_MAX, assert_json, assert_problem, event_text, order_text
from kit.feed import Feed
from kit.proxy import Proxy
from kit.redis import DUE, FEED, MARKET, free_port
from kit.server import PATIENCE_SECONDS, clean_environment
from kit.shared import BODY, assert_try_again, eventually, place_many, states, wait_until_served
from kit.stream import EventStream
from kit.wire import request_bytes
from test_metrics import Metrics

USAGE = 64
EMOJI = "\N{GRINNING FACE}"


@pytest.fixture
def pair(share):
    return share(), share()


# --- orders


def test_a_new_market_has_the_three_examples_once(pair):
    first, second = pair
    assert states(first) == states(second) == {1: "PENDING", 2: "EXECUTED", 3: "CANCELLED"}
    assert first.ask("GET", "/orders").body == second.ask("GET", "/orders").body


def test_an_order_is_the_same_to_the_byte_everywhere(pair):
    first, second = pair
    placed = first.ask("POST", "/orders", body=BODY)
    assert assert_json(placed, 201)["orderId"] == 4
    assert placed.body == order_text(4, "PENDING", "AAPL", 10)
    assert placed.header("Location") == "/orders/4"
    for server in pair:
        assert server.ask("GET", "/orders/4").body == placed.body
        assert placed.body in server.ask("GET", "/orders").body
        head = server.ask("HEAD", "/orders/4")
        assert (head.status, head.body) == (200, b"")
        assert head.header("Content-Length") == str(len(placed.body))
        assert server.ask("HEAD", "/orders").status == 200
    assert second.ask("POST", "/orders", body=BODY).header("Location") == "/orders/5"
    assert first.place()["orderId"] == 6


def test_what_one_cancels_is_cancelled_at_the_other(pair):
    first, second = pair
    order_id = first.place()["orderId"]
    assert second.ask("DELETE", f"/orders/{order_id}").status == 204
    assert first.order(order_id)["orderStatus"] == "CANCELLED"
    # Before, or just now: both are the same to whoever asks.
    assert first.ask("DELETE", f"/orders/{order_id}").status == 204
    assert second.ask("DELETE", "/orders/1").status == 204
    assert first.order(1)["orderStatus"] == "CANCELLED"


def test_what_cannot_be_is_told_by_both(pair):
    for server in pair:
        assert_problem(server.ask("DELETE", "/orders/2"), 409)
        assert server.ask("DELETE", "/orders/3").status == 204
        for target in ("/orders/99", "/orders/0", "/orders/-1", f"/orders/{2**63}", f"/orders/{10**30}"):
            assert_problem(server.ask("GET", target), 404)
            assert_problem(server.ask("DELETE", target), 404)
        assert_problem(server.ask("GET", "/orders/abc"), 400)
        assert_problem(server.ask("POST", "/orders", body='{"stocks":"","quantity":0}'), 400)
        assert_problem(server.ask("GET", "/orders?limit=0"), 400)
        assert_problem(server.ask("DELETE", "/orders"), 400)


def test_an_order_executed_through_one_is_executed_at_the_other(pair):
    first, second = pair
    response = first.ask("POST", "/orders", [("Execution-Delay-Ms", "0")], BODY)
    order_id = assert_json(response, 201)["orderId"]
    for server in pair:
        server.wait_for_status(order_id, "EXECUTED")
        assert_problem(server.ask("DELETE", f"/orders/{order_id}"), 409)


@pytest.mark.parametrize(
    "stocks, quantity",
    [
        ("A", 1),
        (" ", QUANTITY_MAX),
        ("BRK B, class A", 3),
        ("A" * 64, 1),
        (EMOJI * 16, 1),
        ("\0\r\n\t\x7f", 7),
        ('"\\/', 10),
        ("$-1\r\n*3\r\n+OK", 9),
        ("{tradeloop}", 128),
    ],
)
def test_any_text_comes_back_equal_from_the_other(pair, stocks, quantity):
    first, second = pair
    placed = first.place(stocks, quantity)
    assert (placed["stocks"], placed["quantity"]) == (stocks, quantity)
    assert second.order(placed["orderId"]) == placed
    assert second.orders()[-1] == placed


def test_one_packet_of_requests_is_answered_in_its_order(pair):
    """Each request sees what those before it on its connection did, though each has to wait for Redis."""
    first, second = pair
    requests = [
        request_bytes("POST", "/orders", body=BODY),
        request_bytes("GET", "/orders/4"),
        request_bytes("DELETE", "/orders/4"),
        request_bytes("GET", "/orders/4"),
        request_bytes("GET", "/health"),
        request_bytes("POST", "/orders", body='{"stocks":"MSFT","quantity":5}'),
        request_bytes("GET", "/nothing"),
        request_bytes("GET", "/orders"),
        request_bytes("DELETE", "/orders?status=PENDING"),
        request_bytes("GET", "/orders?status=PENDING"),
    ]
    with first.connect() as connection:
        connection.send(b"".join(requests))
        answers = [connection.read_response() for _ in requests]
    assert [answer.status for answer in answers] == [201, 200, 204, 200, 200, 201, 404, 200, 200, 200]
    assert answers[1].json()["orderStatus"] == "PENDING"
    assert answers[3].json()["orderStatus"] == "CANCELLED"
    assert [order["orderId"] for order in answers[7].json()] == [1, 2, 3, 4, 5]
    assert answers[8].json() == {"cancelled": 2}
    assert answers[9].json() == []
    assert states(second)[5] == "CANCELLED"


def test_ids_are_sequential_whoever_places(share):
    servers = [share() for _ in range(3)]
    found = []
    lock = threading.Lock()

    def place(server):
        ids = place_many(server, 300, depth=30)
        assert ids == sorted(ids)
        with lock:
            found.extend(ids)

    threads = [threading.Thread(target=place, args=(server,)) for server in servers for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(4, 4 + 1_800))
    assert [order["orderId"] for order in servers[0].orders()] == list(range(1, 1_804))


# --- lists


def test_pages_follow_one_another_across_instances(pair):
    for number in range(20):
        pair[number % 2].place(f"S{number % 3}", number + 1)
    target, pages, turn = "/orders?limit=7", [], 0
    while target:
        response = pair[turn % 2].ask("GET", target)
        assert response.body == pair[(turn + 1) % 2].ask("GET", target).body
        pages += assert_json(response, 200)
        link = response.header("Link")
        target = link.split(">")[0].strip("<") if link else None
        turn += 1
    assert pages == pair[0].orders()
    assert len(pages) == 23 and turn == 4


def test_filters_and_limits(pair):
    first, second = pair
    for number in range(6):
        first.place("AAPL" if number % 2 else "Zürich €", number + 1)
    assert second.ask("DELETE", "/orders/5").status == 204
    aapl = first.ask("GET", "/orders?stocks=AAPL&status=PENDING")
    assert [order["orderId"] for order in assert_json(aapl, 200)] == [1, 7, 9]
    assert second.ask("GET", "/orders?stocks=AAPL&status=PENDING").body == aapl.body
    other = second.ask("GET", "/orders?stocks=Z%C3%BCrich%20%E2%82%AC&limit=2&after=4")
    assert [order["orderId"] for order in assert_json(other, 200)] == [6, 8]
    assert second.ask("GET", "/orders?status=CANCELLED").json() == [
        order for order in first.orders() if order["orderStatus"] == "CANCELLED"
    ]
    # Behind the last order, and a page that ends exactly with it.
    assert second.ask("GET", "/orders?after=9").json() == []
    assert second.ask("GET", "/orders?after=99999").json() == []
    assert second.ask("GET", "/orders?limit=9").header("Link") is None
    assert second.ask("GET", "/orders?limit=8").header("Link") is not None


def test_long_lists_are_whole_and_equal(pair):
    first, second = pair
    place_many(first, 3_000)
    listed = first.ask("GET", "/orders")
    assert [order["orderId"] for order in listed.json()] == list(range(1, 3_004))
    assert second.ask("GET", "/orders").json() == listed.json()
    assert second.ask("DELETE", "/orders/2000").status == 204
    assert [order["orderId"] for order in first.ask("GET", "/orders?status=CANCELLED").json()] == [3, 2000]
    head = second.ask("HEAD", "/orders")
    assert (head.status, head.body) == (200, b"")


def test_a_list_and_the_feed_from_its_number_make_a_whole(pair):
    """Each listed while the other is placing and cancelling: what is listed and what follows add up to the end."""
    first, second = pair
    place_many(first, 1_500)
    is_over = threading.Event()

    def trade():
        with first.connect() as connection:
            number = 0
            while not is_over.is_set():
                order_id = connection.ask("POST", "/orders", body=BODY).json()["orderId"]
                if number % 2:
                    assert connection.ask("DELETE", f"/orders/{order_id - 1}").status == 204
                number += 1

    trader = threading.Thread(target=trade)
    trader.start()
    try:
        known = []
        for _ in range(5):
            response = second.ask("GET", "/orders")
            known.append((int(response.header("Feed-Sequence")), response.json()))
            time.sleep(0.05)
    finally:
        is_over.set()
        trader.join()
    last = int(first.ask("GET", "/orders/1").header("Feed-Sequence"))
    final = states(first)
    for sequence, orders in known:
        found = {order["orderId"]: order["orderStatus"] for order in orders}
        with Feed(second, f"/ws?since={sequence}") as feed:
            feed.wait_for(last - sequence)
            events = feed.numbered()
        assert [number for number, _, _ in events] == list(range(sequence + 1, last + 1))
        for _, order_id, status in events:
            # A list in pieces may be newer than its number, never older: nothing ended goes back.
            if not (status == "PENDING" and found.get(order_id) in ("CANCELLED", "EXECUTED")):
                found[order_id] = status
        assert found == final


# --- cancelling all


def test_cancelling_all_reaches_every_instances_orders(pair):
    first, second = pair
    place_many(first, 40)
    place_many(second, 10, '{"stocks":"MSFT","quantity":5}')
    response = second.ask("DELETE", "/orders?status=PENDING&stocks=MSFT")
    assert assert_json(response, 200) == {"cancelled": 10}
    assert assert_json(first.ask("DELETE", "/orders?status=PENDING"), 200) == {"cancelled": 41}
    assert assert_json(second.ask("DELETE", "/orders?status=PENDING"), 200) == {"cancelled": 0}
    assert set(states(second).values()) == {"EXECUTED", "CANCELLED"}


def test_cancelling_thousands_counts_each_once(pair):
    """Two at the same time: together they cancel each order once, and the feed says so once."""
    first, second = pair
    place_many(first, 3_000)
    with Feed(second, "/ws?numbered") as feed:
        counts = []
        threads = [
            threading.Thread(
                target=lambda server=server: counts.append(
                    server.ask("DELETE", "/orders?status=PENDING").json()["cancelled"]
                )
            )
            for server in pair
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(counts) == 3_001
        feed.wait_for(3_001)
        events = feed.numbered()
    assert sorted(order_id for _, order_id, _ in events) == [1, *range(4, 3_004)]
    assert {status for _, _, status in events} == {"CANCELLED"}


# --- keys


def keyed(server, key, body=BODY, headers=()):
    return server.ask("POST", "/orders", [("Idempotency-Key", key), *headers], body)


def test_a_key_is_one_order_wherever_it_is_sent(pair):
    first, second = pair
    placed = keyed(first, "buy-1")
    assert assert_json(placed, 201)["orderId"] == 4
    assert placed.header("Idempotency-Replayed") is None
    for server in (second, first):
        again = keyed(server, "buy-1")
        assert (again.status, again.body) == (201, placed.body)
        assert again.header("Idempotency-Replayed") == "true"
        assert again.header("Location") == placed.header("Location")
        assert_problem(keyed(server, "buy-1", '{"stocks":"AAPL","quantity":11}'), 422)
        assert_problem(keyed(server, "buy-1", '{"stocks":"AAPLX","quantity":10}'), 422)
    assert keyed(second, "buy-2").json()["orderId"] == 5
    assert len(first.orders()) == 5


def test_a_key_answers_as_at_first_when_the_order_has_ended(pair):
    first, second = pair
    placed = keyed(first, "k")
    assert second.ask("DELETE", "/orders/4").status == 204
    assert keyed(second, "k").body == placed.body
    assert second.order(4)["orderStatus"] == "CANCELLED"


def test_the_same_key_at_the_same_moment(pair):
    """Both instances are sent the same fifty keys at once: each is one order, placed by one of them."""
    requests = [request_bytes("POST", "/orders", [("Idempotency-Key", f"k{n}")], BODY) for n in range(50)]
    connections = [server.connect() for server in pair]
    for connection in connections:
        connection.send(b"".join(requests))
    answers = [[connection.read_response() for _ in requests] for connection in connections]
    for one, other in zip(*answers):
        assert one.status == other.status == 201
        assert one.body == other.body
        assert {one.header("Idempotency-Replayed"), other.header("Idempotency-Replayed")} == {None, "true"}
    assert len(pair[0].orders()) == 53


def test_a_key_outlives_the_instance_that_took_it(share):
    first, second = share(), share()
    placed = keyed(first, "outlives")
    first.stop()
    assert keyed(second, "outlives").body == placed.body
    assert keyed(share(), "outlives").header("Idempotency-Replayed") == "true"
    assert len(second.orders()) == 4


def test_keys_of_any_form_are_kept_apart(pair):
    keys = ["!", "~" * 255, '"a"', "a:b", "{tradeloop}", "*", "A", "a"]
    placed = [keyed(pair[0], key).json()["orderId"] for key in keys]
    assert placed == list(range(4, 4 + len(keys)))
    assert [keyed(pair[1], key).json()["orderId"] for key in keys] == placed
    assert_problem(keyed(pair[1], "x" * 256), 400)


def test_keys_are_forgotten_after_ten_minutes(pair, redis_server):
    keyed(pair[0], "brief")
    keys = list(redis_server.client.scan_iter("{tradeloop}:key:*"))
    assert len(keys) == 1
    assert 590_000 < redis_server.client.pttl(keys[0]) <= 600_000
    redis_server.client.pexpire(keys[0], 1)
    eventually(lambda: not redis_server.client.exists(keys[0]), "the key's end")
    again = keyed(pair[1], "brief")
    assert (again.json()["orderId"], again.header("Idempotency-Replayed")) == (5, None)


# --- tags


def test_tags_are_the_same_everywhere(pair):
    first, second = pair
    first.place()
    tag = first.ask("GET", "/orders/4").header("ETag")
    for server in pair:
        for method in ("GET", "HEAD"):
            response = server.ask(method, "/orders/4", [("If-None-Match", tag)])
            assert (response.status, response.header("ETag"), response.body) == (304, tag, b"")
            # As far as this instance has heard: older is no harm.
            assert response.header("Feed-Sequence") in ("0", "1")
    assert second.ask("DELETE", "/orders/4").status == 204
    changed = first.ask("GET", "/orders/4", [("If-None-Match", tag)])
    assert changed.status == 200 and changed.header("ETag") != tag
    assert second.ask("GET", "/orders/4").header("ETag") == changed.header("ETag")


def test_no_order_is_older_than_the_number_beside_it(share, redis_server):
    """Whoever reads PENDING and follows from the number beside it must still hear how the order ends."""
    first, second = share("--min-delay-ms", 0, "--max-delay-ms", 60), share()
    read = []
    for _ in range(8):
        ids = place_many(first, 100)
        with second.connect() as connection:
            for _ in range(6):
                targets = [f"/orders/{order_id}" for order_id in ids]
                connection.send(b"".join(request_bytes("GET", target) for target in targets))
                for order_id in ids:
                    response = connection.read_response()
                    if response.json()["orderStatus"] == "PENDING":
                        read.append((order_id, int(response.header("Feed-Sequence"))))
    eventually(lambda: redis_server.client.zcard(DUE) == 0, "the last execution")
    ended = {int(fields["o"]): number for number, fields in redis_server.feed() if fields["s"] == "E"}
    too_new = [(order_id, number, ended[order_id]) for order_id, number in read if number >= ended[order_id]]
    assert not too_new, f"{len(too_new)} of {len(read)}: {too_new[:10]}"


# --- the feed


def test_every_form_of_the_feed_is_the_same_everywhere(pair):
    first, second = pair
    plain = [Feed(server) for server in pair]
    numbered = [Feed(server, "/ws?numbered") for server in pair]
    streams = [EventStream(server) for server in pair]
    ids = [pair[turn % 2].place()["orderId"] for turn in range(20)]
    for turn, order_id in enumerate(ids):
        assert pair[(turn + turn // 2) % 2].ask("DELETE", f"/orders/{order_id}").status == 204
    for listener in (*plain, *numbered, *streams):
        listener.wait_for(40)
    assert plain[0].texts == plain[1].texts
    assert plain[0].texts == [event_text(order_id, "PENDING") for order_id in ids] + [
        event_text(order_id, "CANCELLED") for order_id in ids
    ]
    assert numbered[0].texts == numbered[1].texts == streams[0].texts == streams[1].texts
    assert [number for number, _, _ in numbered[0].numbered()] == list(range(1, 41))
    assert [number for number, _ in streams[0].heard] == list(range(1, 41))
    # Nothing comes twice.
    time.sleep(0.2)
    assert {len(listener.heard) for listener in (*plain, *numbered, *streams)} == {40}
    for listener in (*plain, *numbered, *streams):
        listener.close()


def test_filters_of_the_feed(pair):
    first, second = pair
    with Feed(second, "/ws?orderId=5&numbered") as one, Feed(first, "/ws?status=CANCELLED") as ends:
        with EventStream(second, "/events?status=PENDING&orderId=4&orderId=6") as stream:
            for _ in range(3):
                first.place()
            for order_id in (6, 5, 4):
                assert second.ask("DELETE", f"/orders/{order_id}").status == 204
            assert ends.wait_for(3) == [event_text(order_id, "CANCELLED") for order_id in (6, 5, 4)]
            one.wait_for(2)
            assert one.numbered() == [(2, 5, "PENDING"), (5, 5, "CANCELLED")]
            stream.wait_for(2)
            assert [number for number, _ in stream.heard] == [1, 3]


def test_one_goes_on_at_the_other_from_any_number(pair):
    first, second = pair
    place_many(first, 30)
    with Feed(first, "/ws?since=0") as whole:
        whole.wait_for(30)
        texts = whole.texts
    for since in (0, 1, 15, 29, 30):
        for server in pair:
            with Feed(server, f"/ws?since={since}") as feed:
                if since < 30:
                    assert feed.wait_for(30 - since) == texts[since:]
    with EventStream(second, headers=[("Last-Event-ID", "12")]) as stream:
        assert stream.wait_for(18) == texts[12:]


def test_the_past_is_there_for_an_instance_that_comes_later(share):
    first = share()
    place_many(first, 2_500)
    with Feed(first, "/ws?since=0") as feed:
        texts = feed.wait_for(2_500)
    late = share()
    with Feed(late, "/ws?since=0") as feed, EventStream(late, "/events?since=2400") as stream:
        assert feed.wait_for(2_500) == texts
        assert stream.wait_for(100) == texts[2_400:]
        first.place()
        assert json.loads(feed.wait_for(2_501)[-1])["sequence"] == 2_501


def test_a_restart_of_an_instance_is_no_gap(share):
    first, second = share(), share()
    with Feed(second, "/ws?numbered") as feed:
        place_many(first, 10)
        feed.wait_for(10)
    second.stop()
    place_many(first, 10)
    second = share("--port", second.port)
    with Feed(second, "/ws?since=10") as feed:
        place_many(second, 10)
        feed.wait_for(20)
        assert [number for number, _, _ in feed.numbered()] == list(range(11, 31))


def test_a_number_that_this_instance_has_not_heard_yet(share, redis_server):
    """The network to one instance is slow: what others have heard is waited for, and is no 410."""
    first = share()
    with Proxy(redis_server.port) as proxy:
        slow = share(at=proxy.url)
        proxy.delay(0.3)
        place_many(first, 20)
        with Feed(slow, "/ws?since=20") as feed, EventStream(slow, "/events?since=15") as stream:
            first.place()
            feed.wait_for(1)
            assert feed.numbered() == [(21, 24, "PENDING")]
            stream.wait_for(6)
            assert [number for number, _ in stream.heard] == [16, 17, 18, 19, 20, 21]
        # Nobody has got so far.
        assert_gone(slow, 30, 1, 21)
        slow.stop()


def upgrade(server, path):
    """What a handshake is answered, where it is refused."""
    headers = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", "13"),
    ]
    return server.ask("GET", path, headers)


def assert_gone(server, since, first, last):
    for response in (
        upgrade(server, f"/ws?since={since}"),
        server.ask("GET", f"/events?since={since}"),
    ):
        problem = assert_problem(response, 410)
        assert (problem["firstSequence"], problem["lastSequence"]) == (first, last), response


def test_a_number_ahead_of_all_is_gone(pair):
    first, second = pair
    assert_gone(second, 1, 1, 0)
    place_many(first, 5)
    eventually(lambda: upgrade(second, "/ws?since=5").status == 101, "the fifth event")
    for server in pair:
        assert_gone(server, 6, 1, 5)
        assert_gone(server, 9_000_000_000_000_000_000, 1, 5)


def test_a_number_behind_the_streams_end_is_gone(share, redis_server):
    place_many(share(), 100)
    assert redis_server.client.xtrim(FEED, maxlen=20, approximate=False) == 80
    late = share()
    for since in (0, 79):
        assert_gone(late, since, 81, 100)
    with Feed(late, "/ws?since=80") as feed:
        feed.wait_for(20)
        assert [number for number, _, _ in feed.numbered()] == list(range(81, 101))


def test_an_emptied_stream_does_not_begin_anew(share, redis_server):
    place_many(share(), 10)
    redis_server.client.xtrim(FEED, maxlen=0, approximate=False)
    late = share()
    assert_gone(late, 3, 11, 10)
    with Feed(late, "/ws?since=10") as feed:
        late.place()
        feed.wait_for(1)
        assert feed.numbered() == [(11, 14, "PENDING")]


# --- delays


def test_delays_are_drawn_between_the_limits(share, redis_server):
    quick = share("--min-delay-ms", 200, "--max-delay-ms", 400)
    patient = share()
    ids = place_many(quick, 50)
    place_many(patient, 3)
    pending = [fields for _, fields in redis_server.feed() if fields["s"] == "P"]
    delays = [int(fields["d"]) - int(fields["t"]) / 1_000 for fields in pending]
    assert all(199 <= delay <= 401 for delay in delays[:50]), delays
    assert len({round(delay / 20) for delay in delays[:50]}) > 3, delays
    assert all(599_999 <= delay <= 600_001 for delay in delays[50:]), delays
    for order_id in ids:
        patient.wait_for_status(order_id, "EXECUTED")
    executed = {fields["o"]: int(fields["t"]) for _, fields in redis_server.feed() if fields["s"] == "E"}
    for fields in pending[:50]:
        # Never early: due is a millisecond, the time of the execution a microsecond.
        assert executed[fields["o"]] >= int(fields["d"]) * 1_000, fields


def test_a_delay_of_its_own(share):
    server = share()
    for text, status in (("0", 201), ("600000", 201), ("600001", 400), ("-1", 400), ("soon", 400)):
        response = server.ask("POST", "/orders", [("Execution-Delay-Ms", text)], BODY)
        assert response.status == status, response
    server.wait_for_status(4, "EXECUTED")
    assert server.order(5)["orderStatus"] == "PENDING"


def test_the_first_starting_order_stays_pending(share):
    server = share("--min-delay-ms", 0, "--max-delay-ms", 10)
    server.place()
    server.wait_for_status(4, "EXECUTED")
    time.sleep(0.2)
    assert server.order(1)["orderStatus"] == "PENDING"


def test_orders_are_executed_though_their_instance_is_gone(share):
    first, second = share("--min-delay-ms", 700, "--max-delay-ms", 700), share()
    with Feed(second) as feed:
        ids = place_many(first, 20)
        first.process.kill()
        first.process.wait()
        feed.wait_for(40)
        assert feed.texts[20:] == [event_text(order_id, "EXECUTED") for order_id in ids]
    first.wait()


def test_orders_that_fell_due_while_nobody_ran_are_executed_by_the_next(share):
    first = share("--min-delay-ms", 300, "--max-delay-ms", 300)
    ids = place_many(first, 20)
    first.stop()
    time.sleep(0.5)
    second = share()
    for order_id in ids:
        second.wait_for_status(order_id, "EXECUTED")
    with Feed(second, "/ws?since=20") as feed:
        feed.wait_for(20)
        assert [(order_id, status) for _, order_id, status in feed.numbered()] == [
            (order_id, "EXECUTED") for order_id in ids
        ]


# --- who may


def test_a_strangers_page_may_do_nothing(share, redis_server):
    server = share()
    page = [("Origin", "https://stranger.example")]
    for method, target, body in (
        ("POST", "/orders", BODY),
        ("DELETE", "/orders/1", None),
        ("DELETE", "/orders?status=PENDING", None),
        ("GET", "/events", None),
    ):
        assert_problem(server.ask(method, target, page, body), 403)
    assert_problem(server.ask("GET", "/orders", [("Host", "stranger.example")]), 421)
    assert redis_server.market()["sequence"] == "0"


# --- limits


def test_max_orders_counts_what_all_have_stored(share):
    first, second, roomy = share("--max-orders", 6), share("--max-orders", 6), share()
    assert [first.place()["orderId"], second.place()["orderId"], first.place()["orderId"]] == [4, 5, 6]
    for server in (first, second):
        problem = assert_problem(server.ask("POST", "/orders", body=BODY), 503)
        assert "--max-orders" in problem["detail"], problem
        assert server.ask("DELETE", "/orders/5").status == 204
        assert server.ask("GET", "/orders/6").status == 200
    assert roomy.place()["orderId"] == 7
    assert_problem(first.ask("POST", "/orders", body=BODY), 503)
    assert Metrics(first)("tradeloop_limits_hit_total", limit="orders") == 2
    # Its key was not used up by the refusal.
    assert_problem(keyed(first, "refused"), 503)
    assert keyed(roomy, "refused").status == 201


# --- what is told of it


def test_health_tells_the_store_and_counts_the_same(pair):
    first, second = pair
    place_many(first, 5)
    first.ask("DELETE", "/orders/4")
    for server in pair:
        # What an instance has heard of the others' doings may be a moment old.
        health = eventually(
            lambda: (lambda health: health if health["orders"]["CANCELLED"] == 2 else None)(
                server.ask("GET", "/health").json()
            ),
            "counting",
        )
        assert health["status"] == "ok"
        assert health["store"] == "redis" and health["redis"] != "away", health
        assert health["orders"] == {"PENDING": 5, "EXECUTED": 1, "CANCELLED": 2}
        assert health["control"] is False


def test_metrics_of_the_store(share):
    server = share()
    before = Metrics(server)
    connections = [server.connect() for _ in range(50)]
    for connection in connections:
        connection.send_request("POST", "/orders", body=BODY)
    assert {connection.read_response().status for connection in connections} == {201}
    for connection in connections:
        connection.send_request("GET", "/orders/53")
    assert {connection.read_response().status for connection in connections} == {200}
    after = Metrics(server)
    assert after("tradeloop_redis_up") == 1
    grown = {
        name: after(f"tradeloop_redis_{name}_total") - before(f"tradeloop_redis_{name}_total")
        for name in ("commands", "writes", "sent_bytes", "received_bytes", "disconnects")
    }
    # Orders that come in the same turn are placed together; each question is one of its own.
    assert grown["commands"] > 50
    # One write carries what all who ask in the same turn of the loop want of Redis.
    assert 1 <= grown["writes"] <= grown["commands"]
    assert grown["sent_bytes"] > 50 * len("AAPL") and grown["received_bytes"] > 0
    assert grown["disconnects"] == 0
    assert after("tradeloop_orders", status="PENDING") == 51
    eventually(lambda: Metrics(server)("tradeloop_events_total") == 50, "hearing of the fifty")


def test_a_market_in_memory_tells_nothing_of_redis(start):
    server = start()
    assert "redis" not in server.ask("GET", "/health").json()
    metrics = Metrics(server)
    assert all("redis" not in family.name for family in metrics.families)


def test_the_market_lies_under_one_hash_tag(pair, redis_server):
    """What docs/sharing.md says of the keys; a cluster keeps them in one slot."""
    keyed(pair[0], "k")
    keys = sorted(redis_server.client.keys("*"))
    assert all(key.startswith("{tradeloop}:") for key in keys), keys
    assert {MARKET, FEED, DUE, "{tradeloop}:orders:0"} <= set(keys), keys
    market = redis_server.market()
    assert (market["orders"], market["executed"], market["cancelled"], market["sequence"]) == (
        "4",
        "1",
        "1",
        "1",
    )
    assert redis_server.client.zrange(DUE, 0, -1) == ["0000000004"]
    assert redis_server.orders()[4] == ("P", 10, "AAPL")


def test_a_node_of_a_cluster(share, start_redis):
    """All keys are in one slot, so that the node which has it serves the market like any Redis."""
    # Its nodes talk on a port of their own, which by default is 10,000 higher: there may be none.
    node = start_redis("--cluster-enabled", "yes", "--cluster-port", free_port())
    node.command("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)
    eventually(lambda: "cluster_state:ok" in node.command("CLUSTER", "INFO"), "the cluster")
    first, second = share("--min-delay-ms", 0, "--max-delay-ms", 50, at=node.url), share(at=node.url)
    with Feed(second, "/ws?since=0") as feed:
        place_many(first, 300)
        assert keyed(second, "k").status == 201
        assert assert_json(first.ask("DELETE", "/orders?status=PENDING"), 200)["cancelled"] >= 2
        feed.wait_for(603)
        assert [number for number, _, _ in feed.numbered()] == list(range(1, 604))
    assert first.ask("GET", "/orders").body == second.ask("GET", "/orders").body
    assert "PENDING" not in states(first).values()


# --- settings


def run(binary, *arguments, environment=None):
    return subprocess.run(
        [str(binary), *map(str, arguments)],
        env=clean_environment(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_SECONDS,
    )


WRONG_URLS = [
    "localhost:6379",
    "127.0.0.1",
    "http://127.0.0.1:6379",
    "rediss://127.0.0.1:6379",
    "redis:127.0.0.1",
    "redis://127.0.0.1:port",
    "redis://127.0.0.1:0",
    "redis://127.0.0.1:65536",
    "redis://127.0.0.1:6379/one",
    "redis://127.0.0.1:6379/-1",
    "redis://127.0.0.1:6379/0/1",
    "redis://user@127.0.0.1:6379",
    "redis://127.0.0.1:6379/0?timeout=1",
    "redis://127.0.0.1 :6379",
    "redis://[::1:6379",
    "",
]


@pytest.mark.parametrize("url", WRONG_URLS)
@pytest.mark.parametrize("place", ["flag", "variable"])
def test_a_wrong_address_is_refused_with_words(tradeloop_binary, url, place):
    if not url and place == "variable":
        pytest.skip("an empty variable may as well be none")
    arguments = ["--port", "0"] + ([f"--redis={url}"] if place == "flag" else [])
    result = run(tradeloop_binary, *arguments, environment={} if place == "flag" else {"REDIS_URL": url})
    assert result.returncode == USAGE, result
    assert result.stdout == "", result
    text = result.stderr.strip()
    assert len(text.splitlines()) == 1, text
    assert ("--redis" if place == "flag" else "REDIS_URL") in text, text
    assert "redis://" in text or not url, text


def test_a_password_is_not_told(tradeloop_binary):
    result = run(tradeloop_binary, "--port", "0", "--redis=redis://:hush-hush@127.0.0.1:port")
    assert result.returncode == USAGE, result
    assert "hush-hush" not in result.stderr + result.stdout


@pytest.mark.parametrize(
    "arguments, environment",
    [
        (["--redis", "redis://127.0.0.1", "--control"], {}),
        (["--control"], {"REDIS_URL": "redis://127.0.0.1"}),
        (["--redis", "redis://127.0.0.1"], {"CONTROL": "true"}),
    ],
)
def test_control_over_a_shared_market_is_refused(tradeloop_binary, arguments, environment):
    result = run(tradeloop_binary, "--port", "0", *arguments, environment=environment)
    assert result.returncode == USAGE, result
    text = result.stderr.strip()
    assert "control" in text.lower() and "redis" in text.lower(), text
    assert len(text.splitlines()) == 1, text


def test_help_tells_of_it(tradeloop_binary):
    result = run(tradeloop_binary, "--help")
    assert "--redis" in result.stdout and "REDIS_URL" in result.stdout


def test_the_address_from_the_environment(start, redis_server):
    server = start(environment={"REDIS_URL": redis_server.url})
    wait_until_served(server)
    assert server.ask("GET", "/health").json()["store"] == "redis"


def test_the_flag_wins_over_the_environment(start, redis_server):
    server = start("--redis", redis_server.url, environment={"REDIS_URL": "redis://127.0.0.1:1"})
    wait_until_served(server)


def test_a_host_may_be_a_name(share, redis_server):
    share(at=f"redis://localhost:{redis_server.port}").place()


def test_a_trailing_slash_is_database_0(share, redis_server):
    share(at=redis_server.url + "/").place()
    assert redis_server.market()["orders"] == "4"


def test_databases_are_markets_of_their_own(share, redis_server):
    first, second = share(at=redis_server.url + "/3"), share(at=redis_server.url + "/4")
    assert [first.place()["orderId"], first.place()["orderId"], second.place()["orderId"]] == [4, 5, 4]
    assert len(first.orders()) == 5 and len(second.orders()) == 4
    assert redis_server.client.keys("*") == []
    # The connection that was cut comes back to its own database.
    redis_server.cut_clients()
    eventually(lambda: first.ask("POST", "/orders", body=BODY).status == 201, "a new connection")
    wait_until_served(second)
    assert len(second.orders()) == 4
    assert redis_server.client.keys("*") == []


def test_a_database_that_is_not_there(share, redis_server):
    server = share(at=redis_server.url + "/99", waits=False)
    assert_try_again(server.ask("GET", "/orders/1"))
    eventually(lambda: "DB index" in server.stderr or "database" in server.stderr.lower(), "a word on it")


def test_a_password(share, start_redis):
    redis_server = start_redis(password="s3cret/+@:")
    # What an address gives a meaning is written as an escape.
    server = share(at=f"redis://:s3cret%2F%2B%40%3A@{redis_server.authority}")
    assert server.place()["orderId"] == 4
    redis_server.cut_clients()
    eventually(lambda: server.ask("POST", "/orders", body=BODY).status == 201, "a new connection")
    wrong = share(at=f"redis://:wrong@{redis_server.authority}", waits=False)
    missing = share(at=redis_server.url, waits=False)
    for each in (wrong, missing):
        assert_try_again(each.ask("GET", "/orders/1"))
        eventually(lambda: "password" in each.stderr.lower() or "auth" in each.stderr.lower(), "a word on it")
    for each in (server, wrong, missing):
        assert "s3cret" not in each.stderr, each.stderr


def test_a_user_with_a_password(share, redis_server):
    redis_server.command(
        "ACL", "SETUSER", "trader", "on", ">pass word", "~{tradeloop}:*", "+@all", "-@admin", "-@dangerous"
    )
    server = share(at=f"redis://trader:pass%20word@{redis_server.authority}/0")
    assert server.place()["orderId"] == 4
    with Feed(server) as feed:
        server.ask("DELETE", "/orders/4")
        assert feed.wait_for(1) == [event_text(4, "CANCELLED")]
