"""Instances whose Redis is slow, away, cut off in mid-sentence, full, or not what it was."""

from __future__ import annotations

import pathlib
import re
import threading
import time

import pytest
import redis

from kit.expect import assert_json, assert_problem, event_text
from kit.feed import Feed
from kit.proxy import Proxy
from kit.redis import FEED, MARKET, free_port
from kit.shared import (
    BODY,
    assert_try_again,
    eventually,
    place_many,
    states,
    wait_until_away,
    wait_until_served,
)
from kit.stream import EventStream
from kit.vitals import IS_KNOWN, MIB, Vitals
from kit.wire import Broken, request_bytes
from test_metrics import Metrics
from test_settings import END_SECONDS
from test_shared import assert_gone, keyed, upgrade

# Requests that need the store, and those that do not.
STORED = [
    ("GET", "/orders", None),
    ("HEAD", "/orders", None),
    ("GET", "/orders?status=PENDING&limit=2", None),
    ("GET", "/orders/1", None),
    ("HEAD", "/orders/1", None),
    ("POST", "/orders", BODY),
    ("DELETE", "/orders/1", None),
    ("DELETE", "/orders?status=PENDING", None),
]
FREE = ["/", "/docs", "/openapi.json", "/health", "/metrics"]
# An instance takes Redis for gone that is silent for 3 s; some more for a busy machine.
SILENCE_SECONDS = 3


def order_body(stocks):
    return f'{{"stocks":"{stocks}","quantity":10}}'


def count_of(redis_server, stocks):
    """How many orders of that text lie in Redis."""
    return sum(text == stocks for _, _, text in redis_server.orders().values())


def assert_away(server):
    """What needs the store is to be asked again; everything else is served."""
    for method, target, body in STORED:
        response = server.ask(method, target, body=body)
        if method == "HEAD":
            assert (response.status, response.header("Retry-After")) == (503, "1"), response
        else:
            assert_try_again(response)
    for target in FREE:
        assert server.ask("GET", target).status == 200, target
    health = server.ask("GET", "/health").json()
    assert (health["status"], health["store"], health["redis"]) == ("ok", "redis", "away"), health
    assert Metrics(server)("tradeloop_redis_up") == 0


# --- at the start


def test_redis_comes_later_than_the_instance(share, start_redis):
    port = free_port()
    server = share(at=f"redis://127.0.0.1:{port}", waits=False)
    eventually(lambda: "redis" in server.stderr.lower(), "a word on Redis")
    assert_away(server)
    for response in (upgrade(server, "/ws"), server.ask("GET", "/events"), upgrade(server, "/ws?since=0")):
        assert_try_again(response)
    redis_server = start_redis(port=port)
    wait_until_served(server)
    health = eventually(
        lambda: (lambda found: found if found["redis"] != "away" else None)(
            server.ask("GET", "/health").json()
        ),
        "Redis being there",
    )
    assert health["orders"] == {"PENDING": 1, "EXECUTED": 1, "CANCELLED": 1}
    with Feed(server) as feed:
        assert server.place()["orderId"] == 4
        assert feed.wait_for(1) == [event_text(4, "PENDING")]
    assert redis_server.market()["orders"] == "4"
    # It says what is wrong, in few words and not again and again.
    assert len(server.stderr_lines) < 20, server.stderr


def test_a_name_that_nobody_has(share):
    server = share(at="redis://no-such-host.invalid:6379", waits=False)
    assert_try_again(server.ask("GET", "/orders/1"))
    eventually(lambda: "no-such-host.invalid" in server.stderr, "a word on it")


def test_something_else_listens_there(share, start):
    other = start()
    server = share(at=f"redis://127.0.0.1:{other.port}", waits=False)
    for _ in range(5):
        assert_try_again(server.ask("GET", "/orders/1"))
        time.sleep(0.05)
    assert server.ask("GET", "/health").json()["redis"] == "away"


# --- away for a while


