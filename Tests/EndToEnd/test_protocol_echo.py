"""protocol-echo: the same loop, parser and framer, for suites that test how a server speaks."""

from __future__ import annotations

import os
import threading

import pytest

from kit.feed import open_websocket
from kit.frames import BINARY, CLOSE, CONTINUATION, PING, TEXT, FrameClient, close_payload, frame
from kit.wire import chunked, request_bytes

MESSAGE_BYTES_MAX = 16 * 1024 * 1024
FRAGMENTS_MAX = 262_144


def test_the_first_line_says_where_it_listens(echo):
    assert f"http://127.0.0.1:{echo.port}" in echo.listening_line


def test_health_check(echo):
    assert echo.ask("GET", "/orders/1").status == 200


def test_every_host_is_taken(echo):
    for host in ("evil.example", "192.168.1.10:80", "localhost", "[2001:db8::1]:80"):
        assert echo.ask("GET", "/orders/1", [("Host", host)]).status == 200
        assert echo.ask("POST", "/echo", [("Host", host)], b"x").body == b"x"


def test_every_origin_is_taken(echo):
    assert echo.ask("POST", "/echo", [("Origin", "https://evil.example")], b"x").body == b"x"
    FrameClient(echo, "/echo", headers=[("Origin", "https://evil.example")]).close()


@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW", "M-SEARCH"]
)
@pytest.mark.parametrize("body", [None, b"", b"x", b"\x00\xff\r\n\r\n" * 100])
def test_any_method(echo, method, body):
    with echo.connect() as connection:
        for _ in range(2):
            response = connection.ask(method, "/echo", body=body)
            assert response.status == 200
            assert response.body == (b"" if method == "HEAD" else body or b"")


def test_with_a_query(echo):
    assert echo.ask("PUT", "/echo?x=1", body=b"abc").body == b"abc"


def test_at_any_other_address(echo):
    """Suites bring addresses of their own."""
    assert echo.ask("POST", "/elsewhere", body=b"abc").body == b"abc"
    FrameClient(echo, "/elsewhere").close()


@pytest.mark.parametrize("sizes", [[5_000_000], [65_536] * 80, [1_000] * 5_000])
def test_a_chunked_body_of_five_megabytes(echo, sizes):
    pieces = [os.urandom(size) for size in sizes]
    with echo.connect() as connection:
        data = request_bytes("POST", "/echo", [("Transfer-Encoding", "chunked")], chunked(*pieces))
        # The echo may begin before all is sent, so both go on at the same time.
        sender = threading.Thread(target=connection.send, args=(data,), daemon=True)
        sender.start()
        response = connection.read_response()
        assert response.status == 200
        assert response.body == b"".join(pieces)
        sender.join(timeout=15)
        assert connection.ask("POST", "/echo", body=b"next").body == b"next"


def test_five_mebibytes_with_a_length(echo):
    body = os.urandom(5 * 1024 * 1024)
    assert echo.ask("POST", "/echo", body=body).body == body


def test_five_mebibytes_after_100_continue(echo):
    body = os.urandom(5 * 1024 * 1024)
    with echo.connect() as connection:
        connection.send_request(
            "POST", "/echo", [("Expect", "100-continue"), ("Content-Length", str(len(body)))]
        )
        assert connection.read_head().status == 100
        connection.send(body)
        assert connection.read_response().body == body


def test_bodies_in_a_pipeline(echo):
    bodies = [b"%d" % number * number for number in range(200)]
    with echo.connect() as connection:
        connection.send(
            b"".join(
                (
                    request_bytes(
                        "POST",
                        "/echo",
                        [("Transfer-Encoding", "chunked")],
                        chunked(body) if body else b"0\r\n\r\n",
                    )
                    if number % 2
                    else request_bytes("POST", "/echo", body=body)
                )
                for number, body in enumerate(bodies)
            )
        )
        for body in bodies:
            assert connection.read_response().body == body


SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 1_000_000, MESSAGE_BYTES_MAX]


def test_binary_messages(echo):
    websocket = open_websocket(echo, "/echo", max_size=None)
    for size in SIZES:
        data = os.urandom(size)
        websocket.send(data)
        assert websocket.recv(timeout=30) == data
    websocket.close()


