"""HTTP/1.1 by RFC 9110 and 9112 on raw sockets, and every way to smuggle a request that we know."""

from __future__ import annotations

import threading
import time

import pytest

from kit.expect import assert_problem, order_text
from kit.wire import Closed, chunked, request_bytes

BODY = b'{"stocks":"AAPL","quantity":10}'


def get(target="/orders/1", *fields, version="HTTP/1.1"):
    return request_bytes("GET", target, fields, version=version)


# --- connections


def test_keep_alive(server):
    with server.connect() as connection:
        for _ in range(50):
            response = connection.ask("GET", "/orders/1")
            assert response.status == 200
            assert "close" not in response.tokens("Connection")


@pytest.mark.parametrize("value", ["close", "Close", "keep-alive, close", "foo,close"])
def test_connection_close(server, value):
    with server.connect() as connection:
        connection.send_request("GET", "/orders/1", [("Connection", value)])
        connection.send_request("GET", "/orders/2")
        response = connection.read_response()
        assert response.status == 200
        assert "close" in response.tokens("Connection")
        connection.expect_end()


def test_http_1_0_closes(server):
    with server.connect() as connection:
        connection.send(get(version="HTTP/1.0"))
        response = connection.read_response()
        assert response.status == 200
        assert response.header("Transfer-Encoding") is None
        connection.expect_end()


def test_http_1_0_needs_no_host(server):
    with server.connect() as connection:
        connection.send(b"GET /orders/1 HTTP/1.0\r\n\r\n")
        assert connection.read_response().status == 200
        connection.expect_end()


def test_http_1_0_with_keep_alive(server):
    with server.connect() as connection:
        for number in (1, 2):
            connection.send(get(f"/orders/{number}", ("Connection", "keep-alive"), version="HTTP/1.0"))
            response = connection.read_response()
            assert response.json()["orderId"] == number
            assert "keep-alive" in response.tokens("Connection")
        connection.send(get(version="HTTP/1.0"))
        assert connection.read_response().status == 200
        connection.expect_end()


def test_http_1_0_post(server):
    with server.connect() as connection:
        connection.send(request_bytes("POST", "/orders", body=BODY, version="HTTP/1.0"))
        assert connection.read_response().status == 201
        connection.expect_end()


def test_a_later_minor_version_is_1_1(server):
    with server.connect() as connection:
        connection.send(get(version="HTTP/1.2"))
        assert connection.read_response().status == 200
        assert connection.ask("GET", "/orders/1").status == 200


@pytest.mark.parametrize(
    "line", ["GET /orders/1 HTTP/2.0", "GET /orders/1 HTTP/3.0", "PRI * HTTP/2.0", "GET /orders/1 HTTP/0.9"]
)
def test_another_major_version(server, line):
    with server.connect() as connection:
        connection.send(f"{line}\r\nHost: localhost\r\n\r\n".encode("ascii"))
        assert_problem(connection.read_response(), 505)
        connection.expect_end()
    server.assert_serves()


def test_half_close_after_the_request_still_gets_the_answer(server):
    with server.connect() as connection:
        connection.send_request("POST", "/orders", body=BODY)
        connection.half_close()
        assert connection.read_response().status == 201
        connection.expect_end()


def test_half_close_after_many_requests_gets_every_answer(server):
    with server.connect() as connection:
        connection.send(get("/orders") * 300)
        connection.half_close()
        for _ in range(300):
            assert connection.read_response().status == 200
        connection.expect_end()


def test_half_close_in_the_middle_of_a_request(server):
    with server.connect() as connection:
        connection.send(b"GET /orders/1 HT")
        connection.half_close()
        try:
            assert connection.read_response().status == 400
        except Closed:
            pass
        connection.expect_end()
    server.assert_serves()


def test_a_client_that_is_gone_before_its_answer(server):
    for _ in range(20):
        connection = server.connect()
        connection.send(get("/orders") * 200)
        connection.reset()
    server.assert_serves()


def test_a_connection_without_a_word(server):
    for _ in range(20):
        server.connect().close()
    server.assert_serves()


# --- pieces and packets


