"""Who may ask: the Origin of a browser's request, and the Host that it was addressed to."""

from __future__ import annotations

import pytest

from kit.expect import assert_problem
from kit.frames import handshake_headers
from kit.wire import request_bytes

BODY = '{"stocks":"AAPL","quantity":10}'

LOOPBACK_ORIGINS = [
    "http://localhost",
    "http://localhost:5173",
    "http://127.0.0.1:3000",
    "http://127.0.0.2:3000",
    "http://[::1]:8080",
    "https://localhost:8443",
    "http://LOCALHOST:5173",
]
FOREIGN_ORIGINS = [
    "https://evil.example",
    "http://evil.example:8000",
    "null",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://evil.example/localhost",
    "http://notlocalhost",
    "http://localhost@evil.example",
    "http://10.0.0.1:8000",
    "http://128.0.0.1",
    "http://[::2]",
    "http://1270.0.0.1",
    "localhost",
    "file://",
    "http://",
    "http://127.0.0.1:8000.evil.example",
    "http://localhost:port",
    "http://localhost:5173/page",
    "https://app.example.evil.example",
    "https://evil.example, http://localhost",
]
ALLOWED_FLAG = ("--allowed-origins", "https://app.example,http://desk.example:8080")


def ask_as_browser(server, origin, method="POST", target="/orders", body=BODY, host=None):
    headers = [("Origin", origin)]
    if host:
        headers.append(("Host", host))
    if method == "WS":
        return server.ask("GET", "/ws", headers + handshake_headers())
    return server.ask(method, target, headers, body if method == "POST" else None)


STATE_CHANGING = [("POST", "/orders", 201), ("DELETE", "/orders/1", 204), ("WS", "/ws", 101)]


def assert_cors(response, origin):
    assert response.header("Access-Control-Allow-Origin") == origin, response
    # The answer differs from origin to origin, so a cache must be told (the Fetch standard's section on CORS
    # and caches).
    assert "origin" in response.tokens("Vary"), response


def assert_no_cors(response):
    assert not [name for name, _ in response.fields if name.lower().startswith("access-control-")], response


def assert_nothing_changed(server):
    assert [order["orderStatus"] for order in server.orders()] == ["PENDING", "EXECUTED", "CANCELLED"]


@pytest.mark.parametrize("method, target, status", STATE_CHANGING)
def test_own_origin(server, method, target, status):
    assert ask_as_browser(server, server.origin, method, target).status == status


@pytest.mark.parametrize("origin", LOOPBACK_ORIGINS)
def test_a_front_end_under_development_on_another_port(server, origin):
    for method, target, status in STATE_CHANGING:
        response = ask_as_browser(server, origin, method, target)
        assert response.status == status, response
        if method != "WS":
            assert_cors(response, origin)
    response = server.ask("GET", "/orders", [("Origin", origin)])
    assert response.status == 200
    assert_cors(response, origin)


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_foreign_origin(start, origin):
    server = start(*ALLOWED_FLAG)
    for method, target, _ in STATE_CHANGING:
        response = ask_as_browser(server, origin, method, target)
        assert_problem(response, 403)
        assert_no_cors(response)
    assert_nothing_changed(server)


def test_a_foreign_page_may_not_read(server):
    response = server.ask("GET", "/orders", [("Origin", "https://evil.example")])
    assert response.status == 200
    assert_no_cors(response)


@pytest.mark.parametrize("origin", ["https://app.example", "http://desk.example:8080"])
def test_allowed_origins(start, origin):
    server = start(*ALLOWED_FLAG)
    for method, target, status in STATE_CHANGING:
        response = ask_as_browser(server, origin, method, target)
        assert response.status == status, response
        if method != "WS":
            assert_cors(response, origin)


@pytest.mark.parametrize(
    "origin",
    [
        "http://app.example",
        "https://app.example:444",
        "https://desk.example:8080",
        "http://desk.example",
        "https://sub.app.example",
        "https://app.example.",
        "https://app.exampl",
    ],
)
def test_an_allowed_origin_is_scheme_host_and_port(start, origin):
    assert_problem(ask_as_browser(start(*ALLOWED_FLAG), origin), 403)


def test_an_allowed_one_sees_errors_too(server):
    origin = "http://localhost:5173"
    for response, status in (
        (ask_as_browser(server, origin, body="{}"), 400),
        (server.ask("GET", "/orders/99", [("Origin", origin)]), 404),
        (server.ask("DELETE", "/orders/2", [("Origin", origin)]), 409),
    ):
        assert_problem(response, status)
        assert_cors(response, origin)


