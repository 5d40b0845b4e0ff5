"""The status feed, and WebSocket by RFC 6455: by a library where it goes well, by hand where it does not."""

from __future__ import annotations

import time

import pytest

from kit.expect import assert_problem, event_text
from kit.feed import Feed, open_websocket
from kit.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    EXAMPLE_KEY,
    PING,
    PONG,
    TEXT,
    FrameClient,
    accept_of,
    close_payload,
    frame,
    handshake_headers,
)

BODY = '{"stocks":"AAPL","quantity":10}'


# --- what is heard


def test_placed_then_executed_to_the_byte(fast_server):
    with Feed(fast_server) as feed:
        fast_server.place()
        assert feed.wait_for(2) == [
            '{"orderId": 4, "orderStatus": "PENDING"}',
            '{"orderId": 4, "orderStatus": "EXECUTED"}',
        ]
        time.sleep(0.2)
        assert len(feed.texts) == 2


def test_placed_then_cancelled_to_the_byte(server):
    with Feed(server) as feed:
        server.place()
        assert server.ask("DELETE", "/orders/4").status == 204
        assert feed.wait_for(2) == [
            '{"orderId": 4, "orderStatus": "PENDING"}',
            '{"orderId": 4, "orderStatus": "CANCELLED"}',
        ]


def test_what_changes_nothing_is_not_heard(server):
    with Feed(server) as feed:
        assert server.ask("DELETE", "/orders/1").status == 204
        assert server.ask("DELETE", "/orders/1").status == 204
        assert server.ask("DELETE", "/orders/2").status == 409
        assert server.ask("DELETE", "/orders/3").status == 204
        assert server.ask("DELETE", "/orders/99").status == 404
        assert server.ask("POST", "/orders", body="{}").status == 400
        server.place()
        assert feed.wait_for(2) == [event_text(1, "CANCELLED"), event_text(4, "PENDING")]
        time.sleep(0.2)
        assert len(feed.texts) == 2


def test_a_cancelled_order_is_never_executed(start):
    server = start("--min-delay-ms", 1_000, "--max-delay-ms", 1_000)
    with Feed(server) as feed:
        server.place()
        assert server.ask("DELETE", "/orders/4").status == 204
        time.sleep(1.5)
        assert feed.texts == [event_text(4, "PENDING"), event_text(4, "CANCELLED")]
    assert server.order(4)["orderStatus"] == "CANCELLED"


def test_a_feed_begins_when_it_is_opened(server):
    server.place()
    with Feed(server) as feed:
        server.place()
        assert feed.wait_for(1) == [event_text(5, "PENDING")]


def test_many_clients_hear_the_same_in_the_same_order(fast_server):
    feeds = [Feed(fast_server) for _ in range(20)]
    with fast_server.connect() as connection:
        for number in range(60):
            assert connection.ask("POST", "/orders", body=BODY).status == 201
            if number % 3 == 0:
                assert connection.ask("DELETE", f"/orders/{4 + number}").status in (204, 409)
    heard = [feed.wait_for(120) for feed in feeds]
    assert all(texts == heard[0] for texts in heard)
    states = {}
    for _, order_id, status in feeds[0].events():
        states.setdefault(order_id, []).append(status)
    assert sorted(states) == list(range(4, 64))
    assert all(
        order[0] == "PENDING" and order[1] in ("EXECUTED", "CANCELLED") and len(order) == 2
        for order in states.values()
    ), states
    for feed in feeds:
        feed.close()


def test_the_order_in_which_it_happened(server):
    """One packet: its events come in its order."""
    with FrameClient(server) as client, server.connect() as connection:
        expected = []
        for number in range(4, 104):
            connection.send_request("POST", "/orders", body=BODY)
            connection.send_request("DELETE", f"/orders/{number}")
            expected += [event_text(number, "PENDING"), event_text(number, "CANCELLED")]
        for text in expected:
            client.expect_text(text)


def test_a_client_that_leaves_disturbs_nobody(server):
    with Feed(server) as feed:
        for leave in ("close", "cut", "reset"):
            leaver = FrameClient(server)
            if leave == "close":
                leaver.close()
            elif leave == "cut":
                leaver.connection.close()
            else:
                leaver.connection.reset()
            server.place()
        assert feed.wait_for(3) == [event_text(number, "PENDING") for number in (4, 5, 6)]