def test_many_requests_in_one_packet_are_answered_in_order(server):
    with server.connect() as connection:
        connection.send(b"".join(get(f"/orders/{1 + number % 3}") for number in range(500)))
        for number in range(500):
            assert connection.read_response().json()["orderId"] == 1 + number % 3


def test_a_pipeline_of_every_kind(server):
    requests = [
        ("POST", request_bytes("POST", "/orders", body=BODY), 201),
        ("HEAD", request_bytes("HEAD", "/orders/4"), 200),
        ("GET", get("/orders/4"), 200),
        (
            "POST",
            request_bytes("POST", "/orders", [("Transfer-Encoding", "chunked")], chunked(BODY[:7], BODY[7:])),
            201,
        ),
        ("DELETE", request_bytes("DELETE", "/orders/4", body=b"why not"), 204),
        ("GET", get("/orders/4"), 200),
        ("GET", get("/nope"), 404),
        ("POST", request_bytes("POST", "/orders", body=b"{}"), 400),
        ("OPTIONS", request_bytes("OPTIONS", "*"), 204),
        ("PUT", request_bytes("PUT", "/orders", body=b"x"), 405),
        ("GET", get("/orders/5", ("Connection", "close")), 200),
    ]
    with server.connect() as connection:
        connection.send(b"".join(data for _, data, _ in requests))
        responses = []
        for method, _, status in requests:
            responses.append(connection.read_response(method))
            assert responses[-1].status == status
        connection.expect_end()
    assert responses[2].body == order_text(4, "PENDING", "AAPL", 10)
    assert responses[5].body == order_text(4, "CANCELLED", "AAPL", 10)
    assert responses[10].body == order_text(5, "PENDING", "AAPL", 10)


def test_a_long_pipeline_whose_answers_are_read_late(server):
    """More answers than any buffer holds: the server has to stop reading, and to go on."""
    count = 20_000
    with server.connect() as connection:
        sender = threading.Thread(
            target=connection.send_as_much_as_taken, args=(get("/orders") * count,), daemon=True
        )
        sender.start()
        time.sleep(1)
        for _ in range(count):
            assert connection.read_response().status == 200
        sender.join(timeout=20)
        assert not sender.is_alive()
        server.assert_serves()


def test_a_client_that_never_reads_stops_nobody(server):
    glutton = server.connect()
    sender = threading.Thread(
        target=glutton.send_as_much_as_taken, args=(get("/orders") * 100_000,), daemon=True
    )
    sender.start()
    for _ in range(20):
        server.assert_serves()
        time.sleep(0.02)
    glutton.hang_up()
    sender.join(timeout=20)
    assert not sender.is_alive()
    server.assert_serves()


@pytest.mark.parametrize(
    "data, status",
    [
        (request_bytes("POST", "/orders", [("Content-Type", "application/json")], BODY), 201),
        (
            request_bytes(
                "POST",
                "/orders",
                [("Transfer-Encoding", "chunked")],
                chunked(BODY[:3], BODY[3:], trailers=b"X-Trailer: 1\r\n", extension=b";a=b"),
            ),
            201,
        ),
        (get("/orders/1?x=%20"), 200),
    ],
)
def test_byte_by_byte(server, data, status):
    with server.connect() as connection:
        for byte in data:
            connection.send(bytes([byte]))
            time.sleep(0.001)
        assert connection.read_response().status == status
        assert connection.ask("GET", "/orders/1").status == 200


def test_empty_lines_before_a_request(server):
    with server.connect() as connection:
        connection.send(b"\r\n" + get())
        assert connection.read_response().status == 200
        connection.send(b"\r\n\r\n" + get("/orders/2"))
        assert connection.read_response().json()["orderId"] == 2


# --- targets and header fields


def test_absolute_form(server):
    with server.connect() as connection:
        assert connection.ask("GET", f"http://{server.authority}/orders/1?x=1").json()["orderId"] == 1
        assert connection.ask("GET", f"HTTP://LOCALHOST:{server.port}/orders/2").json()["orderId"] == 2
        assert connection.ask("GET", f"http://{server.authority}").media_type == "text/html"
        assert connection.ask("POST", f"http://{server.authority}/orders", body=BODY).status == 201


