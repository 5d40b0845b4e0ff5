"""Every row of the contract: what each request answers, to the byte where the contract says so."""

from __future__ import annotations

import email.utils
import json
import time

import pytest

from kit.expect import QUANTITY_MAX, assert_json, assert_order, assert_problem, fault_fields, order_text
from kit.wire import chunked

JSON_HEADERS = [("Content-Type", "application/json")]
EMOJI = "\N{GRINNING FACE}"


def post(server, body, headers=JSON_HEADERS):
    return server.ask("POST", "/orders", headers, body)


# --- reading


def test_home_page(server):
    response = server.ask("GET", "/")
    assert response.status == 200
    assert response.media_type == "text/html"
    assert b"<html" in response.body.lower()


def test_starts_with_one_order_of_each_status(server):
    orders = assert_json(server.ask("GET", "/orders"), 200)
    for order in orders:
        assert_order(order)
    assert [(order["orderId"], order["orderStatus"]) for order in orders] == [
        (1, "PENDING"),
        (2, "EXECUTED"),
        (3, "CANCELLED"),
    ]


def test_each_starting_order_by_its_id(server):
    listing = server.ask("GET", "/orders")
    for order in listing.json():
        response = server.ask("GET", f"/orders/{order['orderId']}")
        assert assert_json(response, 200) == order
        assert response.body in listing.body


def test_health(server):
    assert assert_json(server.ask("GET", "/health"), 200)["status"] == "ok"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "1.5",
        "1.0",
        "1e3",
        "0x1",
        "--1",
        "-",
        "+",
        "1a",
        "a1",
        "%20",
        "1%20",
        "%201",
        "1,000",
        "1_000",
        "%EF%BC%91",
        "%D9%A1",
        "%00",
        "1%00",
        "%F0%9F%98%80",
        "null",
        "true",
        "1;2",
    ],
)
def test_an_id_that_is_no_integer(server, method, text):
    assert_problem(server.ask(method, f"/orders/{text}"), 400)
    assert [order["orderStatus"] for order in server.orders()] == ["PENDING", "EXECUTED", "CANCELLED"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    "text",
    [
        "4",
        "0",
        "-1",
        "99",
        str(2**31),
        str(2**32 + 1),
        str(2**53 + 1),
        str(2**63),
        str(2**64 + 1),
        str(10**30),
    ],
)
def test_an_id_without_an_order(server, method, text):
    assert_problem(server.ask(method, f"/orders/{text}"), 404)
    assert [order["orderStatus"] for order in server.orders()] == ["PENDING", "EXECUTED", "CANCELLED"]


@pytest.mark.parametrize(
    "target, like",
    [
        ("/orders/", "/orders"),
        ("/orders?", "/orders"),
        ("/orders?of=today", "/orders"),
        ("/orders/?a=b&c=/orders/2", "/orders"),
        ("/orders/1?verbose=true", "/orders/1"),
        ("/orders/1?", "/orders/1"),
        ("/orders/%31", "/orders/1"),
        ("/%6Frders/1", "/orders/1"),
        ("/%6frders/%31?x=%31", "/orders/1"),
        ("/%6F%72%64%65%72%73", "/orders"),
        ("/health?probe=1", "/health"),
        ("/?source=home", "/"),
        ("/orders/2?id=1", "/orders/2"),
    ],
)
def test_targets_that_mean_the_same(server, target, like):
    response, expected = server.ask("GET", target), server.ask("GET", like)
    assert response.status == expected.status == 200
    assert response.media_type == expected.media_type
    if like != "/health":
        assert response.body == expected.body


@pytest.mark.parametrize(
    "target",
    [
        "/nope",
        "/order",
        "/ordersx",
        "/Orders",
        "/ORDERS/1",
        "/orders/1/x",
        "/orders/1/status",
        "/health/x",
        "/wsx",
        "/orders%20",
        "/%",
        "/orders/1/../2",
        "/../etc/passwd",
        "/%2e%2e/etc/passwd",
        "/favicon.txt",
        "/index.php",
    ],
)
def test_any_other_path(server, target):
    response = server.ask("GET", target)
    # A broken escape, or a path that climbs, may as well be refused as malformed.
    if "%" in target or ".." in target:
        assert response.status in (400, 404), response
    assert_problem(response, response.status if response.status == 400 else 404)
    server.assert_serves()