def test_a_client_that_never_reads_disturbs_nobody(server):
    with FrameClient(server), Feed(server) as feed, server.connect() as connection:
        count = 3_000
        for start in range(0, count, 500):
            for _ in range(500):
                connection.send_request("POST", "/orders", body=BODY)
            for _ in range(500):
                assert connection.read_response().status == 201
        assert feed.wait_for(count)[-1] == event_text(3 + count, "PENDING")


# --- what clients send


def test_messages_of_clients_are_ignored(server):
    with Feed(server) as feed:
        for message in (
            "hello",
            "",
            "Ä" * 1000,
            b"\x00\xff" * 1000,
            b"",
            BODY,
            '{"orderId": 1, "orderStatus": "EXECUTED"}',
        ):
            feed.websocket.send(message)
        assert feed.websocket.ping().wait(timeout=15)
        server.place()
        assert feed.wait_for(1) == [event_text(4, "PENDING")]
        time.sleep(0.1)
        assert len(feed.texts) == 1
    assert [order["orderStatus"] for order in server.orders()] == [
        "PENDING",
        "EXECUTED",
        "CANCELLED",
        "PENDING",
    ]


@pytest.mark.parametrize("payload", [b"", b"x", b"\x00\xff\x80", b"p" * 125])
def test_ping(server, payload):
    with FrameClient(server) as client:
        client.send(PING, payload)
        client.expect_pong(payload)


def test_many_pings_in_one_packet(server):
    with FrameClient(server) as client:
        client.send_bytes(b"".join(frame(PING, b"%d" % number) for number in range(100)))
        for number in range(100):
            client.expect_pong(b"%d" % number)


def test_a_pong_that_nobody_asked_for(server):
    with FrameClient(server) as client:
        client.send(PONG, b"unasked")
        client.send(PING, b"still here")
        client.expect_pong(b"still here")


def test_fragments_with_a_ping_between(server):
    with FrameClient(server) as client:
        client.send(TEXT, "Gr\u00fc".encode("utf-8")[:3], fin=False)
        client.send(PING, b"between")
        client.expect_pong(b"between")
        client.send(CONTINUATION, "Gr\u00fc".encode("utf-8")[3:] + b"\xc3", fin=False)
        client.send(CONTINUATION, b"", fin=False)
        client.send(CONTINUATION, b"\x9fe", fin=True)
        client.send(PING, b"after")
        client.expect_pong(b"after")


def test_frames_byte_by_byte(server):
    with FrameClient(server) as client:
        for byte in frame(TEXT, "h\u00e9llo") + frame(BINARY, b"b" * 200) + frame(PING, b"end"):
            client.send_bytes(bytes([byte]))
            time.sleep(0.001)
        client.expect_pong(b"end")


def test_a_frame_in_the_same_packet_as_the_handshake(server):
    with FrameClient(server, together_with=frame(TEXT, "early") + frame(PING, b"early")) as client:
        client.expect_pong(b"early")
        server.place()
        client.expect_text(event_text(4, "PENDING"))


def test_the_first_bytes_of_a_frame_in_the_packet_of_the_handshake(server):
    data = frame(PING, b"cut in two")
    for cut in range(1, len(data)):
        with FrameClient(server, together_with=data[:cut]) as client:
            client.send_bytes(data[cut:])
            client.expect_pong(b"cut in two")


def test_a_handshake_behind_other_requests_in_one_packet(server):
    with server.connect() as connection:
        connection.send_request("POST", "/orders", body=BODY)
        connection.send_request("GET", "/ws", handshake_headers())
        assert connection.read_response().status == 201
        assert connection.read_response().status == 101


# --- closing


@pytest.mark.parametrize(
    "code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
)
def test_a_close_is_echoed(server, code):
    with FrameClient(server) as client:
        client.close(code)


def test_a_close_with_a_reason(server):
    with FrameClient(server) as client:
        client.send(CLOSE, close_payload(1000, "genug für heute"))
        answer = client.read()
        assert answer.opcode == CLOSE and answer.close_code == 1000
        client.connection.expect_end()


def test_a_close_without_a_code(server):
    with FrameClient(server) as client:
        client.send(CLOSE)
        answer = client.read()
        assert answer.opcode == CLOSE and answer.close_code in (None, 1000), answer
        client.connection.expect_end()


def test_nothing_after_a_close_counts(server):
    with FrameClient(server) as client:
        client.send_bytes(frame(CLOSE, close_payload(1000)) + frame(PING, b"too late") + b"\xff\xff\xff")
        answer = client.read()
        assert answer.opcode == CLOSE and answer.close_code == 1000, answer
        client.connection.expect_end()