@pytest.mark.parametrize("how", ["killed", "silent"])
def test_away_and_back(share, redis_server, how):
    first, second = share(), share("--min-delay-ms", 400, "--max-delay-ms", 400)
    feeds = [Feed(server, "/ws?numbered") for server in (first, second)]
    stream, plain = EventStream(second), Feed(first)
    early = place_many(first, 10)
    due = place_many(second, 10)
    if how == "killed":
        redis_server.kill()
    else:
        redis_server.pause()
        # What is asked now waits until the silence has been long enough.
        begun = time.monotonic()
        assert_try_again(first.ask("GET", "/orders/1"))
        assert time.monotonic() - begun >= SILENCE_SECONDS - 1
    for server in (first, second):
        wait_until_away(server)
        assert_away(server)
    time.sleep(0.5)
    assert all(feed.websocket.close_code is None for feed in (*feeds, plain)) and not stream.is_over
    if how == "killed":
        redis_server.start()
    else:
        redis_server.resume()
    for server in (first, second):
        wait_until_served(server)
    late = place_many(first, 10)
    for feed in (*feeds, stream, plain):
        feed.wait_for(40)
    # What fell due meanwhile is executed when Redis is back; none is lost, and none comes twice.
    events = feeds[0].numbered()
    assert [number for number, _, _ in events] == list(range(1, 41))
    assert feeds[1].texts == feeds[0].texts == stream.texts
    assert [(order_id, status) for _, order_id, status in plain.events()] == [
        (order_id, status) for _, order_id, status in events
    ]
    assert {order_id for _, order_id, status in events if status == "EXECUTED"} == set(due)
    assert [order_id for _, order_id, status in events if status == "PENDING"] == early + due + late
    assert Metrics(first)("tradeloop_redis_up") == 1
    assert Metrics(first)("tradeloop_redis_disconnects_total") >= 1
    for feed in (*feeds, stream, plain):
        feed.close()


def test_wrong_requests_are_told_so_while_redis_is_away(share, redis_server):
    """What can be seen without the store is answered with what is wrong, or like everything else."""
    server = share()
    redis_server.kill()
    wait_until_away(server)
    for method, target, body in (
        ("POST", "/orders", "{}"),
        ("GET", "/orders/abc", None),
        ("DELETE", "/orders", None),
        ("GET", "/orders?limit=0", None),
    ):
        response = server.ask(method, target, body=body)
        assert_problem(response, response.status)
        assert response.status in (400, 503), response
    assert server.ask("PUT", "/orders").status == 405
    assert server.ask("GET", "/nothing").status == 404
    redis_server.start()
    wait_until_served(server)


def test_feeds_may_begin_while_redis_is_away(share, redis_server):
    """What the instance has heard it can tell; what comes after is told when it comes."""
    server = share()
    place_many(server, 5)
    with Feed(server, "/ws?since=0") as feed:
        feed.wait_for(5)
    redis_server.kill()
    wait_until_away(server)
    with Feed(server, "/ws?since=2") as feed, EventStream(server) as stream:
        feed.wait_for(3)
        redis_server.start()
        wait_until_served(server)
        server.place()
        feed.wait_for(4)
        assert [number for number, _, _ in feed.numbered()] == [3, 4, 5, 6]
        stream.wait_for(1)
        assert stream.heard[0][0] == 6


def test_connections_that_are_cut_again_and_again(share, redis_server):
    first, second = share(), share()
    with Feed(first, "/ws?numbered") as one, Feed(second, "/ws?numbered") as other:
        placed = []
        for _ in range(30):
            redis_server.cut_clients()
            for server in (first, second):
                response = server.ask("POST", "/orders", body=BODY)
                assert response.status in (201, 503, 504), response
                if response.status == 201:
                    placed.append(response.json()["orderId"])
            time.sleep(0.02)
        for server in (first, second):
            wait_until_served(server)
            placed.append(server.place()["orderId"])
        last = int(redis_server.market()["sequence"])
        assert len(placed) == len(set(placed)) <= last
        for feed in (one, other):
            feed.wait_for(last)
            assert [number for number, _, _ in feed.numbered()] == list(range(1, last + 1))
        assert set(placed) <= {order_id for _, order_id, _ in one.numbered()}


def test_it_comes_back_at_the_latest_after_the_longest_pause(share, redis_server):
    """Back-off ends at 2 s: an hour away is mended as fast as a minute."""
    server = share()
    redis_server.kill()
    wait_until_away(server)
    time.sleep(5)
    redis_server.start()
    begun = time.monotonic()
    wait_until_served(server)
    assert time.monotonic() - begun < 2 + 3


# --- cut off in the middle


@pytest.fixture
def network(redis_server):
    with Proxy(redis_server.port) as proxy:
        yield proxy


@pytest.fixture
def far(share, network):
    """An instance whose way to Redis can be broken; it has placed order 4, so that Redis has the script."""
    server = share(at=network.url)
    server.place()
    return server