# --- placing


def test_place_to_the_byte(server):
    expected = order_text(4, "PENDING", "AAPL", 10)
    assert expected == b'{"orderId": 4, "orderStatus": "PENDING", "stocks": "AAPL", "quantity": 10}'
    response = post(server, '{"stocks": "AAPL", "quantity": 10}')
    assert_json(response, 201)
    assert response.body == expected
    assert response.header("Location") == "/orders/4"
    assert server.ask("GET", response.header("Location")).body == expected
    listing = server.ask("GET", "/orders")
    assert expected in listing.body
    assert [order["orderId"] for order in listing.json()] == [1, 2, 3, 4]


def test_ids_are_sequential_and_never_reused(server):
    assert [server.place()["orderId"] for _ in range(5)] == [4, 5, 6, 7, 8]
    assert server.ask("DELETE", "/orders/8").status == 204
    assert post(server, "{}").status == 400
    assert server.place()["orderId"] == 9
    assert [order["orderId"] for order in server.orders()] == list(range(1, 10))


def test_a_hundred_orders_listed_in_id_order(server):
    with server.connect() as connection:
        for number in range(100):
            body = json.dumps({"stocks": f"S{number}", "quantity": number + 1})
            assert connection.ask("POST", "/orders", body=body).status == 201
        orders = connection.ask("GET", "/orders").json()
    assert [order["orderId"] for order in orders] == list(range(1, 104))
    assert [(order["stocks"], order["quantity"]) for order in orders[3:]] == [
        (f"S{number}", number + 1) for number in range(100)
    ]


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/json",
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",
        "text/plain",
        "application/octet-stream",
        "APPLICATION/JSON",
    ],
)
def test_the_content_type_does_not_matter(server, content_type):
    headers = [] if content_type is None else [("Content-Type", content_type)]
    assert_json(post(server, '{"stocks":"AAPL","quantity":10}', headers), 201)


def test_place_with_a_trailing_slash_and_query(server):
    body = '{"stocks":"AAPL","quantity":10}'
    assert server.ask("POST", "/orders/", body=body).status == 201
    assert server.ask("POST", "/orders?from=test", body=body).status == 201
    assert server.ask("POST", "/%6frders", body=body).header("Location") == "/orders/6"