def test_a_close_by_the_library(server):
    websocket = open_websocket(server)
    websocket.close(code=4001, reason="done")
    assert websocket.close_code == 4001


def test_a_half_close_without_a_close_frame(server):
    with FrameClient(server) as client:
        client.connection.half_close()
        while client.connection._fill():
            pass
    server.assert_serves()


# --- what breaks the protocol

HUGE = 1 << 40
BROKEN = {
    "unmasked text": (frame(TEXT, "hello", key=None), 1002),
    "unmasked ping": (frame(PING, b"", key=None), 1002),
    "unmasked close": (frame(CLOSE, close_payload(1000), key=None), 1002),
    **{
        f"reserved opcode {opcode:#x}": (frame(opcode, b""), 1002)
        for opcode in (3, 4, 5, 6, 7, 0xB, 0xC, 0xF)
    },
    "reserved bit 1": (frame(TEXT, "a", reserved=4), 1002),
    "reserved bit 2": (frame(TEXT, "a", reserved=2), 1002),
    "reserved bit 3": (frame(PING, b"", reserved=1), 1002),
    "fragmented ping": (frame(PING, b"a", fin=False), 1002),
    "fragmented close": (frame(CLOSE, close_payload(1000), fin=False), 1002),
    "ping of 126 bytes": (frame(PING, b"p" * 126), 1002),
    "close of 126 bytes": (frame(CLOSE, close_payload(1000, "r" * 124)), 1002),
    "continuation of nothing": (frame(CONTINUATION, b"a"), 1002),
    "last continuation of nothing": (frame(CONTINUATION, b"a", fin=False), 1002),
    "text inside a message": (frame(TEXT, "a", fin=False) + frame(TEXT, "b"), 1002),
    "binary inside a message": (frame(TEXT, "a", fin=False) + frame(BINARY, b"b"), 1002),
    "continuation after the last": (
        frame(TEXT, "a", fin=False) + frame(CONTINUATION, b"b") + frame(CONTINUATION),
        1002,
    ),
    "a length with its highest bit set": (b"\x82\xff\x80\0\0\0\0\0\0\0\0\0\0\0", 1002),
    "close of one byte": (frame(CLOSE, b"\x03"), 1002),
    **{
        f"close with {code}": (frame(CLOSE, close_payload(code)), 1002)
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)
    },
    "close with a reason that is not UTF-8": (frame(CLOSE, close_payload(1000) + b"\xff"), 1007),
    "text that is not UTF-8": (frame(TEXT, b"\xff"), 1007),
    "overlong text": (frame(TEXT, b"\xc0\xaf"), 1007),
    "surrogate in text": (frame(TEXT, b"\xed\xa0\x80"), 1007),
    "text past U+10FFFF": (frame(TEXT, b"\xf4\x90\x80\x80"), 1007),
    "text that ends in a character": (frame(TEXT, b"\xe6\xa0"), 1007),
    "fragments that end in a character": (
        frame(TEXT, b"a\xe6", fin=False) + frame(CONTINUATION, b"\xa0"),
        1007,
    ),
    "an open message that cannot become UTF-8": (frame(TEXT, b"a\xf4\x90", fin=False), 1007),
    "text that is refused before its end": (frame(TEXT, b"a\xff", announced=100), 1007),
    "text of a tebibyte": (frame(TEXT, b"", announced=HUGE), 1009),
    "binary of a tebibyte": (frame(BINARY, b"", announced=HUGE), 1009),
    "binary of 2^63 - 1": (frame(BINARY, b"", announced=(1 << 63) - 1), 1009),
    "a second fragment of a tebibyte": (
        frame(BINARY, b"a", fin=False) + frame(CONTINUATION, announced=HUGE),
        1009,
    ),
    "a second fragment that overflows": (
        frame(BINARY, b"aa", fin=False) + frame(CONTINUATION, announced=(1 << 63) - 1),
        1009,
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_breaks_the_protocol_is_closed_with_its_code(server, case):
    data, code = BROKEN[case]
    with FrameClient(server) as client:
        client.send_bytes(data)
        client.expect_close(code)
    server.assert_serves()


def test_fragments_without_end_are_too_big(server):
    with FrameClient(server) as client:
        piece = frame(CONTINUATION, b"x" * 65_536, fin=False, key=b"\0\0\0\0")
        client.connection.send_as_much_as_taken(frame(BINARY, b"x", fin=False) + piece * 300)
        client.expect_close(1009)
    server.assert_serves()


# --- handshakes


def test_the_example_of_the_standard(server):
    assert accept_of(EXAMPLE_KEY) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    response = server.ask("GET", "/ws", handshake_headers())
    assert response.status == 101
    assert response.header("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize(
    "fields",
    [
        [("Upgrade", "WebSocket"), ("Connection", "upgrade")],
        [("Upgrade", "WEBSOCKET"), ("Connection", "keep-alive, Upgrade")],
        [("Upgrade", "websocket"), ("Connection", "keep-alive"), ("Connection", "UPGRADE")],
    ],
)
def test_spellings_of_the_handshake(server, fields):
    rest = [("Sec-WebSocket-Key", EXAMPLE_KEY), ("Sec-WebSocket-Version", "13")]
    assert server.ask("GET", "/ws", fields + rest).status == 101
    assert server.ask("GET", "/ws?from=test", fields + rest).status == 101


def test_what_is_offered_is_not_chosen(server):
    offers = [
        ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
        ("Sec-WebSocket-Protocol", "chat, superchat"),
    ]
    with FrameClient(server, headers=offers) as client:
        client.send(PING, b"a")
        client.expect_pong(b"a")


def assert_upgrade_required(response):
    assert_problem(response, 426)
    assert "websocket" in response.tokens("Upgrade"), response
    # RFC 9110 section 7.8: whoever sends Upgrade names it in Connection too.
    assert "upgrade" in response.tokens("Connection"), response


def test_a_plain_get(server):
    with server.connect() as connection:
        assert_upgrade_required(connection.ask("GET", "/ws"))
        assert connection.ask("GET", "/orders/1").status == 200


@pytest.mark.parametrize(
    "fields",
    [
        [("Upgrade", "websocket")],
        [("Connection", "Upgrade")],
        [("Upgrade", "h2c"), ("Connection", "Upgrade")],
        [("Upgrade", "websocketx"), ("Connection", "Upgrade")],
        [("Upgrade", "websocket"), ("Connection", "keep-alive")],
    ],
)
def test_no_upgrade_to_websocket_was_asked_for(server, fields):
    rest = [("Sec-WebSocket-Key", EXAMPLE_KEY), ("Sec-WebSocket-Version", "13")]
    response = server.ask("GET", "/ws", fields + rest)
    assert response.status in (400, 426), response
    assert_problem(response, response.status)


@pytest.mark.parametrize("version", ["12", "8", "0", "14", "131", "x", ""])
def test_another_version(server, version):
    response = server.ask("GET", "/ws", handshake_headers(version=version))
    assert_problem(response, 426)
    assert "13" in response.tokens("Sec-WebSocket-Version"), response


def test_no_version(server):
    response = server.ask("GET", "/ws", handshake_headers(version=None))
    assert response.status in (400, 426), response
    assert_problem(response, response.status)


@pytest.mark.parametrize(
    "key",
    [
        None,
        "",
        "short",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZTE=",
        "dGhlIHNhbXBsZSBub25j",
        "dGhlIHNhbXBsZSBub25jZQ==x",
        "dGhlIHNhbXBsZSBub25jZ!==",
        "========================",
        "dGhl IHNhbXBsZSBub25jZQ=",
        "A" * 24,
    ],
)
def test_a_missing_or_bad_key(server, key):
    response = server.ask("GET", "/ws", handshake_headers(key=key))
    assert_problem(response, 400)


def test_two_keys(server):
    response = server.ask("GET", "/ws", handshake_headers() + [("Sec-WebSocket-Key", EXAMPLE_KEY)])
    assert_problem(response, 400)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "BREW"])
def test_a_handshake_is_a_get(server, method):
    assert_problem(server.ask(method, "/ws", handshake_headers(), body=""), 405)


def test_a_handshake_in_http_1_0(server):
    with server.connect() as connection:
        connection.send_request("GET", "/ws", handshake_headers(), version="HTTP/1.0")
        response = connection.read_response()
        assert response.status in (400, 426, 505), response
        connection.expect_end()


def test_an_upgrade_anywhere_else_is_not_taken(server):
    with server.connect() as connection:
        for target in ("/orders/1", "/health", "/"):
            assert connection.ask("GET", target, handshake_headers()).status == 200
        assert connection.ask("GET", "/nope", handshake_headers()).status == 404