def test_text_messages(echo):
    websocket = open_websocket(echo, "/echo", max_size=None)
    for size in SIZES:
        # Characters of 2 bytes, and one byte more where the size is odd.
        text = "\u00e9" * (size // 2) + "x" * (size % 2)
        websocket.send(text)
        assert websocket.recv(timeout=30) == text
    websocket.close()


def test_many_messages_in_order(echo):
    websocket = open_websocket(echo, "/echo")
    for number in range(1_000):
        websocket.send(f"message {number}")
    for number in range(1_000):
        assert websocket.recv(timeout=30) == f"message {number}"
    websocket.close()


def test_fragments_with_pings_between(echo):
    with FrameClient(echo, "/echo") as client:
        client.send(TEXT, "H\u00e9".encode("utf-8")[:2], fin=False)
        client.send(PING, b"1")
        client.expect_pong(b"1")
        client.send(CONTINUATION, "H\u00e9".encode("utf-8")[2:], fin=False)
        client.send(CONTINUATION, b"", fin=False)
        client.send(PING, b"2")
        client.expect_pong(b"2")
        client.send(CONTINUATION, "llo".encode("utf-8"))
        client.expect_text("H\u00e9llo")


def fragments(count, opcode=BINARY, payload=b"f"):
    """A message in that many frames (the key of zeros leaves the payload as it is)."""
    key = b"\0\0\0\0"
    return (
        frame(opcode, payload, fin=False, key=key)
        + frame(CONTINUATION, payload, fin=False, key=key) * (count - 2)
        + frame(CONTINUATION, payload, key=key)
    )


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_as_many_fragments_as_are_taken(echo, opcode):
    with FrameClient(echo, "/echo") as client:
        client.send_bytes(fragments(FRAGMENTS_MAX, opcode))
        assert client.read_message() == (opcode, b"f" * FRAGMENTS_MAX)
        client.send(TEXT, "next")
        client.expect_text("next")


def test_one_fragment_too_many(echo):
    with FrameClient(echo, "/echo") as client:
        client.connection.send_as_much_as_taken(fragments(FRAGMENTS_MAX + 1))
        client.expect_close(1008, 1009)
    assert echo.ask("GET", "/orders/1").status == 200


def test_the_greatest_message_in_fragments(echo):
    piece = os.urandom(65_536)
    count = MESSAGE_BYTES_MAX // len(piece)
    with FrameClient(echo, "/echo") as client:
        client.send_bytes(fragments(count, payload=piece))
        opcode, payload = client.read_message()
        assert opcode == BINARY and payload == piece * count


@pytest.mark.parametrize(
    "data",
    [
        frame(BINARY, announced=MESSAGE_BYTES_MAX + 1),
        frame(TEXT, announced=1 << 62),
        frame(BINARY, b"x", fin=False) + frame(CONTINUATION, announced=MESSAGE_BYTES_MAX),
    ],
)
def test_one_byte_too_many(echo, data):
    with FrameClient(echo, "/echo") as client:
        client.send_bytes(data)
        client.expect_close(1009)
    assert echo.ask("GET", "/orders/1").status == 200


def test_one_byte_too_many_in_small_fragments(echo):
    piece = b"p" * 65_536
    with FrameClient(echo, "/echo") as client:
        client.connection.send_as_much_as_taken(fragments(MESSAGE_BYTES_MAX // len(piece) + 1, payload=piece))
        client.expect_close(1009)
    assert echo.ask("GET", "/orders/1").status == 200


@pytest.mark.parametrize(
    "data, code",
    [
        (frame(TEXT, b"\xff"), 1007),
        (frame(TEXT, "a", key=None), 1002),
        (frame(3, b""), 1002),
        (frame(CLOSE, close_payload(1005)), 1002),
    ],
)
def test_what_breaks_the_protocol(echo, data, code):
    with FrameClient(echo, "/echo") as client:
        client.send_bytes(data)
        client.expect_close(code)


def test_messages_before_a_close_are_echoed(echo):
    with FrameClient(
        echo, "/echo", together_with=frame(TEXT, "first") + frame(CLOSE, close_payload(1000))
    ) as client:
        client.expect_text("first")
        answer = client.read()
        assert answer.opcode == CLOSE and answer.close_code == 1000
        client.connection.expect_end()