def preflight(server, target, method, origin, headers="content-type"):
    fields = [("Origin", origin), ("Access-Control-Request-Method", method)]
    if headers:
        fields.append(("Access-Control-Request-Headers", headers))
    return server.ask("OPTIONS", target, fields)


@pytest.mark.parametrize("target, method", [("/orders", "POST"), ("/orders/1", "DELETE"), ("/orders", "GET")])
@pytest.mark.parametrize("origin", ["http://localhost:5173", "https://app.example"])
def test_preflight_of_an_allowed_origin(start, target, method, origin):
    response = preflight(start(*ALLOWED_FLAG), target, method, origin)
    assert response.status == 204, response
    assert_cors(response, origin)
    assert method.lower() in response.tokens("Access-Control-Allow-Methods"), response
    assert "content-type" in response.tokens("Access-Control-Allow-Headers"), response


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_preflight_of_a_foreign_origin(server, origin):
    response = preflight(server, "/orders", "POST", origin)
    assert response.status in (204, 403), response
    assert_no_cors(response)


def test_without_an_origin_nothing_is_said_about_cors(server):
    assert_no_cors(server.ask("GET", "/orders"))


# --- Host


def ask_with_host(server, host, target="/orders/1"):
    with server.connect() as connection:
        connection.send(request_bytes("GET", target, host=host))
        return connection.read_response()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "LocalHost",
        "127.0.0.1:{port}",
        "localhost:{port}",
        "[::1]:{port}",
        "[::1]",
        "127.0.0.1:1",
        "127.8.9.10:{port}",
    ],
)
def test_hosts_that_mean_this_machine(server, host):
    assert ask_with_host(server, host.format(port=server.port)).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "192.168.1.10:{port}",
        "10.0.0.1",
        "[::2]:{port}",
        "0.0.0.0:{port}",
        "notlocalhost",
        "1270.0.0.1",
        "128.0.0.1",
    ],
)
def test_a_rebound_name(server, host):
    host = host.format(port=server.port)
    assert_problem(ask_with_host(server, host), 421)
    assert_problem(ask_with_host(server, host, "/"), 421)
    response = server.ask("POST", "/orders", [("Host", host)], BODY)
    assert_problem(response, 421)
    assert_problem(server.ask("GET", "/ws", [("Host", host), *handshake_headers()]), 421)
    assert_nothing_changed(server)


def test_the_authority_of_an_absolute_target_counts(server):
    with server.connect() as connection:
        response = connection.ask("GET", f"http://evil.example:{server.port}/orders/1")
        assert_problem(response, 421)


def test_a_rebound_origin_is_not_the_servers_own(server):
    """The name of a rebound page is both in its Host and its Origin."""
    host = f"evil.example:{server.port}"
    response = ask_as_browser(server, f"http://{host}", host=host)
    assert response.status in (403, 421), response
    assert_nothing_changed(server)


def test_allowed_hosts(start):
    server = start("--allowed-hosts", "trade.example,desk.example")
    for host in (
        "trade.example",
        f"trade.example:{server.port}",
        "desk.example",
        "DESK.example",
        "localhost",
    ):
        assert ask_with_host(server, host).status == 200
    for host in ("evil.example", "sub.trade.example", "trade.example.evil.example", "rade.example"):
        assert_problem(ask_with_host(server, host), 421)
    origin = f"http://trade.example:{server.port}"
    assert ask_as_browser(server, origin, host=f"trade.example:{server.port}").status == 201


def test_bound_to_all_addresses(start):
    server = start("--host", "0.0.0.0")
    assert server.listening_host == "0.0.0.0"
    for host in (
        "evil.example",
        "trade.example:8000",
        "192.168.1.10",
        f"127.0.0.1:{server.port}",
        "localhost",
    ):
        assert ask_with_host(server, host).status == 200
    assert ask_as_browser(server, "http://trade.example:8000", host="trade.example:8000").status == 201
    assert ask_as_browser(server, "http://localhost:5173", host="trade.example:8000").status == 201
    for origin in ("https://evil.example", "http://trade.example:8001", "null"):
        assert_problem(ask_as_browser(server, origin, host="trade.example:8000"), 403)