ACCEPTED = {
    "compact": ('{"stocks":"AAPL","quantity":10}', "AAPL", 10),
    "other order": ('{"quantity":10,"stocks":"AAPL"}', "AAPL", 10),
    "all white space": (
        ' \t\r\n{ \t\r\n"stocks" \t\r\n: \t\r\n"AAPL" ,\n"quantity"\r: 10\t}\n \t\r\n',
        "AAPL",
        10,
    ),
    "smallest quantity": ('{"stocks":"A","quantity":1}', "A", 1),
    "largest quantity": ('{"stocks":"A","quantity":9007199254740991}', "A", QUANTITY_MAX),
    "two words": ('{"stocks":"BRK B, class A","quantity":3}', "BRK B, class A", 3),
    "one byte": ('{"stocks":" ","quantity":1}', " ", 1),
    "64 bytes": (f'{{"stocks":"{"A" * 64}","quantity":1}}', "A" * 64, 1),
    "64 bytes of two": (f'{{"stocks":"{"é" * 32}","quantity":1}}', "é" * 32, 1),
    "64 bytes of three and one": (f'{{"stocks":"{"株" * 21}x","quantity":1}}', "株" * 21 + "x", 1),
    "64 bytes of four": (f'{{"stocks":"{EMOJI * 16}","quantity":1}}', EMOJI * 16, 1),
    "64 bytes as escapes": ('{"stocks":"' + "\\u0041" * 64 + '","quantity":1}', "A" * 64, 1),
    "64 bytes as surrogate pairs": ('{"stocks":"' + "\\uD83D\\ude00" * 16 + '","quantity":1}', EMOJI * 16, 1),
    "two-character escapes": (r'{"stocks":"\"\\\/\b\f\n\r\t","quantity":1}', '"\\/\b\f\n\r\t', 1),
    "NUL as an escape": (r'{"stocks":"a\u0000b","quantity":1}', "a\0b", 1),
    "control characters as escapes": (r'{"stocks":"\u0001\u001f\u007F","quantity":1}', "\x01\x1f\x7f", 1),
    "DEL as it is": ('{"stocks":"\x7f","quantity":1}', "\x7f", 1),
    "edges of the planes": (
        '{"stocks":"\ud7ff\ue000\uffff\U00010000\U0010ffff","quantity":1}',
        "\ud7ff\ue000\uffff\U00010000\U0010ffff",
        1,
    ),
    "edges as escapes": (
        r'{"stocks":"\uD7FF\uE000\uFFFF\uD800\uDC00\uDBFF\uDFFF","quantity":1}',
        "\ud7ff\ue000\uffff\U00010000\U0010ffff",
        1,
    ),
    "line separators": ('{"stocks":"\u2028\u2029","quantity":1}', "\u2028\u2029", 1),
    "text that looks like markup": (
        '{"stocks":"<script>alert(1)</script>","quantity":1}',
        "<script>alert(1)</script>",
        1,
    ),
    "text that looks like JSON": (
        r'{"stocks":"{\"stocks\":\"B\",\"quantity\":2}","quantity":1}',
        '{"stocks":"B","quantity":2}',
        1,
    ),
    "names as escapes": (r'{"\u0073tocks":"A","quan\u0074ity":1}', "A", 1),
    "accents composed and not": ('{"stocks":"\u00e9e\u0301","quantity":1}', "\u00e9e\u0301", 1),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted_bodies_come_back_equal(server, case):
    body, stocks, quantity = ACCEPTED[case]
    response = post(server, body)
    placed = assert_json(response, 201)
    assert_order(placed)
    assert (placed["stocks"], placed["quantity"]) == (stocks, quantity)
    again = server.ask("GET", "/orders/4")
    assert again.body == response.body
    assert server.orders()[3] == placed


@pytest.mark.parametrize("split", [1, 2, 5])
def test_a_chunked_body_is_the_same_body(server, split):
    body = f'{{"stocks":"{EMOJI * 3}","quantity":10}}'.encode("utf-8")
    pieces = [body[start : start + split] for start in range(0, len(body), split)]
    with server.connect() as connection:
        response = connection.ask("POST", "/orders", [("Transfer-Encoding", "chunked")], chunked(*pieces))
        assert assert_json(response, 201)["stocks"] == EMOJI * 3
        assert connection.ask("GET", "/orders/4").status == 200


def bare(stocks="A", quantity=1):
    """A body with raw JSON texts for the two values."""
    return f'{{"stocks":{stocks},"quantity":{quantity}}}'


NOT_JSON = {
    "empty": "",
    "white space": " \r\n",
    "a word": "nope",
    "an open object": "{",
    "only a name": '{"stocks"}',
    "no value": '{"stocks":}',
    "open string": '{"stocks":"A',
    "trailing comma": '{"stocks":"A","quantity":1,}',
    "leading comma": '{,"stocks":"A","quantity":1}',
    "two commas": '{"stocks":"A",,"quantity":1}',
    "no comma": '{"stocks":"A" "quantity":1}',
    "no colon": '{"stocks" "A","quantity":1}',
    "no quotes": '{stocks:"A",quantity:1}',
    "single quotes": "{'stocks':'A','quantity':1}",
    "a comment": '{"stocks":"A",/* one */"quantity":1}',
    "something after": '{"stocks":"A","quantity":1}x',
    "two objects": '{"stocks":"A","quantity":1}{"stocks":"A","quantity":1}',
    "form data": "stocks=A&quantity=1",
    "NUL after": '{"stocks":"A","quantity":1}\0',
    "wrong bracket": '{"stocks":"A","quantity":1]',
    "NaN": bare('"A"', "NaN"),
    "Infinity": bare('"A"', "Infinity"),
    "undefined": bare('"A"', "undefined"),
    "True": bare('"A"', "True"),
    "truth": bare('"A"', "truth"),
    "nul": bare('"A"', "nul"),
    "leading zero": bare('"A"', "01"),
    "plus": bare('"A"', "+1"),
    "only a minus": bare('"A"', "-"),
    "minus and a space": bare('"A"', "- 1"),
    "no digit before the point": bare('"A"', ".5"),
    "no digit after the point": bare('"A"', "1."),
    "no exponent": bare('"A"', "1e"),
    "hexadecimal": bare('"A"', "0x1"),
    "underscore": bare('"A"', "1_0"),
    "raw newline in text": bare('"A\nB"'),
    "raw NUL in text": bare('"A\0B"'),
    "raw 0x1f in text": bare('"\x1f"'),
    "unknown escape": bare(r'"\x41"'),
    "short escape": bare(r'"\u12"'),
    "escape without digits": bare(r'"\uZZZZ"'),
    "escape at the end": bare('"A\\"'),
    "form feed as white space": '\f{"stocks":"A","quantity":1}',
    "no-break space as white space": '\u00a0{"stocks":"A","quantity":1}',
    "deep arrays": bare('"A"', "[" * 1500),
    "broken unknown property": '{"stocks":"A","quantity":1,"x":[1,}}',
    "lone high surrogate": bare(r'"\ud800"'),
    "lone low surrogate": bare(r'"\udc00"'),
    "high surrogate and a letter": bare(r'"\ud800A"'),
    "two high surrogates": bare(r'"\ud800\ud800"'),
    "high surrogate and another escape": bare(r'"\ud800\u0041"'),
    "reversed pair": bare(r'"\ude00\ud83d"'),
    "lone surrogate in an unknown property": '{"stocks":"A","quantity":1,"\\ud800":1}',
}
NOT_UTF8 = {
    "0xff": b"\xff",
    "continuation alone": b"\x80",
    "overlong slash": b"\xc0\xaf",
    "overlong of three": b"\xe0\x80\xaf",
    "overlong of four": b"\xf0\x80\x80\xaf",
    "encoded surrogate": b"\xed\xa0\x80",
    "encoded pair": b"\xed\xa0\xbd\xed\xb8\x80",
    "past U+10FFFF": b"\xf4\x90\x80\x80",
    "cut off": b"\xe6\xa0",
    "latin-1": b"caf\xe9",
    "0xf5": b"\xf5\x80\x80\x80",
}


def assert_refused(server, body):
    """400, on a connection that stays usable, and nothing was placed."""
    with server.connect() as connection:
        problem = assert_problem(connection.ask("POST", "/orders", JSON_HEADERS, body), 400)
        assert len(connection.ask("GET", "/orders").json()) == 3
        return problem


@pytest.mark.parametrize("case", NOT_JSON)
def test_not_json(server, case):
    assert_refused(server, NOT_JSON[case])


@pytest.mark.parametrize("case", NOT_UTF8)
def test_not_utf8(server, case):
    assert_refused(server, b'{"stocks":"' + NOT_UTF8[case] + b'","quantity":1}')


def test_post_without_any_body(server):
    with server.connect() as connection:
        assert_problem(connection.ask("POST", "/orders"), 400)
        assert connection.ask("GET", "/orders/1").status == 200


@pytest.mark.parametrize(
    "body", ["[]", '"AAPL"', "1", "null", "true", '[{"stocks":"A","quantity":1}]', "[[]]", "-0.5e-3"]
)
def test_json_but_no_object(server, body):
    assert_refused(server, body)


INVALID = {
    "empty object": ("{}", ["quantity", "stocks"]),
    "only stocks": ('{"stocks":"A"}', ["quantity"]),
    "only quantity": ('{"quantity":1}', ["stocks"]),
    "both wrong": (bare("1", '"1"'), ["quantity", "stocks"]),
    "both wrong and one too many": ('{"stocks":"","quantity":0,"extra":1}', ["extra", "quantity", "stocks"]),
    "two too many": ('{"a":1,"stocks":"A","b":{"c":[1]},"quantity":1}', ["a", "b"]),
    "an order back": (
        '{"orderId":4,"orderStatus":"PENDING","stocks":"A","quantity":1}',
        ["orderId", "orderStatus"],
    ),
    "capital letters": ('{"Stocks":"A","quantity":1}', ["Stocks", "stocks"]),
    "empty name": ('{"":0,"stocks":"A","quantity":1}', [""]),
    "nested": ('{"order":{"stocks":"A","quantity":1}}', ["order", "quantity", "stocks"]),
    "nested unknown": (
        '{"stocks":"A","quantity":1,"note":[{"stocks":"B"},[[],"\\u00e9",-1.5e+3,null,true]]}',
        ["note"],
    ),
    "stocks twice": ('{"stocks":"A","stocks":"B","quantity":1}', ["stocks"]),
    "stocks twice, equal": ('{"stocks":"A","quantity":1,"stocks":"A"}', ["stocks"]),
    "stocks twice, by escape": (r'{"stocks":"A","st\u006fcks":"B","quantity":1}', ["stocks"]),
    "quantity twice": ('{"quantity":1,"stocks":"A","quantity":2}', ["quantity"]),
    "both twice": ('{"quantity":1,"stocks":"A","quantity":2,"stocks":"B"}', ["quantity", "stocks"]),
}
for text in ("null", "true", "1", "1.5", "[]", '["A"]', "{}", '{"name":"A"}'):
    INVALID[f"stocks {text}"] = (bare(text), ["stocks"])
for name, value in {
    "of 0 bytes": "",
    "of 65 bytes": "A" * 65,
    "of 33 x 2 bytes": "é" * 33,
    "of 22 x 3": "株" * 22,
    "of 17 x 4": EMOJI * 17,
    "of 1000": "A" * 1000,
    "of 61 and 4": "A" * 61 + EMOJI,
}.items():
    INVALID[f"stocks {name}"] = (bare(json.dumps(value, ensure_ascii=False)), ["stocks"])
    if value:
        INVALID[f"stocks {name}, escaped"] = (bare(json.dumps(value)), ["stocks"])
for text in (
    "0",
    "-1",
    "-0",
    "1.0",
    "1.5",
    "1e2",
    "1E0",
    "1e+0",
    "1e400",
    "10.00",
    "9007199254740992",
    str(2**53 + 1),
    str(2**63 - 1),
    str(2**63),
    str(2**64 + 1),
    str(10**30),
    str(-(10**30)),
    "9" * 400,
    "true",
    "false",
    "null",
    '"10"',
    '""',
    "[]",
    "[10]",
    "{}",
    "-9007199254740991",
):
    INVALID[f"quantity {text[:40]}"] = (bare('"A"', text), ["quantity"])


@pytest.mark.parametrize("case", INVALID)
def test_every_fault_is_named_at_once(server, case):
    body, fields = INVALID[case]
    assert sorted(fault_fields(assert_refused(server, body))) == fields


# --- cancelling


def test_cancel_a_pending_order(server):
    placed = server.place()
    response = server.ask("DELETE", "/orders/4")
    assert (response.status, response.body) == (204, b"")
    assert server.order(4) == {**placed, "orderStatus": "CANCELLED"}
    assert server.ask("GET", "/orders/4").body == order_text(4, "CANCELLED", "AAPL", 10)
    assert server.ask("DELETE", "/orders/4").status == 204
    assert server.order(4)["orderStatus"] == "CANCELLED"


def test_cancel_the_starting_orders(server):
    assert server.ask("DELETE", "/orders/1").status == 204
    problem = assert_problem(server.ask("DELETE", "/orders/2"), 409)
    assert "EXECUTED" in problem["detail"].upper()
    assert server.ask("DELETE", "/orders/3").status == 204
    assert [order["orderStatus"] for order in server.orders()] == ["CANCELLED", "EXECUTED", "CANCELLED"]


def test_cancel_by_another_spelling(server):
    assert server.ask("DELETE", "/%6frders/%31?why=because").status == 204
    assert server.order(1)["orderStatus"] == "CANCELLED"


def test_an_executed_order_stays_executed(fast_server):
    placed = fast_server.place()
    executed = fast_server.wait_for_status(4, "EXECUTED")
    assert executed == {**placed, "orderStatus": "EXECUTED"}
    assert_problem(fast_server.ask("DELETE", "/orders/4"), 409)
    assert fast_server.order(4) == executed


def test_the_first_starting_order_stays_pending(fast_server):
    fast_server.place()
    fast_server.wait_for_status(4, "EXECUTED")
    time.sleep(0.2)
    assert fast_server.order(1)["orderStatus"] == "PENDING"


# --- methods

ALLOWED = {
    "/": {"get", "head", "options"},
    "/health": {"get", "head", "options"},
    "/metrics": {"get", "head", "options"},
    "/orders": {"get", "head", "post", "delete", "options"},
    "/orders/": {"get", "head", "post", "delete", "options"},
    "/orders/1": {"get", "head", "delete", "options"},
}


@pytest.mark.parametrize(
    "target, method",
    [
        *(("/", method) for method in ("POST", "PUT", "DELETE", "PATCH")),
        *(("/health", method) for method in ("POST", "PUT", "DELETE")),
        *(("/metrics", method) for method in ("POST", "PUT", "DELETE")),
        *(("/orders", method) for method in ("PUT", "PATCH", "BREW", "PROPFIND", "GETX", "GE")),
        *(("/orders/", method) for method in ("PUT", "PATCH")),
        *(("/orders/1", method) for method in ("POST", "PUT", "PATCH", "BREW", "M-SEARCH")),
    ],
)
def test_another_method_on_a_known_path(server, target, method):
    with server.connect() as connection:
        response = connection.ask(method, target, body="" if method == "POST" else None)
        assert_problem(response, 405)
        assert response.tokens("Allow") == ALLOWED[target]
        assert connection.ask("GET", "/orders/1").status == 200


def test_another_method_on_the_feed(server):
    response = server.ask("POST", "/ws", body="")
    assert_problem(response, 405)
    assert "get" in response.tokens("Allow")


@pytest.mark.parametrize("target", ALLOWED)
def test_options(server, target):
    with server.connect() as connection:
        response = connection.ask("OPTIONS", target)
        assert response.status == 204, response
        assert response.tokens("Allow") == ALLOWED[target]
        assert connection.ask("GET", "/orders/1").status == 200


def test_options_of_the_whole_server(server):
    response = server.ask("OPTIONS", "*")
    assert response.status == 204, response
    assert response.tokens("Allow") >= {"get", "head", "post", "delete", "options"}


def test_options_of_the_feed_and_of_nothing(server):
    response = server.ask("OPTIONS", "/ws")
    assert response.status == 204 and response.tokens("Allow") >= {"get", "options"}, response
    assert_problem(server.ask("OPTIONS", "/nope"), 404)


@pytest.mark.parametrize(
    "target", ["/", "/orders", "/orders/1", "/orders/99", "/orders/abc", "/health", "/metrics", "/nope"]
)
def test_head_is_get_without_the_body(server, target):
    with server.connect() as connection:
        head, get = connection.ask("HEAD", target), connection.ask("GET", target)
    assert head.status == get.status
    assert head.media_type == get.media_type
    if target not in ("/health", "/metrics"):
        assert head.header("Content-Length") == get.header("Content-Length")


def test_head_of_the_feed_is_no_handshake(server):
    response = server.ask("HEAD", "/ws")
    assert response.status in (405, 426), response


# --- bodies that nobody asked for, and dates


@pytest.mark.parametrize(
    "method, target, status",
    [
        ("GET", "/orders/1", 200),
        ("GET", "/orders", 200),
        ("GET", "/", 200),
        ("GET", "/nope", 404),
        ("DELETE", "/orders/3", 204),
        ("DELETE", "/orders/2", 409),
        ("DELETE", "/orders/abc", 400),
        ("HEAD", "/orders/1", 200),
        ("OPTIONS", "/orders", 204),
        ("PUT", "/orders", 405),
        ("GET", "/ws", 426),
    ],
)
@pytest.mark.parametrize("coding", ["length", "chunked"])
def test_an_unasked_body_is_consumed_and_never_read_as_a_request(server, method, target, status, coding):
    smuggled = b"DELETE /orders/1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with server.connect() as connection:
        if coding == "chunked":
            connection.send_request(method, target, [("Transfer-Encoding", "chunked")], chunked(smuggled))
        else:
            connection.send_request(method, target, body=smuggled)
        connection.send_request("GET", "/orders/2")
        assert connection.read_response(method).status == status
        following = connection.read_response()
        assert following.status == 200 and following.json()["orderId"] == 2, following
    assert server.order(1)["orderStatus"] == "PENDING"


def test_date_is_now(server):
    told = email.utils.parsedate_to_datetime(server.ask("GET", "/orders/1").header("Date")).timestamp()
    assert abs(told - time.time()) < 60


def test_date_goes_on(server):
    with server.connect() as connection:
        first = connection.ask("GET", "/orders/1").header("Date")
        time.sleep(1.2)
        assert connection.ask("GET", "/orders/1").header("Date") != first