def test_header_names_in_any_case_and_white_space_around_values(server):
    with server.connect() as connection:
        connection.send(
            b"POST /orders HTTP/1.1\r\nhOST:%s\r\ncOnTeNt-LeNgTh: \t %d \t \r\nX-Empty:\r\nX-Latin: caf\xe9"
            b"\r\n\r\n%s" % (server.authority.encode(), len(BODY), BODY)
        )
        assert connection.read_response().status == 201


def test_all_token_characters_in_a_header_name(server):
    assert server.ask("GET", "/orders/1", [("!#$%&'*+-.^_`|~09azAZ", "1")]).status == 200


# --- bodies


@pytest.mark.parametrize(
    "coded",
    [
        chunked(BODY),
        chunked(*(bytes([byte]) for byte in BODY)),
        chunked(BODY, extension=b";name=value"),
        chunked(BODY, extension=b';name="quoted; value";last'),
        chunked(BODY, extension=b" ; name"),
        chunked(BODY, trailers=b"X-Checksum: 1\r\nX-Other: 2\r\n"),
        chunked(BODY, trailers=b"Content-Length: 5\r\nHost: evil.example\r\nTransfer-Encoding: chunked\r\n"),
        b"1F\r\n%s\r\n0\r\n\r\n" % BODY,
        b"00000000001f\r\n%s\r\n000\r\n\r\n" % BODY,
    ],
    ids=[
        "one",
        "bytes",
        "extension",
        "quoted extension",
        "spaced extension",
        "trailers",
        "trailers that mean nothing",
        "upper case",
        "zeros",
    ],
)
def test_chunked(server, coded):
    assert len(BODY) == 0x1F
    with server.connect() as connection:
        response = connection.ask("POST", "/orders", [("Transfer-Encoding", "chunked")], coded)
        assert response.status == 201, response
        assert connection.ask("GET", "/orders/4").body == response.body


@pytest.mark.parametrize("value", ["chunked", "Chunked", "CHUNKED", " \t chunked \t "])
def test_spellings_of_chunked(server, value):
    with server.connect() as connection:
        connection.send_request("POST", "/orders", [("Transfer-Encoding", value)], chunked(BODY))
        assert connection.read_response().status == 201
        assert connection.ask("GET", "/orders/1").status == 200


def test_expect_100_continue(server):
    with server.connect() as connection:
        for expectation in ("100-continue", "100-Continue"):
            connection.send_request(
                "POST", "/orders", [("Content-Length", str(len(BODY))), ("Expect", expectation)]
            )
            interim = connection.read_head()
            assert interim.status == 100, interim
            connection.send(BODY)
            assert connection.read_response().status == 201


def test_expect_100_continue_with_a_chunked_body(server):
    with server.connect() as connection:
        connection.send_request(
            "POST", "/orders", [("Transfer-Encoding", "chunked"), ("Expect", "100-continue")]
        )
        assert connection.read_head().status == 100
        connection.send(chunked(BODY))
        assert connection.read_response().status == 201


def test_expect_100_continue_when_the_body_comes_at_once(server):
    with server.connect() as connection:
        connection.send_request("POST", "/orders", [("Expect", "100-continue")], BODY)
        assert connection.read_response().status == 201
        assert connection.ask("GET", "/orders/4").status == 200


def test_http_1_0_gets_no_100(server):
    with server.connect() as connection:
        connection.send(
            request_bytes(
                "POST", "/orders", [("Expect", "100-continue"), ("Content-Length", "31")], version="HTTP/1.0"
            )
        )
        connection.expect_silence(0.3)
        connection.send(BODY)
        assert connection.read_head().status == 201


def test_no_100_for_a_body_that_is_too_big(server):
    with server.connect() as connection:
        connection.send_request(
            "POST", "/orders", [("Expect", "100-continue"), ("Content-Length", "1000000000")]
        )
        response = connection.read_head()
        assert response.status == 413, response


