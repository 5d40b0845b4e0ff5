"""Clients that mean harm, on real sockets.

After each of them, and while it is at work, an ordinary request is answered; all of them together may cost
no more than GROWTH_BYTES_MAX of memory. The numbers are such that a minute is enough for all; a server bears
many times as much.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import re
import resource
import signal
import socket
import threading
import time

import pytest

from kit import vitals
from kit.crowd import Crowd, affordable
from kit.expect import QUANTITY_MAX, assert_problem, event_text
from kit.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    FrameClient,
    close_payload,
    frame,
    handshake_headers,
)
from kit.server import PATIENCE_SECONDS, Server
from kit.vitals import MIB, Vitals
from kit.wire import Broken, Closed, chunked, request_bytes

# What a server may hold beyond what it holds when idle.
GROWTH_BYTES_MAX = 64 * MIB
# The promise for an ordinary request, whatever others do. A server at rest needs a millisecond.
ANSWER_SECONDS_MAX = 1
# A machine with much else to do may keep one try waiting, but not each: then it is the server.
ANSWER_TRIES = 5
# The promise is 5 seconds; the rest is for the machine.
STOP_SECONDS_MAX = 5 + 3
# Orders in the list of the server that endures the attacks: 1.5 MB of it.
STORED = 20_000
# As little as the kernel gives: so that what is not read is soon the server's to keep.
SMALL_BUFFER_BYTES = 4_096

BODY = b'{"stocks":"AAPL","quantity":10}'
SLOW = ("--min-delay-ms", "600000", "--max-delay-ms", "600000")

needs_proc = pytest.mark.skipif(not vitals.IS_KNOWN, reason="needs Linux's /proc")


def get(target="/orders/1", *fields, version="HTTP/1.1"):
    return request_bytes("GET", target, fields, version=version)


def post(body=BODY, *fields):
    return request_bytes("POST", "/orders", fields, body)


def post_chunks(coded):
    return post(coded, ("Transfer-Encoding", "chunked"))


HANDSHAKE = request_bytes("GET", "/ws", handshake_headers())


def place_many(server, count):
    """Places so many orders, in batches, and reads every answer."""
    batch = 1_000
    with server.connect() as connection:
        for start in range(0, count, batch):
            size = min(batch, count - start)
            connection.send(post() * size)
            for _ in range(size):
                assert connection.read_response().status == 201


def assert_well(server):
    """An ordinary request is answered, in time, by a server that has not grown too much."""
    waited = []
    while not waited or waited[-1] > ANSWER_SECONDS_MAX:
        assert len(waited) < ANSWER_TRIES, f"ordinary answers took {waited} s"
        begun = time.monotonic()
        server.assert_serves()
        waited.append(time.monotonic() - begun)
    server.vitals.assert_grown_at_most(GROWTH_BYTES_MAX)


def watched(server, stored=0):
    """The server, which nobody has used yet, with so many orders and with its idle figures taken."""
    server.vitals = Vitals(server)
    server.assert_serves()
    place_many(server, stored)
    server.vitals.rest()
    return server


def wait_until(condition, what, within=PATIENCE_SECONDS):
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {within} s"
        time.sleep(0.02)


def assert_all_gone(server):
    """Every descriptor of a connection is given back."""
    wait_until(lambda: server.vitals.connection_count <= 0, "connections are given back")


@contextlib.contextmanager
def frozen(server):
    """The server stands still, and what is sent to it piles up in the kernel."""
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def statuses(texts):
    """How many connections were answered what first; 0: nothing."""
    return collections.Counter(int(text[9:12]) if text.startswith(b"HTTP/1.1 ") else 0 for text in texts)


@pytest.fixture(scope="module")
def veteran(tradeloop_binary):
    """One server that endures all attacks, one after another."""
    server = Server(tradeloop_binary, "--port", 0, *SLOW)
    yield watched(server, STORED)
    server.stop()


@pytest.fixture(scope="module", autouse=True)
def sleeper(tradeloop_binary):
    """A server that stands still from the first test of this file to its last, with requests on their way."""
    server = Server(tradeloop_binary, "--port", 0, *SLOW)
    crowd = Crowd(server, 50)
    crowd.send(get()[:-2])
    # Who comes later is answered later: what was sent above has been read.
    time.sleep(0.1)
    server.assert_serves()
    os.kill(server.process.pid, signal.SIGSTOP)
    crowd.send(get()[-2:])
    server.since = time.monotonic()
    yield server, crowd
    os.kill(server.process.pid, signal.SIGCONT)
    crowd.close()
    server.stop()


# --- attacks


@contextlib.contextmanager
def crowd_sends(server, count, data, reads=True):
    with Crowd(server, affordable(count), None if reads else SMALL_BUFFER_BYTES) as crowd:
        crowd.send(data)
        yield crowd


@contextlib.contextmanager
def opened_and_dropped(server):
    """10,000 in all, and as many that are reset."""
    for _ in range(20):
        Crowd(server, affordable(500)).close()
    yield


@contextlib.contextmanager
def opened_and_reset(server):
    for _ in range(20):
        Crowd(server, affordable(500)).reset()
    yield


def idle_at_once(server):
    return crowd_sends(server, 2_000, b"")


def slow_heads(server):
    return crowd_sends(server, 2_000, b"GET /orders/1 HT")


def slow_bodies(server):
    return crowd_sends(server, 2_000, post()[:-5])


@contextlib.contextmanager
def no_body_after_expect(server):
    with crowd_sends(server, 500, post(b"", ("Expect", "100-continue"), ("Content-Length", "31"))) as crowd:
        assert set(crowd.read_some()) == {b"HTTP/1.1 100 Continue\r\n\r\n"}
        yield


@contextlib.contextmanager
def other_protocols(server):
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 2
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9)
    noise = bytes((number * number * 131 + 7) % 251 for number in range(20_000))
    with contextlib.ExitStack() as stack:
        for data, status in ((hello, 400), (preface, 505), (noise, 400)):
            crowd = stack.enter_context(crowd_sends(server, 50, data))
            assert set(statuses(crowd.read_some(enough=20))) == {status}, data[:20]
        yield


@contextlib.contextmanager
def upgrades_followed_by_requests(server):
    with crowd_sends(server, 200, HANDSHAKE + get() * 3) as crowd:
        for text in crowd.read_some(enough=10_000):
            head, _, rest = text.partition(b"\r\n\r\n")
            # Unmasked frames of a reserved opcode, to its eyes: 1002, and nothing is answered.
            assert head.startswith(b"HTTP/1.1 101 "), text
            assert rest[:1] == b"\x88" and rest[2:4] == close_payload(1002), text
        yield


@contextlib.contextmanager
def half_closed(server):
    """Peers that say they are done at every stage of a request; and one stage after it."""
    with contextlib.ExitStack() as stack:
        for data in (b"", get()[:20], post()[:-5], get() * 50, HANDSHAKE, HANDSHAKE + b"\x89"):
            stack.enter_context(crowd_sends(server, 50, data)).half_close()
        yield


@contextlib.contextmanager
def reset_in_mid_answer(server):
    for moment in range(6):
        with crowd_sends(server, 50, get("/orders") * 3, reads=False) as crowd:
            if moment % 2:
                crowd.read_some(enough=1_000)
            time.sleep(0.02 * moment)
            crowd.reset()
    yield


@contextlib.contextmanager
def gone_in_mid_answer(server):
    """As above, but politely, with answers unread: for the kernel to make a reset of, and a SIGPIPE."""
    for moment in range(6):
        with crowd_sends(server, 50, get("/orders") * 3 + HANDSHAKE, reads=False):
            time.sleep(0.02 * moment)
    yield


def lists_unread(server):
    return crowd_sends(server, 100, get("/orders"), reads=False)


def old_lists_unread(server):
    return crowd_sends(server, 100, get("/orders", version="HTTP/1.0") * 100, reads=False)


def piped_lists_unread(server):
    return crowd_sends(server, 100, get("/orders") * 1_000, reads=False)


def answers_unread(server):
    return crowd_sends(server, 1, get() * 100_000, reads=False)


@contextlib.contextmanager
def subscribed(server, count, data, reads=True):
    with crowd_sends(server, count, HANDSHAKE, reads) as crowd:
        assert set(statuses(crowd.read_some(enough=120))) == {101}
        crowd.send(data)
        yield crowd


def pings_with_unread_pongs(server):
    return subscribed(server, 20, frame(PING, b"p" * 125) * 20_000, reads=False)


@contextlib.contextmanager
def pings_with_read_pongs(server):
    count = 50_000
    with FrameClient(server) as client:
        flood = threading.Thread(
            target=client.connection.send_as_much_as_taken, args=(frame(PING, b"ping") * count,), daemon=True
        )
        flood.start()
        assert_well(server)
        assert client.connection.read_exactly(6 * count) == frame(PONG, b"ping", key=None) * count
        flood.join(timeout=PATIENCE_SECONDS)
        yield


def unasked_pongs(server):
    return subscribed(server, 20, frame(PONG) * 100_000)


def empty_messages(server):
    return subscribed(server, 20, (frame(TEXT) + frame(BINARY)) * 50_000)


def nearly_whole_messages(server):
    return subscribed(server, 500, frame(BINARY, b"x" * 65_535, announced=65_536))


def frames_cut_in_their_heads(server):
    return subscribed(server, 500, frame(BINARY, announced=65_536)[:3])


@contextlib.contextmanager
def empty_fragments(server):
    fragments = frame(TEXT, fin=False) + frame(CONTINUATION, fin=False) * 1_000_000
    with subscribed(server, 1, fragments) as crowd:
        (closing,) = crowd.read_some(enough=4)
        assert closing[:1] == b"\x88" and closing[2:4] == close_payload(1008), closing
        yield


def large_faulty_bodies(server):
    members = b",".join(b'"%x":1' % number for number in range(6_000))
    return crowd_sends(server, 50, post(b"{%s}" % members) * 20, reads=False)


def chunks_of_one_byte(server):
    return crowd_sends(server, 50, post_chunks(chunked(*[b" "] * 60_000)) * 4, reads=False)


def slow_large_heads(server):
    return crowd_sends(server, 3_000, get("/orders/1", ("X-Large", "x" * 30_000))[:-2])


def slow_large_bodies(server):
    return crowd_sends(server, 2_000, post(b" " * 65_000 + BODY)[:-5])


def lists_unread_by_many(server):
    """Each asks for lists that are written as a whole, one answer after another."""
    place_many(server, 1_000)
    return crowd_sends(server, 250, get("/orders") * 1_500, reads=False)


def pages_unread(server):
    return crowd_sends(server, 300, get("/") * 1_500, reads=False)


ATTACKS = [
    opened_and_dropped,
    opened_and_reset,
    idle_at_once,
    slow_heads,
    slow_bodies,
    no_body_after_expect,
    other_protocols,
    upgrades_followed_by_requests,
    half_closed,
    reset_in_mid_answer,
    gone_in_mid_answer,
    lists_unread,
    old_lists_unread,
    piped_lists_unread,
    answers_unread,
    pings_with_unread_pongs,
    pings_with_read_pongs,
    unasked_pongs,
    empty_messages,
    nearly_whole_messages,
    frames_cut_in_their_heads,
    empty_fragments,
    large_faulty_bodies,
    chunks_of_one_byte,
]
# Each would cost more than all may, if every connection had the memory that one may have.
HUNGRY_ATTACKS = [slow_large_heads, slow_large_bodies, lists_unread_by_many, pages_unread]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_ordinary_request_is_answered_during_and_after(veteran, attack):
    with attack(veteran):
        assert_well(veteran)
        veteran.vitals.settle()
        assert_well(veteran)
    assert_well(veteran)
    assert_all_gone(veteran)


@pytest.mark.parametrize("attack", HUNGRY_ATTACKS, ids=lambda attack: attack.__name__)
def test_memory_has_a_limit_for_all_connections_together(start, attack):
    server = watched(start(*SLOW))
    with attack(server), FrameClient(server) as subscriber:
        assert_well(server)
        server.vitals.settle()
        assert_well(server)
        # Who asks for little and reads it gets it, whatever others hold.
        subscriber.expect_text(event_text(server.place()["orderId"], "PENDING"))
    assert_well(server)
    assert_all_gone(server)


def test_nothing_was_changed_by_all_that(veteran):
    orders = veteran.orders()
    assert [order["orderId"] for order in orders] == list(range(1, STORED + 4))
    assert {order["orderStatus"] for order in orders[3:]} == {"PENDING"}
    assert_well(veteran)


def test_all_kinds_at_once(start):
    server = watched(start(*SLOW))
    with contextlib.ExitStack() as stack:
        for attack in (
            slow_heads,
            no_body_after_expect,
            half_closed,
            lists_unread,
            answers_unread,
            pings_with_unread_pongs,
            empty_fragments,
            nearly_whole_messages,
            opened_and_reset,
        ):
            stack.enter_context(attack(server))
        assert_well(server)
        assert server.place()["orderId"] == 4
        server.vitals.settle()
    assert_well(server)
    assert_all_gone(server)


# --- much in one packet


def test_a_thousand_requests_in_one_packet_are_answered_in_order(veteran):
    numbers = [4 + number * 7919 % STORED for number in range(1_000)]
    with veteran.connect() as connection:
        connection.send(b"".join(get(f"/orders/{number}") for number in numbers))
        assert [connection.read_response().json()["orderId"] for _ in numbers] == numbers


def test_unread_answers_are_there_when_they_are_read(veteran):
    """Half closed behind 100,000 requests, and not a byte read until the server stands still."""
    count = 100_000
    with veteran.connect() as connection:

        def send():
            connection.send_as_much_as_taken(get() * count)
            connection.half_close()

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        time.sleep(0.2)
        veteran.vitals.settle()
        for _ in range(count):
            assert connection.read_response().status == 200
        connection.expect_end()
        sender.join(timeout=PATIENCE_SECONDS)
        assert not sender.is_alive()
    assert_well(veteran)


def test_half_closed_lists_are_whole(veteran):
    """Many peers that say they are done while their lists are still being written."""
    with crowd_sends(veteran, 40, get("/orders") * 2) as crowd:
        crowd.half_close()
        answers = crowd.read_some(enough=1 << 30)
    assert len(answers) == 40
    last = b'{"orderId": %d, "orderStatus": "PENDING", "stocks": "AAPL", "quantity": 10}]' % (STORED + 3)
    for answer in answers:
        assert answer.count(last) == 2 and answer.endswith(last + b"\r\n0\r\n\r\n"), answer[-200:]
    assert_well(veteran)


# --- what lies in the kernel when the server comes to it


def several_times(server):
    """A connection that has been read from a few times: from then on the system tells only of what is new."""
    connection = server.connect()
    for _ in range(3):
        assert connection.ask("GET", "/orders/4").status == 200
    return connection


def test_more_than_one_read_takes_lies_there(veteran):
    count = 3_000
    with several_times(veteran) as connection:
        with frozen(veteran):
            connection.socket.settimeout(0.2)
            data = get() * count
            sent = 0
            with contextlib.suppress(TimeoutError):
                while sent < len(data):
                    sent += connection.socket.send(data[sent:])
            assert sent > 100_000
        connection.socket.settimeout(PATIENCE_SECONDS)
        sender = threading.Thread(target=connection.send, args=(data[sent:],), daemon=True)
        sender.start()
        for _ in range(count):
            assert connection.read_response().status == 200
        sender.join(timeout=PATIENCE_SECONDS)
        assert connection.ask("GET", "/orders/4").status == 200


@pytest.mark.parametrize("requests", [0, 1, 2])
def test_the_end_lies_right_behind_the_last_request(veteran, requests):
    with several_times(veteran) as connection:
        with frozen(veteran):
            connection.send(get() * requests)
            connection.half_close()
        for _ in range(requests):
            assert connection.read_response().status == 200
        connection.expect_end()
    assert_all_gone(veteran)


def test_the_end_comes_while_nothing_is_under_way(veteran):
    with several_times(veteran) as connection:
        connection.half_close()
        connection.expect_end()


@pytest.mark.parametrize("cut", [1, 20, -2, -1])
def test_urgent_data_in_the_middle_of_a_request(veteran, cut):
    """A read ends in front of it; what lies behind is read all the same, and the urgent byte is none of it."""
    request = get()
    with several_times(veteran) as connection:
        for _ in range(3):
            with frozen(veteran):
                connection.send(request[:cut])
                connection.socket.send(b"!", socket.MSG_OOB)
                connection.send(request[cut:])
            assert connection.read_response().status == 200
        assert connection.ask("GET", "/orders/4").status == 200


def test_a_peer_breaks_while_requests_lie_there(veteran):
    for _ in range(20):
        connection = several_times(veteran)
        with frozen(veteran):
            connection.send(get() * 10)
            connection.reset()
    assert_all_gone(veteran)
    veteran.assert_serves()


def test_many_lie_there_at_once(veteran):
    """More connections than the system tells of at a time, each asked for its own order."""
    numbers = [4 + number * 7919 % STORED for number in range(2_500)]
    connections = [veteran.connect() for _ in numbers]
    for _ in range(3):
        with frozen(veteran):
            for connection, number in zip(connections, numbers):
                connection.send(get(f"/orders/{number}"))
        for connection, number in zip(connections, numbers):
            assert connection.read_response().json()["orderId"] == number
        numbers = numbers[1:] + numbers[:1]
    for connection in connections:
        connection.close()
    assert_all_gone(veteran)


# --- at each limit, and one past it


def line_of(count):
    return get("/orders/1?").replace(b"?", b"?" + b"a" * (count - len(b"GET /orders/1? HTTP/1.1\r\n")))


def head_of(count):
    return get("/orders/1", ("X", "a" * (count - len(get("/orders/1", ("X", ""))))))


def body_of(count):
    return BODY[:-1] + b" " * (count - len(BODY)) + b"}"


AT_LIMITS = {
    "request line": (line_of, 8_192, 200, 414),
    "head": (head_of, 32_768, 200, 431),
    "body": (lambda count: post(body_of(count)), 65_536, 201, 413),
    "body in chunks": (lambda count: post_chunks(chunked(body_of(count))), 65_536, 201, 413),
    "body in chunks of one byte": (
        lambda count: post_chunks(chunked(*(bytes([byte]) for byte in body_of(count)))),
        65_536,
        201,
        413,
    ),
    "chunk extension": (
        lambda count: post_chunks(chunked(BODY).replace(b"\r\n", b";%s\r\n" % (b"a" * (count - 1)), 1)),
        4_096,
        201,
        413,
    ),
    "chunk extensions together": (
        lambda count: post_chunks(
            b"".join(b"1;a\r\n%c\r\n" % byte for byte in body_of(count // 2)) + b"0\r\n\r\n"
        ),
        4_096,
        201,
        413,
    ),
    "trailers": (
        lambda count: post_chunks(chunked(BODY, trailers=b"X: %s\r\n" % (b"a" * (count - 5)))),
        8_192,
        201,
        431,
    ),
}


@pytest.mark.parametrize("what", AT_LIMITS)
def test_a_request_at_its_limit_and_one_past_it(server, what):
    make, limit, taken, refused = AT_LIMITS[what]
    watched(server)
    with server.connect() as connection:
        connection.send(make(limit))
        assert connection.read_response().status == taken
        assert connection.ask("GET", "/orders/1").status == 200
    with server.connect() as connection:
        # For extensions of two bytes each, the next that there can be is two past it.
        connection.send_as_much_as_taken(make(limit + (2 if "together" in what else 1)))
        assert_problem(connection.read_response(), refused)
        connection.expect_end()
    assert_well(server)


@pytest.mark.parametrize(
    "taken, refused, code",
    [
        ([(BINARY, b"x" * 65_536, True)], [(BINARY, b"x" * 65_537, True)], 1009),
        (
            [(TEXT, b"x" * 65_535, False), (CONTINUATION, b"x", True)],
            [(TEXT, b"x" * 65_535, False), (CONTINUATION, b"xx", True)],
            1009,
        ),
        (
            [(TEXT, b"", False)] + [(CONTINUATION, b"", False)] * 1_022 + [(CONTINUATION, b"", True)],
            [(TEXT, b"", False)] + [(CONTINUATION, b"", False)] * 1_023 + [(CONTINUATION, b"", True)],
            1008,
        ),
        ([(PONG, b"x" * 125, True)], [(PONG, b"x" * 126, True)], 1002),
    ],
    ids=["message", "message in two", "fragments", "control frame"],
)
def test_a_message_at_its_limit_and_one_past_it(veteran, taken, refused, code):
    def frames(parts):
        return b"".join(frame(opcode, payload, fin=fin) for opcode, payload, fin in parts)

    with FrameClient(veteran) as client:
        for _ in range(3):
            client.send_bytes(frames(taken) + frame(PING, b"taken"))
            client.expect_pong(b"taken")
        client.connection.send_as_much_as_taken(frames(refused))
        client.expect_close(code)
    assert_well(veteran)


# --- bodies that are hard to read

DEEP = 30_000
HARD_BODIES = {
    "arrays without end": b"[" * 65_536,
    "objects without end": b'{"a":' * 13_000,
    "deep arrays": b'{"stocks":"A","quantity":1,"x":%s%s}' % (b"[" * DEEP, b"]" * DEEP),
    "deep objects": b'{"x":' * 9_000 + b"1" + b"}" * 9_000,
    "a huge number": b'{"stocks":"A","quantity":%s}' % (b"9" * 65_000),
    "a huge exponent": b'{"stocks":"A","quantity":1e%s}' % (b"9" * 65_000),
    "a long fraction": b'{"stocks":"A","quantity":1.%s}' % (b"0" * 65_000),
    "one too many": b'{"stocks":"A","quantity":%d}' % (QUANTITY_MAX + 1),
    "unknown properties": b"{%s}" % b",".join(b'"%x":1' % number for number in range(7_000)),
    "an unknown property with a long name": b'{"%s":1}' % (b"n" * 65_000),
    "names of escapes": b"{%s}" % b",".join(b'"%s":1' % (b"\\u0001" * 300) for _ in range(35)),
    "stocks, again and again": b"{%s}" % b",".join([b'"stocks":"A"'] * 5_000),
    "quantity, again and again": b"{%s}" % b",".join([b'"quantity":1'] * 5_000),
    "long stocks": b'{"stocks":"%s","quantity":1}' % (b"s" * 65_000),
    "stocks of escapes": b'{"stocks":"%s","quantity":1}' % (b"\\u0041" * 10_000),
    "stocks of half pairs": b'{"stocks":"%s","quantity":1}' % (b"\\ud800" * 10_000),
    "a string without end": b'{"stocks":"' + b"s" * 65_000,
    "a string that ends in an escape": b'{"stocks":"' + b"\\u00" * 1_000,
}


@pytest.mark.parametrize("case", HARD_BODIES)
def test_a_body_that_is_hard_to_read(veteran, case):
    body = HARD_BODIES[case]
    count = len(veteran.orders()) if case == "unknown properties" else None
    with veteran.connect() as connection:
        for _ in range(5):
            response = connection.ask("POST", "/orders", body=body)
            assert_problem(response, 400)
            # What a fault quotes is cut, and so is the list of them.
            assert len(response.body) <= 32_768, len(response.body)
    assert count is None or len(veteran.orders()) == count
    assert_well(veteran)


# --- subscribers


def heard_by(connection, count):
    """What a subscriber hears until it has heard so many events, as bytes."""
    heard = bytearray(connection.received)
    connection.received.clear()
    counted = heard.count(b"}")
    while counted < count:
        data = connection.socket.recv(1 << 20)
        if not data:
            break
        heard += data
        counted += data.count(b"}")
    return bytes(heard)


EVENT = re.compile(rb'[\x80-\xff][\x00-\x7f]{"orderId": (\d+), "orderStatus": "([A-Z]+)"}')


def events_in(data):
    """The ids and statuses of the events in some frames, each of them exactly as it has to be."""
    events = []
    end = 0
    for found in EVENT.finditer(data):
        order_id, status = int(found[1]), found[2].decode("ascii")
        assert found.start() == end, f"not an event: {data[end : found.start()][:200]!r}"
        assert found[0] == frame(TEXT, event_text(order_id, status), key=None), found[0]
        events.append((order_id, status))
        end = found.end()
    assert end == len(data), f"not an event: {data[end:][:200]!r}"
    return events


def drip(crowd, is_over):
    """Reads one byte at a time, of each in turn."""
    for each in crowd.sockets:
        each.setblocking(False)
    while not is_over.is_set():
        for each in crowd.sockets:
            try:
                each.recv(1)
            except BlockingIOError:
                pass
        time.sleep(0.001)


def test_a_storm_of_events_past_subscribers_that_do_not_read(fast_server):
    orders = 50_000
    server = watched(fast_server)
    is_over = threading.Event()
    with (
        subscribed(server, 300, b"", reads=False) as deaf,
        subscribed(server, 5, b"", reads=False) as dripping,
        contextlib.ExitStack() as stack,
    ):
        clients = [stack.enter_context(FrameClient(server)) for _ in range(3)]
        heard = [b""] * len(clients)

        def listen(number):
            heard[number] = heard_by(clients[number].connection, 2 * orders)

        threads = [
            threading.Thread(target=listen, args=(number,), daemon=True) for number in range(len(clients))
        ]
        threads.append(threading.Thread(target=drip, args=(dripping, is_over), daemon=True))
        for thread in threads:
            thread.start()
        try:
            place_many(server, orders)
            assert_well(server)
            for thread in threads[:-1]:
                thread.join(timeout=PATIENCE_SECONDS)
                assert not thread.is_alive(), "events are missing"
        finally:
            is_over.set()
        threads[-1].join(timeout=PATIENCE_SECONDS)
        assert_well(server)
        # Nobody who does not read has been sent anything but events in their order.
        for text in deaf.read_some(enough=100_000):
            assert heard[0].startswith(text)
    assert all(each == heard[0] for each in heard)
    states = collections.defaultdict(list)
    for order_id, status in events_in(heard[0]):
        states[order_id].append(status)
    assert list(states) == list(range(4, 4 + orders))
    assert all(each == ["PENDING", "EXECUTED"] for each in states.values())
    assert_well(server)
    assert_all_gone(server)


def test_one_turn_of_the_loop_is_not_spent_on_one_client(start):
    """Many have sent megabytes while the server stood still; who asks last does not wait for all of it."""
    server = watched(start(*SLOW))
    flood = frame(PONG) * 400_000 + frame(PING, b"last")
    answer = frame(PONG, b"last", key=None)
    with subscribed(server, 40, b"") as crowd:
        with frozen(server):
            crowd.send(flood)
            last = server.connect()
            last.send_request("GET", "/orders/1")
        begun = time.monotonic()
        assert last.read_response().status == 200
        waited = time.monotonic() - begun
        assert set(crowd.read_some(enough=len(answer))) == {answer}
        all_done = time.monotonic() - begun
    assert waited <= max(all_done / 3, 0.05), f"waited {waited:.3f} s of {all_done:.3f} s"
    assert_well(server)


# --- not enough of something


def test_more_orders_than_there_is_room_for(start):
    server = watched(start(*SLOW, "--max-orders", 1_000))
    with server.connect() as connection:
        connection.send(post() * 3_000)
        placed = [connection.read_response().status for _ in range(3_000)]
    assert placed == [201] * 997 + [503] * 2_003
    assert [order["orderId"] for order in server.orders()] == list(range(1, 1_001))
    assert server.ask("DELETE", "/orders/1000").status == 204
    assert_problem(server.ask("POST", "/orders", body=BODY), 503)
    assert_well(server)


@needs_proc
def test_places_that_are_given_back_can_be_taken_at_once(start):
    """Connections that are being told 503 are not among those that are served."""
    server = watched(start("--max-connections", 5))
    assert_all_gone(server)
    with crowd_sends(server, 20, get()) as refused:
        assert statuses(refused.read_some(enough=12)) == {200: 5, 503: 15}
    assert_all_gone(server)
    with crowd_sends(server, 5, get()) as served:
        assert statuses(served.read_some(enough=12)) == {200: 5}
        with crowd_sends(server, 20, b"") as refused:
            assert statuses(refused.read_some(enough=12)) == {503: 20}
            served.close()
            wait_until(lambda: server.vitals.connection_count <= 20, "5 are gone")
            assert server.ask("GET", "/orders/1").status == 200
    assert_well(server)


def test_descriptors_run_out(start_any, tradeloop_binary):
    """Who finds no descriptor waits, costs nothing, and is served as soon as there is one."""
    limited = ('ulimit -n 64 && exec "$0" "$@"', tradeloop_binary, "--port", 0)
    server = watched(start_any("/bin/sh", "-c", *limited))
    for count in (40, 100, 300):
        assert_all_gone(server)
        with crowd_sends(server, count, get()) as crowd, server.connect() as late:
            late.send_request("GET", "/orders/1")
            server.vitals.settle()
            told = statuses(crowd.read_some(within=3))
            assert set(told) <= {200, 503, 0} and 20 <= told[200] <= 64, told
            assert server.vitals.processor_share(1) < 0.1
            crowd.close()
            # All of them are gone, so there is room; 503 where its turn came while there was none.
            assert late.read_response().status in (200, 503)
        wait_until(lambda: server.ask_or_none("GET", "/orders/1") is not None, "accepting goes on")
    assert_all_gone(server)
    assert_well(server)


@needs_proc
def test_descriptors_are_taken_away_and_given_back(start):
    """The limit falls below what is open: not even a spare descriptor helps, and nobody goes and makes room."""
    server = watched(start(*SLOW))
    limit = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
    with crowd_sends(server, 20, get()) as served:
        assert statuses(served.read_some(enough=100)) == {200: 20}
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (3, limit[1]))
        with crowd_sends(server, 100, get()) as waiting:
            assert statuses(waiting.read_some(within=0.5)) == {0: 100}
            server.vitals.settle()
            assert server.vitals.processor_share(1) < 0.1
            served.send(get("/orders/2"))
            assert statuses(served.read_some(enough=100)) == {200: 20}
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, limit)
            assert statuses(waiting.read_some(enough=100)) == {200: 100}
    assert_well(server)
    assert_all_gone(server)


@needs_proc
def test_descriptors_are_still_wanting_at_the_end(start):
    """Told to stop while connections wait that cannot be accepted."""
    # The sanitizer's look for leaks at the end would need descriptors itself.
    server = watched(start(*SLOW, environment={"ASAN_OPTIONS": "detect_leaks=0"}))
    with crowd_sends(server, 5, get()) as served, FrameClient(server) as client:
        served.read_some(enough=100)
        limit = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (3, limit[1]))
        with Crowd(server, 20):
            time.sleep(0.2)
            server.send_signal(signal.SIGTERM)
            client.expect_close(1001)
            assert server.wait() == 0, server.stderr


# --- the end


class Trader(threading.Thread):
    """Sends requests on one connection, so many at a time, until it is told that an answer is the last."""

    def __init__(self, server, data, depth):
        super().__init__(daemon=True)
        self.connection = server.connect()
        self.data = data
        self.depth = depth
        self.answers = 0
        self.placed = []
        self.was_told = False
        self.fault = None
        self.start()

    def run(self):
        try:
            while not self.was_told:
                self.connection.send_as_much_as_taken(self.data * self.depth)
                for _ in range(self.depth):
                    response = self.connection.read_response()
                    assert response.status in (200, 201), response
                    self.answers += 1
                    if response.status == 201:
                        self.placed.append(response.json()["orderId"])
                    self.was_told = "close" in response.tokens("Connection")
                    if self.was_told:
                        self.connection.expect_end()
                        break
        except Closed:
            # Between two answers: no harm is done, and the client knows where it stands.
            pass
        except BaseException as fault:
            self.fault = fault


def end_of(client):
    """What a subscriber hears at last: the code of the close frame, which it answers. And the orders placed."""
    placed = []
    while True:
        heard = client.read()
        if heard.opcode == CLOSE:
            client.connection.send_as_much_as_taken(frame(CLOSE, heard.payload[:2]))
            client.connection.expect_end()
            return heard.close_code, placed
        assert heard.opcode == TEXT, heard
        if heard.payload.endswith(b'"PENDING"}'):
            placed.append(json.loads(heard.payload)["orderId"])


def test_told_to_stop_under_full_load(start):
    server = watched(start("--min-delay-ms", 1, "--max-delay-ms", 50), 5_000)
    kinds = [(post(), 1), (post(), 50), (get(), 1), (get(), 500), (get("/orders"), 1), (get("/orders"), 3)]
    with (
        contextlib.ExitStack() as stack,
        subscribed(server, 20, b"", reads=False),
        crowd_sends(server, 20, get("/orders") * 1_000, reads=False),
    ):
        clients = [stack.enter_context(FrameClient(server)) for _ in range(10)]
        traders = [Trader(server, data, depth) for data, depth in kinds * 2]
        wait_until(lambda: all(trader.answers > 0 for trader in traders), "all trade")
        begun = time.monotonic()
        server.send_signal(signal.SIGTERM)
        ends = [end_of(client) for client in clients]
        for trader in traders:
            trader.join(timeout=PATIENCE_SECONDS)
        assert server.wait() == 0, server.stderr
        assert time.monotonic() - begun <= STOP_SECONDS_MAX
    assert [trader.fault for trader in traders if trader.fault] == []
    assert [code for code, _ in ends] == [1001] * len(clients)
    # No order was taken without an answer: their numbers have no gap, and none was heard of that is not there.
    placed = sorted(order_id for trader in traders for order_id in trader.placed)
    assert placed == list(range(5_004, 5_004 + len(placed)))
    for _, heard in ends:
        assert heard == placed[: len(heard)]
    assert sum(trader.was_told for trader in traders) >= len(traders) // 2


def test_told_to_stop_with_the_last_connection_gone_as_an_order_falls_due(start):
    """Nothing is left then that would keep the loop running, and the server still has to come to its end."""
    server = watched(start("--min-delay-ms", 5, "--max-delay-ms", 4_000), 5_000)
    head = request_bytes("POST", "/orders", [("Content-Length", "4000")], b"")
    with Crowd(server, 1) as others, Crowd(server, 1) as last:
        connection = last.sockets[0]
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(head)
        # Once these are answered, the head that was sent before them has been read.
        others.send(post() * 4_000)
        others.read_some(enough=4_000 * len("HTTP/1.1 201 Created"))
        server.send_signal(signal.SIGTERM)
        wait_until(lambda: "Stopping" in server.stderr, "the signal is heard")
        others.close()
        # Byte for byte, each of which takes a turn of the loop: about 40,000 turns in a second.
        begun = time.monotonic()
        for count in range(2_000):
            connection.sendall(b"x")
            while time.monotonic() < begun + count * 0.000_025:
                pass
        with frozen(server):
            last.reset()
            time.sleep(0.02)
    assert server.wait() == 0, server.stderr


def test_what_was_asked_before_the_end_is_answered(start):
    """Requests that wait in the kernel, on old connections and new, when the signal comes."""
    server = watched(start(*SLOW))
    with crowd_sends(server, 100, get()) as old:
        old.read_some(enough=100)
        with frozen(server):
            old.send(get("/orders/2") * 20)
            new = Crowd(server, 100)
            new.send(get("/orders/2"))
            server.send_signal(signal.SIGTERM)
        with new:
            for crowd, count in ((old, 20), (new, 1)):
                for answers in crowd.read_some(enough=1 << 20):
                    assert answers.count(b"HTTP/1.1 200 OK\r\n") == count, answers
                    assert answers.endswith(b'"quantity": 5}'), answers
    assert server.wait() == 0, server.stderr


def test_a_broken_pipe_is_no_reason_to_die(start_any, tradeloop_binary):
    """Neither the signal by itself, nor a standard error that nobody reads, as of a terminal that is gone."""
    deaf = ('exec "$0" "$@" 2> >(exec true)', tradeloop_binary, "--port", 0, *SLOW)
    server = watched(start_any("/bin/bash", "-c", *deaf))
    server.process.send_signal(signal.SIGPIPE)
    assert_well(server)
    server.send_signal(signal.SIGTERM)
    assert server.wait() == 0


def test_a_second_signal_does_not_wait(start):
    server = watched(start(*SLOW), 5_000)
    with crowd_sends(server, 5, get("/orders") * 1_000, reads=False):
        time.sleep(0.2)
        server.send_signal(signal.SIGTERM)
        wait_until(lambda: "Stopping" in server.stderr, "the first signal is heard")
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 128 + signal.SIGTERM
    assert "second signal" in server.stderr


# --- time that passes all at once: last, as it has been passing since the first test

# The server gives 10 s for a head.
SLEEP_SECONDS = 11


def test_who_was_in_time_while_the_server_slept_is_answered(sleeper):
    server, crowd = sleeper
    time.sleep(max(0, server.since + SLEEP_SECONDS - time.monotonic()))
    os.kill(server.process.pid, signal.SIGCONT)
    assert statuses(crowd.read_some(enough=100)) == {200: len(crowd)}
    server.assert_serves()