def assert_unknown(response, has_key):
    """Nobody can say whether the order was placed."""
    problem = assert_problem(response, 504)
    if has_key:
        assert response.header("Retry-After") == "1", response
    else:
        assert response.header("Retry-After") is None, response
        assert "Idempotency-Key" in problem["detail"], problem


def test_an_order_whose_answer_is_lost(share, redis_server, network, far):
    near = share()
    with Feed(near) as feed:
        network.cut_before_reply("LOST-1")
        assert_unknown(far.ask("POST", "/orders", body=order_body("LOST-1")), False)
        wait_until_served(far)
        # Here it was placed, once.
        assert count_of(redis_server, "LOST-1") == 1
        assert far.place()["orderId"] == 6
        assert feed.wait_for(2) == [event_text(5, "PENDING"), event_text(6, "PENDING")]
    assert network.cut_count == 1


@pytest.mark.parametrize("place", ["before the reply", "in the reply", "in the command"])
def test_an_order_with_a_key_is_placed_once_whatever_breaks(share, redis_server, network, far, place):
    near = share()
    if place == "before the reply":
        network.cut_before_reply("KEYED")
    elif place == "in the reply":
        network.cut_in_reply("KEYED", 3)
    else:
        network.cut_in_command("KEYED", 2)
    lost = keyed(far, "once", order_body("KEYED"))
    network.wait_for_cut()
    if place == "in the command" and lost.status == 503:
        # An instance may know that a command cannot have arrived whole.
        assert_try_again(lost)
    else:
        assert_unknown(lost, True)
    first = keyed(near, "once", order_body("KEYED"))
    assert first.status == 201
    assert first.header("Idempotency-Replayed") == (None if place == "in the command" else "true")
    wait_until_served(far)
    again = keyed(far, "once", order_body("KEYED"))
    assert (again.status, again.body) == (201, first.body)
    assert again.header("Idempotency-Replayed") == "true"
    assert count_of(redis_server, "KEYED") == 1


def test_an_order_cut_in_the_command_is_not_placed(redis_server, network, far):
    network.cut_in_command("HALF-AN-ORDER", 6)
    response = far.ask("POST", "/orders", body=order_body("HALF-AN-ORDER"))
    assert response.status in (503, 504), response
    wait_until_served(far)
    assert redis_server.orders().keys() == {1, 2, 3, 4}
    assert far.place()["orderId"] == 5


def test_a_cancellation_whose_answer_is_lost(network, far):
    place_many(far, 130)
    network.cut_before_reply("\r\n131\r\n")
    assert_try_again(far.ask("DELETE", "/orders/131"))
    network.wait_for_cut()
    wait_until_served(far)
    assert far.ask("DELETE", "/orders/131").status == 204
    assert far.order(131)["orderStatus"] == "CANCELLED"


def test_a_question_whose_answer_is_lost(network, far):
    place_many(far, 130)
    network.cut_before_reply("\r\n131\r\n")
    assert_try_again(far.ask("GET", "/orders/131"))
    network.wait_for_cut()
    wait_until_served(far)
    assert far.order(131)["orderId"] == 131


def test_a_list_that_breaks_off_is_not_taken_for_whole(network, far):
    place_many(far, 3_000)
    for after in (0, 5_000, 60_000):
        network.cut_in_reply("{tradeloop}:orders:", after)
        try:
            assert_try_again(far.ask("GET", "/orders"))
        except Broken:
            # It had begun: then it must end without its last chunk.
            pass
        network.wait_for_cut()
        network.cut_count = 0
        wait_until_served(far)
    assert len(far.orders()) == 3_004


def test_cancelling_all_that_breaks_off_may_be_repeated(redis_server, network, far):
    place_many(far, 3_000)
    network.cut_before_reply("EVALSHA")
    assert_try_again(far.ask("DELETE", "/orders?status=PENDING"))
    network.wait_for_cut()
    wait_until_served(far)
    response = far.ask("DELETE", "/orders?status=PENDING")
    assert assert_json(response, 200)["cancelled"] <= 3_002
    assert "PENDING" not in states(far).values()
    assert redis_server.market()["cancelled"] == str(1 + 3_002)