@pytest.mark.parametrize("coding", ["gzip, chunked", "deflate, chunked", "br, Chunked"])
def test_an_unknown_transfer_coding(server, coding):
    with server.connect() as connection:
        connection.send_request("POST", "/orders", [("Transfer-Encoding", coding)], chunked(BODY))
        assert_problem(connection.read_response(), 501)


@pytest.mark.parametrize("coding", ["gzip", "xchunked", "chunkedx", "br", "chunked, gzip"])
def test_a_transfer_coding_without_an_end(server, coding):
    """RFC 9112 section 6.3: where chunked is not the last coding, nobody knows where the body ends."""
    with server.connect() as connection:
        connection.send_request("POST", "/orders", [("Transfer-Encoding", coding)], chunked(BODY))
        assert_problem(connection.read_response(), 400)
        connection.expect_end()
    server.assert_serves()


# --- limits


def assert_refused_and_closed(server, data, *statuses):
    """The answer, then the end of the connection, whether or not all was read; and the server goes on."""
    with server.connect() as connection:
        connection.send_as_much_as_taken(data)
        response = connection.read_response()
        assert response.status in statuses, response
        assert_problem(response, response.status)
        assert "close" in response.tokens("Connection"), response
        connection.expect_end()
    server.assert_serves()


def test_a_target_that_is_too_long(server):
    assert_refused_and_closed(
        server, b"GET /orders/" + b"1" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414
    )


def test_a_target_that_never_ends(server):
    assert_refused_and_closed(server, b"GET /" + b"a" * 200_000, 414)


def test_a_header_that_is_too_long(server):
    assert_refused_and_closed(server, get("/orders/1", ("X-Long", "a" * 200_000)), 431)


def test_too_many_headers(server):
    assert_refused_and_closed(
        server, get("/orders/1", *((f"X-{number}", "1") for number in range(20_000))), 431
    )


def test_a_head_that_never_ends(server):
    assert_refused_and_closed(
        server, b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-More: 1\r\n" * 20_000, 431
    )


def test_an_announced_body_that_is_too_big(server):
    head = request_bytes("POST", "/orders", [("Content-Length", "1000000000")])
    assert_refused_and_closed(server, head, 413)


def test_a_chunked_body_that_becomes_too_big(server):
    head = request_bytes("POST", "/orders", [("Transfer-Encoding", "chunked")])
    assert_refused_and_closed(server, head + b"10000\r\n%s\r\n" % (b" " * 65_536) * 400, 413)


def test_a_chunked_body_of_too_much_around_the_data(server):
    head = request_bytes("POST", "/orders", [("Transfer-Encoding", "chunked")])
    assert_refused_and_closed(server, head + b"1;" + b"x" * 3_000_000, 400, 413, 431)


def test_trailers_that_never_end(server):
    head = request_bytes("POST", "/orders", [("Transfer-Encoding", "chunked")])
    assert_refused_and_closed(server, head + b"0\r\n" + b"X-More: 1\r\n" * 200_000, 400, 413, 431)


def test_a_body_well_within_the_limit(server):
    """White space makes a valid body long."""
    body = BODY[:-1] + b" " * 4_000 + b"}"
    assert server.ask("POST", "/orders", body=body).status == 201


# --- smuggling

HOST = b"Host: localhost\r\n"
POST = b"POST /orders HTTP/1.1\r\n" + HOST
GET = b"GET /orders/1 HTTP/1.1\r\n"


def with_lengths(*fields):
    return POST + b"".join(field + b"\r\n" for field in fields) + b"\r\n" + BODY


def with_chunks(data):
    return POST + b"Transfer-Encoding: chunked\r\n\r\n" + data


def with_field(line):
    return GET + HOST + line + b"\r\n\r\n"


def with_line(line):
    return line + b"\r\n" + HOST + b"\r\n"