def test_many_at_once_are_each_answered_when_the_connection_breaks(redis_server, network, far):
    """A packet of orders in one write; each is answered, and each that is unknown is at most one order."""
    network.cut_before_reply("PACKET-3")
    count = 200
    with far.connect() as connection:
        connection.send(
            b"".join(
                request_bytes("POST", "/orders", body=order_body(f"PACKET-{n}"), host=far.authority)
                for n in range(count)
            )
        )
        answers = [connection.read_response() for _ in range(count)]
    wait_until_served(far)
    texts = [text for _, _, text in redis_server.orders().values()]
    for number, answer in enumerate(answers):
        found = texts.count(f"PACKET-{number}")
        if answer.status == 201:
            assert found == 1, answer
        elif answer.status == 504:
            assert_unknown(answer, False)
            assert found <= 1, answer
        else:
            assert_try_again(answer)
            assert found == 0, answer
    assert answers[3].status == 504


def test_a_silence_while_an_order_is_under_way(redis_server, network, far):
    network.hold()
    with far.connect() as placing, far.connect() as keying, far.connect() as asking, far.connect() as ending:
        begun = time.monotonic()
        placing.send_request("POST", "/orders", body=order_body("HELD"))
        keying.send_request("POST", "/orders", [("Idempotency-Key", "held")], order_body("HELD-KEYED"))
        asking.send_request("GET", "/orders/1")
        ending.send_request("DELETE", "/orders/1")
        # Meanwhile whoever needs no store is served.
        assert far.ask("GET", "/health").status == 200
        assert_unknown(placing.read_response(), False)
        assert time.monotonic() - begun >= SILENCE_SECONDS - 1
        assert_unknown(keying.read_response(), True)
        assert_try_again(asking.read_response())
        assert_try_again(ending.read_response())
    network.release()
    wait_until_served(far)
    assert keyed(far, "held", order_body("HELD-KEYED")).status == 201
    eventually(lambda: count_of(redis_server, "HELD-KEYED") == 1, "the order")
    assert count_of(redis_server, "HELD") <= 1


def test_a_slow_network_is_only_slow(network, far):
    network.delay(0.4)
    begun = time.monotonic()
    order_id = far.place()["orderId"]
    assert far.ask("DELETE", f"/orders/{order_id}").status == 204
    assert far.order(order_id)["orderStatus"] == "CANCELLED"
    assert time.monotonic() - begun >= 3 * 2 * 0.4 - 0.1
    assert Metrics(far)("tradeloop_redis_disconnects_total") == 0


def test_a_feed_goes_on_over_a_cut_in_an_entry(share, network, far):
    """The reply that carries events breaks off in the middle: none is lost, and none comes twice."""
    near = share()
    with Feed(far, "/ws?since=0") as feed:
        total = 1
        for after in (0, 1, 7, 60, 300):
            network.cut_in_reply("XREAD", after)
            place_many(near, 50)
            total += 50
            feed.wait_for(total)
        assert [number for number, _, _ in feed.numbered()] == list(range(1, total + 1))


def test_nobody_listens_for_a_while(network, far):
    network.refuse()
    wait_until_away(far)
    assert_away(far)
    network.accept()
    wait_until_served(far)
    assert far.place()["orderId"] == 5


# --- clients that do not wait


def test_clients_that_leave_while_redis_is_slow(network, redis_server, far):
    """Their answers have nobody to go to; the orders that were under way are placed, or are not."""
    network.delay(0.3)
    crowd = [far.connect() for _ in range(60)]
    for number, connection in enumerate(crowd):
        connection.send_request("POST", "/orders", body=order_body(f"LEFT-{number}"))
        if number % 3 == 0:
            connection.send_request("GET", "/orders")
    time.sleep(0.1)
    for number, connection in enumerate(crowd):
        connection.reset() if number % 2 else connection.close()
    network.delay(0)
    assert far.ask("GET", "/orders/1").status == 200
    eventually(lambda: int(Metrics(far)("tradeloop_connections")) <= 1, "their connections' end")
    texts = [text for _, _, text in redis_server.orders().values()]
    assert all(texts.count(text) == 1 for text in texts if text.startswith("LEFT")), texts


def test_who_has_said_all_is_still_answered(network, far):
    network.delay(0.2)
    with far.connect() as connection:
        connection.send(request_bytes("POST", "/orders", body=BODY) + request_bytes("GET", "/orders/5"))
        connection.half_close()
        assert connection.read_response().status == 201
        assert connection.read_response().json()["orderId"] == 5
        connection.expect_end()