SMUGGLING = {
    # Both length headers (RFC 9112 section 6.3).
    "length, then chunked": with_lengths(b"Content-Length: 31", b"Transfer-Encoding: chunked"),
    "chunked, then length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nG",
    "length 0 and chunked": POST + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(BODY),
    "length and an unknown coding": with_lengths(b"Content-Length: 31", b"Transfer-Encoding: xchunked"),
    # Differing or malformed lengths.
    "lengths differ": with_lengths(b"Content-Length: 31", b"Content-Length: 30"),
    "lengths differ in one field": with_lengths(b"Content-Length: 31, 30"),
    "lengths differ by a zero": with_lengths(b"Content-Length: 31", b"Content-Length: 0"),
    "length with a plus": with_lengths(b"Content-Length: +31"),
    "negative length": with_lengths(b"Content-Length: -1"),
    "negative zero length": with_lengths(b"Content-Length: -0"),
    "hexadecimal length": with_lengths(b"Content-Length: 0x1f"),
    "length in words": with_lengths(b"Content-Length: thirty-one"),
    "empty length": with_lengths(b"Content-Length:"),
    "length with a space inside": with_lengths(b"Content-Length: 3 1"),
    "length with a tab inside": with_lengths(b"Content-Length: 3\t1"),
    "length with an exponent": with_lengths(b"Content-Length: 31e0"),
    "length with a point": with_lengths(b"Content-Length: 31.0"),
    "length with a letter after": with_lengths(b"Content-Length: 31a"),
    "length with an empty element": with_lengths(b"Content-Length: 31,"),
    "length in quotes": with_lengths(b'Content-Length: "31"'),
    "length in other digits": with_lengths("Content-Length: ٣١".encode("utf-8")),
    "length on a GET, malformed": with_field(b"Content-Length: x"),
    # Transfer codings that do not say where the body ends.
    "chunked twice": POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + chunked(BODY),
    "chunked twice in two fields": POST
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
    + chunked(BODY),
    "chunked not last": POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n" + chunked(BODY),
    "chunked after a vertical tab": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + chunked(BODY),
    "chunked before a NUL": POST + b"Transfer-Encoding: chunked\0\r\n\r\n" + chunked(BODY),
    "chunked in HTTP/1.0": b"POST /orders HTTP/1.0\r\n"
    + HOST
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + chunked(BODY),
    # Obsolete folding, bare CR, white space where none may be (sections 5.1, 5.2, 2.2).
    "folding with a space": with_field(b"X-Folded: a\r\n b"),
    "folding with a tab": with_field(b"X-Folded: a\r\n\tb"),
    "folding of an empty line": with_field(b"X-Folded: a\r\n "),
    "folding of the length": POST + b"Content-Length:\r\n 31\r\n\r\n" + BODY,
    "white space before the first field": GET + b" X-First: 1\r\n" + HOST + b"\r\n",
    "bare CR in a value": with_field(b"X-Cr: a\rb"),
    "bare CR before CRLF": with_field(b"X-Cr: a\r"),
    "bare CR as a line end": with_field(b"X-Cr: a\rContent-Length: 31"),
    "bare CR in the request line": with_line(b"GET /orders\r/1 HTTP/1.1"),
    "CR CR LF at the end": GET + HOST + b"\r\r\n",
    "space before the colon": with_field(b"X-Space : 1"),
    "tab before the colon": with_field(b"X-Space\t: 1"),
    "space before the colon of the length": with_lengths(b"Content-Length : 31"),
    "space before the colon of chunked": POST + b"Transfer-Encoding : chunked\r\n\r\n" + chunked(BODY),
    "space before the colon of Host": GET + b"Host : localhost\r\n\r\n",
    "space in a name": with_field(b"X Space: 1"),
    "no colon": with_field(b"X-Nothing"),
    "empty name": with_field(b": 1"),
    # Control bytes.
    "NUL in a value": with_field(b"X-Nul: a\0b"),
    "NUL in a name": with_field(b"X-\0Nul: a"),
    "0x01 in a value": with_field(b"X-Control: \x01"),
    "escape in a value": with_field(b"X-Control: \x1b[0m"),
    "DEL in a value": with_field(b"X-Control: a\x7f"),
    "vertical tab in a value": with_field(b"X-Control: a\x0bb"),
    "form feed in a value": with_field(b"X-Control: a\x0cb"),
    "0x01 in a name": with_field(b"X\x01: a"),
    "non-ASCII in a name": with_field(b"X\xe9: a"),
    "bracket in a name": with_field(b"X(1): a"),
    "NUL in the target": with_line(b"GET /orders\0/1 HTTP/1.1"),
    "DEL in the target": with_line(b"GET /orders/1\x7f HTTP/1.1"),
    "tab in the target": with_line(b"GET /orders\t/1 HTTP/1.1"),
    "NUL in the method": with_line(b"GE\0T /orders/1 HTTP/1.1"),
    # Host (RFC 9112 section 3.2).
    "no Host": GET + b"\r\n",
    "no Host, but another field": GET + b"X-Host: localhost\r\n\r\n",
    "Host twice": GET + HOST + HOST + b"\r\n",
    "two Hosts": GET + HOST + b"Host: evil.example\r\n\r\n",
    "Host with a space": GET + b"Host: local host\r\n\r\n",
    "Host with a path": GET + b"Host: localhost/orders\r\n\r\n",
    "Host with a user": GET + b"Host: evil@localhost\r\n\r\n",
    "Host with a list": GET + b"Host: localhost, evil.example\r\n\r\n",
    "Host with a port in words": GET + b"Host: localhost:http\r\n\r\n",
    "no Host, absolute target": b"GET http://localhost/orders/1 HTTP/1.1\r\n\r\n",
    # Request lines (section 3).
    "two spaces after the method": with_line(b"GET  /orders/1 HTTP/1.1"),
    "two spaces before the version": with_line(b"GET /orders/1  HTTP/1.1"),
    "space before the method": with_line(b" GET /orders/1 HTTP/1.1"),
    "tabs instead of spaces": with_line(b"GET\t/orders/1\tHTTP/1.1"),
    "space in the target": with_line(b"GET /orders /1 HTTP/1.1"),
    "space after the version": with_line(b"GET /orders/1 HTTP/1.1 "),
    "letter after the version": with_line(b"GET /orders/1 HTTP/1.1x"),
    "two digits in the version": with_line(b"GET /orders/1 HTTP/1.10"),
    "version without a point": with_line(b"GET /orders/1 HTTP/11"),
    "version in lower case": with_line(b"GET /orders/1 http/1.1"),
    "another protocol": with_line(b"GET /orders/1 HTTPS/1.1"),
    "no version": with_line(b"GET /orders/1"),
    "no target": with_line(b"GET HTTP/1.1"),
    "only a method": with_line(b"GET"),
    "colon in the method": with_line(b"GET: /orders/1 HTTP/1.1"),
    "bracket in the method": with_line(b"G(T /orders/1 HTTP/1.1"),
    "target without a slash": with_line(b"GET orders/1 HTTP/1.1"),
    "asterisk for a GET": with_line(b"GET * HTTP/1.1"),
    # Chunks (section 7.1).
    "chunk size that overflows by one digit": with_chunks(b"10000000000000000\r\n" + BODY),
    "chunk size of all ones and a digit": with_chunks(b"fffffffffffffffff\r\n" + BODY),
    "chunk size that wraps to the right one": with_chunks(b"1000000000000001f\r\n%s\r\n0\r\n\r\n" % BODY),
    "negative chunk size": with_chunks(b"-1\r\n" + BODY),
    "chunk size with a plus": with_chunks(b"+1f\r\n%s\r\n0\r\n\r\n" % BODY),
    "chunk size with 0x": with_chunks(b"0x1f\r\n%s\r\n0\r\n\r\n" % BODY),
    "chunk size with a space before": with_chunks(b" 1f\r\n%s\r\n0\r\n\r\n" % BODY),
    "chunk size with a space inside": with_chunks(b"1 f\r\n%s\r\n0\r\n\r\n" % BODY),
    "empty chunk size": with_chunks(b"\r\n%s\r\n0\r\n\r\n" % BODY),
    "chunk size in words": with_chunks(b"zz\r\n" + BODY),
    "extension without a size": with_chunks(b";a=b\r\n%s\r\n0\r\n\r\n" % BODY),
    "chunk size ended by a bare LF": with_chunks(b"1f\n%s\r\n0\r\n\r\n" % BODY),
    "chunk size ended by a bare CR": with_chunks(b"1f\r%s\r\n0\r\n\r\n" % BODY),
    "bare LF in an extension": with_chunks(b"1f;a\nb\r\n%s\r\n0\r\n\r\n" % BODY),
    "bare CR in an extension": with_chunks(b"1f;a\rb\r\n%s\r\n0\r\n\r\n" % BODY),
    "NUL in an extension": with_chunks(b"1f;a\0b\r\n%s\r\n0\r\n\r\n" % BODY),
    "chunk longer than its size": with_chunks(b"1e\r\n%s\r\n0\r\n\r\n" % BODY),
    "chunk without CRLF after": with_chunks(b"1f\r\n%s0\r\n\r\n" % BODY),
    "chunk with a bare LF after": with_chunks(b"1f\r\n%s\n0\r\n\r\n" % BODY),
    "chunk with a bare CR after": with_chunks(b"1f\r\n%s\rx0\r\n\r\n" % BODY),
    "folding in trailers": with_chunks(b"1f\r\n%s\r\n0\r\nX-A: 1\r\n b\r\n\r\n" % BODY),
    "space before the colon in trailers": with_chunks(b"1f\r\n%s\r\n0\r\nX-A : 1\r\n\r\n" % BODY),
    "NUL in trailers": with_chunks(b"1f\r\n%s\r\n0\r\nX-A: \0\r\n\r\n" % BODY),
    "trailer without a colon": with_chunks(b"1f\r\n%s\r\n0\r\nGET / HTTP/1.1\r\n\r\n" % BODY),
}