def test_a_thousand_requests_in_one_packet_wait_for_their_turn(network, far):
    """One after the other: what is not asked yet waits in the connection."""
    with far.connect() as connection:
        sender = threading.Thread(
            target=connection.send, args=(request_bytes("GET", "/orders/4") * 1_000,), daemon=True
        )
        sender.start()
        for _ in range(1_000):
            assert connection.read_response().json()["orderId"] == 4
        sender.join()


@pytest.mark.skipif(not IS_KNOWN, reason="the kernel does not tell")
def test_nothing_is_left_of_connections_that_were_lost(share, redis_server, network):
    far = share(at=network.url)
    vitals = Vitals(far)
    place_many(far, 100)
    # Each time it waits longer before it comes back, up to 2 s.
    for _ in range(10):
        network.sever()
        wait_until_served(far)
    eventually(lambda: vitals.descriptor_count <= vitals.idle_descriptors + 2, "descriptors being given back")
    vitals.assert_grown_at_most(8 * MIB)


# --- what Redis forgets


def test_scripts_that_redis_forgot_are_loaded_again(share, redis_server):
    server = share("--min-delay-ms", 300, "--max-delay-ms", 300)
    with Feed(server) as feed:
        for _ in range(3):
            server.place()
            redis_server.command("SCRIPT", "FLUSH")
            assert server.ask("DELETE", "/orders/1").status == 204
            redis_server.command("SCRIPT", "FLUSH")
            assert server.ask("DELETE", "/orders?status=PENDING&stocks=NONE").status == 200
            redis_server.command("SCRIPT", "FLUSH")
            assert len(place_many(server, 50)) == 50
            redis_server.command("SCRIPT", "FLUSH")
        # Each PENDING, each EXECUTED, and the example's CANCELLED.
        feed.wait_for(2 * 153 + 1)
    assert Metrics(server)("tradeloop_redis_disconnects_total") == 0


@pytest.mark.parametrize("command", ["FLUSHALL", "FLUSHDB"])
def test_a_market_that_was_wiped_out_begins_anew(share, redis_server, command):
    servers = [share(), share()]
    place_many(servers[0], 10)
    feeds = [Feed(server, "/ws?numbered") for server in servers]
    streams = [EventStream(server) for server in servers]
    era = redis_server.market()["era"]
    redis_server.command(command)
    for feed in feeds:
        assert feed.wait_for_end() == 1012
    for stream in streams:
        stream.wait_for_end()
    for server in servers:
        wait_until_served(server)
        assert states(server) == {1: "PENDING", 2: "EXECUTED", 3: "CANCELLED"}
    assert redis_server.market()["era"] != era
    # Numbers of the market that was are nobody's.
    for server in servers:
        assert_gone(server, 10, 1, 0)
    with Feed(servers[1], "/ws?since=0") as feed:
        assert servers[0].place()["orderId"] == 4
        feed.wait_for(1)
        assert feed.numbered() == [(1, 4, "PENDING")]
    eventually(
        lambda: servers[1].ask("GET", "/health").json()["orders"]["PENDING"] == 2, "counting what is new"
    )


def test_a_market_that_was_wiped_out_and_has_overtaken_who_listened(share, redis_server):
    """Numbers of the new market are soon higher than those heard: still it is another one, whose events are
    not told to who followed the old one."""
    first, second = share(), share()
    feeds = [Feed(server, "/ws?numbered") for server in (first, second)]
    first.place()
    for feed in feeds:
        feed.wait_for(1)
    redis_server.command("FLUSHALL")
    # A new instance finds nothing, and is the first to begin anew.
    place_many(share(), 20)
    for feed in feeds:
        assert feed.wait_for_end() == 1012
        assert feed.numbered() == [(1, 4, "PENDING")]
    for server in (first, second):
        wait_until_served(server)
        with Feed(server, "/ws?since=0") as feed:
            feed.wait_for(20)
            assert [order_id for _, order_id, _ in feed.numbered()] == list(range(4, 24))