@pytest.mark.parametrize("case", SMUGGLING)
def test_smuggling_gets_400_and_the_end(server, case):
    """What follows would be answered if any of it were read as a request."""
    smuggled = request_bytes("DELETE", "/orders/1", host=server.authority)
    with server.connect() as connection:
        connection.send_as_much_as_taken(SMUGGLING[case] + smuggled * 2)
        response = connection.read_response()
        assert_problem(response, 400)
        assert "close" in response.tokens("Connection"), response
        connection.expect_end()
    assert [order["orderStatus"] for order in server.orders()] == ["PENDING", "EXECUTED", "CANCELLED"]


@pytest.mark.parametrize("case", ["no Host", "length, then chunked", "NUL in a value", "chunk size with 0x"])
def test_what_came_before_a_bad_request_is_answered(server, case):
    with server.connect() as connection:
        connection.send_as_much_as_taken(
            get("/orders/1") + get("/orders/2") + SMUGGLING[case] + get("/orders/3")
        )
        assert [connection.read_response().json()["orderId"] for _ in range(2)] == [1, 2]
        assert_problem(connection.read_response(), 400)
        connection.expect_end()


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
        b"\0" * 1000,
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HELO mail.example\r\n\r\n",
        b"\xff" * 1000,
        b"\r" * 100 + b"\n\r\n",
        b"{}\r\n\r\n",
    ],
)
def test_another_protocol(server, data):
    with server.connect() as connection:
        connection.send_as_much_as_taken(data)
        connection.half_close()
        try:
            assert_problem(connection.read_response(), 400)
        except Closed:
            pass
        connection.expect_end()
    server.assert_serves()


@pytest.mark.parametrize("length", ["18446744073709551647", "9223372036854775839", "4294967327", "9" * 100])
def test_a_length_that_overflows(server, length):
    """Each is 31 in fewer bits; whether it is malformed or too big, it is not 31."""
    assert_refused_and_closed(server, with_lengths(b"Content-Length: " + length.encode("ascii")), 400, 413)


@pytest.mark.parametrize("size", ["7fffffffffffffff", "ffffffffffffffff", "fffffff0"])
def test_a_chunk_size_that_no_memory_holds(server, size):
    with server.connect() as connection:
        connection.send_as_much_as_taken(with_chunks(size.encode("ascii") + b"\r\n" + BODY))
        response = connection.read_response()
        assert response.status in (400, 413), response
        connection.expect_end()
    server.assert_serves()