def test_a_market_that_came_back_from_an_older_copy_is_another(share, start_redis):
    """As after a failover that lost events: whoever heard them is told to begin anew."""
    redis_server = start_redis(fsync="no")
    server = share(at=redis_server.url)
    place_many(server, 10)
    copy = {
        key: redis_server.new_client(decode_responses=False).dump(key) for key in redis_server.client.keys()
    }
    place_many(server, 10)
    with Feed(server, "/ws?since=0") as feed:
        feed.wait_for(20)
        client = redis_server.new_client(decode_responses=False)
        with client.pipeline(transaction=True) as transaction:
            transaction.flushall()
            for key, value in copy.items():
                transaction.restore(key, 0, value)
            transaction.execute()
        # A replica that takes over comes by a new connection.
        redis_server.cut_clients()
        assert feed.wait_for_end() == 1012
    wait_until_served(server)
    assert len(server.orders()) == 13
    assert server.place()["orderId"] == 14


# --- what Redis refuses


def assert_writes_refused_then_taken(server, refuse, allow):
    """While Redis takes no writes, POST is to be tried again; reading works, or is to be tried again."""
    with Feed(server) as feed:
        refuse()
        try:
            assert_try_again(server.ask("POST", "/orders", body=BODY))
            assert_try_again(keyed(server, "refused"))
            response = server.ask("DELETE", "/orders/1")
            assert response.status in (204, 503), response
            response = server.ask("GET", "/orders/2")
            assert response.status in (200, 503), response
            assert server.ask("GET", "/health").status == 200
        finally:
            allow()
        eventually(lambda: server.ask("POST", "/orders", body=BODY).status == 201, "writing again")
        assert keyed(server, "refused").header("Idempotency-Replayed") is None
        # The example may have been cancelled in between.
        eventually(lambda: event_text(5, "PENDING") in feed.texts, "both orders being told")
        assert [order_id for _, order_id, status in feed.events() if status == "PENDING"] == [4, 5]
    assert len(server.orders()) == 5
    assert len(server.stderr_lines) < 20, server.stderr


def test_redis_has_no_memory_left(share, redis_server):
    client = redis_server.client
    assert_writes_refused_then_taken(
        share(), lambda: client.config_set("maxmemory", 1), lambda: client.config_set("maxmemory", 0)
    )


def test_redis_is_a_replica(share, redis_server):
    client = redis_server.client
    assert_writes_refused_then_taken(
        share(), lambda: client.replicaof("127.0.0.1", free_port()), lambda: client.replicaof("NO", "ONE")
    )


def test_redis_has_too_few_replicas(share, redis_server):
    client = redis_server.client
    assert_writes_refused_then_taken(
        share(),
        lambda: client.config_set("min-replicas-to-write", 1),
        lambda: client.config_set("min-replicas-to-write", 0),
    )


def test_redis_cannot_write_to_its_disk(share, redis_server):
    client = redis_server.client
    # A folder in the place of the file: saving fails, and after that Redis takes no writes.
    (pathlib.Path(redis_server.folder) / "dump.rdb").mkdir()

    def refuse():
        client.config_set("save", "3600 1")
        client.bgsave()
        eventually(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err", "failing to save")

    assert_writes_refused_then_taken(share(), refuse, lambda: client.config_set("save", ""))


def test_redis_is_busy_with_a_script_of_somebody_elses(share, redis_server):
    client = redis_server.client
    client.config_set("busy-reply-threshold", 50)

    def run():
        with pytest.raises(redis.exceptions.ResponseError):
            redis_server.new_client(socket_timeout=30).eval("while true do end", 0)

    runner = threading.Thread(target=run)

    def refuse():
        runner.start()
        other = redis_server.new_client()

        def is_busy():
            try:
                return not other.ping()
            except redis.exceptions.BusyLoadingError:
                return False
            except redis.exceptions.ResponseError as failure:
                return "BUSY" in str(failure)

        eventually(is_busy, "the script")

    def allow():
        redis_server.command("SCRIPT", "KILL")
        runner.join()

    assert_writes_refused_then_taken(share(), refuse, allow)


def test_a_user_who_may_not_write(share, redis_server):
    redis_server.command("ACL", "SETUSER", "reader", "on", ">pw", "~{tradeloop}:*", "+@all", "-@admin")
    server = share(at=f"redis://reader:pw@{redis_server.authority}")
    assert_writes_refused_then_taken(
        server,
        lambda: redis_server.command("ACL", "SETUSER", "reader", "-@write", "-@scripting"),
        lambda: redis_server.command("ACL", "SETUSER", "reader", "+@all", "-@admin"),
    )


def test_keys_of_another_make(share, redis_server):
    """Somebody else's data under our names is told, not overwritten, and no reason to crash."""
    redis_server.client.set(MARKET, "mine")
    server = share(waits=False)
    eventually(lambda: "WRONGTYPE" in server.stderr or MARKET in server.stderr, "a word on it")
    answers = [server.ask(method, target, body=body) for method, target, body in STORED]
    assert all(response.status == 503 for response in answers), answers
    assert redis_server.client.get(MARKET) == "mine"
    redis_server.client.delete(MARKET)
    wait_until_served(server)


@pytest.mark.parametrize(
    "value", ["", "P", "X10 AAPL", "P10", "Pten AAPL", "P99999999999999999999 AAPL", "10"]
)
def test_an_order_that_somebody_spoiled(share, redis_server, value):
    server = share()
    place_many(server, 3)
    redis_server.client.hset("{tradeloop}:orders:0", "5", value)
    for method, target in (("GET", "/orders/5"), ("DELETE", "/orders/5"), ("GET", "/orders")):
        try:
            response = server.ask(method, target)
        except Broken:
            continue
        assert response.status in (200, 204, 404, 409, 500, 502, 503), response
    assert server.order(4)["orderId"] == 4
    assert server.order(6)["orderId"] == 6
    assert server.place()["orderId"] == 7


def test_an_entry_of_the_stream_that_somebody_added(share, redis_server):
    """An event that says nothing sensible: the instance does not crash, and goes on serving orders."""
    server = share()
    with Feed(server, "/ws?numbered"):
        server.place()
        redis_server.client.xadd(FEED, {"o": "x", "s": "?", "t": "soon"}, id="2-0")
        time.sleep(0.3)
        assert server.ask("GET", "/health").status == 200
        assert server.order(4)["orderId"] == 4


# --- the end


@pytest.mark.parametrize("how", ["silent", "held"])
def test_a_signal_while_requests_wait_for_redis(redis_server, network, far, how):
    connections = [far.connect() for _ in range(4)]
    feed, stream = Feed(far), EventStream(far)
    if how == "silent":
        redis_server.pause()
    else:
        network.hold()
    for connection, (method, target, body, headers) in zip(
        connections,
        [
            ("POST", "/orders", BODY, []),
            ("POST", "/orders", BODY, [("Idempotency-Key", "k")]),
            ("GET", "/orders", None, []),
            ("DELETE", "/orders/1", None, []),
        ],
    ):
        connection.send_request(method, target, headers, body)
    assert far.ask("GET", "/health").status == 200
    begun = time.monotonic()
    far.send_signal(15)
    answers = [connection.read_response() for connection in connections]
    assert [answer.status for answer in answers] == [504, 504, 503, 503], answers
    for answer, connection in zip(answers, connections):
        assert_problem(answer, answer.status)
        assert "close" in answer.tokens("Connection"), answer
        connection.expect_end()
    assert feed.wait_for_end() == 1001
    stream.wait_for_end()
    assert far.wait() == 0
    assert time.monotonic() - begun <= END_SECONDS
    network.release()
    redis_server.resume()


def test_a_signal_while_redis_answers(share):
    """What was sent before the signal is answered as ever."""
    server = share()
    with server.connect() as connection:
        connection.send(request_bytes("POST", "/orders", body=BODY) * 500)
        assert connection.read_response().status == 201
        server.send_signal(15)
        answers = 1
        try:
            while True:
                response = connection.read_response()
                assert response.status in (201, 503), response
                answers += 1
                if "close" in response.tokens("Connection"):
                    break
        except Broken:
            pass
    assert answers >= 2
    assert server.wait() == 0


def test_a_signal_while_redis_is_away(share, redis_server):
    server = share()
    redis_server.kill()
    wait_until_away(server)
    with Feed(server) as feed:
        begun = time.monotonic()
        server.send_signal(15)
        assert feed.wait_for_end() == 1001
        assert server.wait() == 0
        assert time.monotonic() - begun <= END_SECONDS


def test_a_signal_before_redis_was_ever_there(share):
    server = share(at=f"redis://127.0.0.1:{free_port()}", waits=False)
    assert_try_again(server.ask("GET", "/orders/1"))
    server.stop()
    assert not re.search(r"fatal error|backtrace", server.stderr, re.I), server.stderr


def test_an_instance_leaves_nothing_at_redis(share, redis_server):
    server = share()
    server.place()
    server.stop()
    eventually(lambda: len(redis_server.client.client_list()) == 1, "its connections' end")
