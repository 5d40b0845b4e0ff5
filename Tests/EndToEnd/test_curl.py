"""curl is a first-class client: the commands as people type them."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from kit.expect import order_text
from kit.server import PATIENCE_SECONDS
from kit.wire import strict_json


@pytest.fixture
def curl(server):
    def run(command):
        """Runs `curl COMMAND` through a shell's eyes; ADDRESS stands for where the server listens."""
        words = shlex.split(command.replace("ADDRESS", f"localhost:{server.port}"))
        result = subprocess.run(
            [
                "curl",
                "--silent",
                "--show-error",
                "--noproxy",
                "*",
                "--max-time",
                str(PATIENCE_SECONDS),
                *words,
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        assert result.returncode == 0, result
        return result.stdout

    return run


def test_place_as_typed_in_the_contract(curl):
    answer = curl("""-d '{"stocks":"AAPL","quantity":10}' ADDRESS/orders""")
    assert answer == order_text(4, "PENDING", "AAPL", 10)
    assert curl("ADDRESS/orders/4") == answer


def test_list(curl):
    assert [order["orderId"] for order in strict_json(curl("ADDRESS/orders"))] == [1, 2, 3]


def test_with_headers_shown(curl):
    text = curl("-i ADDRESS/orders/1").decode("utf-8")
    head, _, body = text.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 OK\r\n")
    assert "content-type: application/json" in head.lower()
    assert strict_json(body.encode("utf-8"))["orderId"] == 1


def test_cancel(curl):
    assert curl("-i -X DELETE ADDRESS/orders/1").startswith(b"HTTP/1.1 204 No Content\r\n")
    assert b'"CANCELLED"' in curl("ADDRESS/orders/1")
    assert curl("-s -o /dev/null -w '%{http_code}' -X DELETE ADDRESS/orders/2") == b"409"


def test_head(curl):
    assert curl("-I ADDRESS/orders").startswith(b"HTTP/1.1 200 OK\r\n")


def test_options(curl):
    text = curl("-i -X OPTIONS ADDRESS/orders")
    assert text.startswith(b"HTTP/1.1 204 No Content\r\n") and b"Allow:" in text
    assert curl("-i --request-target '*' -X OPTIONS ADDRESS").startswith(b"HTTP/1.1 204 ")


def test_json_flags(curl):
    answer = curl(
        """-X POST ADDRESS/orders -H 'Content-Type:application/json' -d '{"stocks": "MSFT", "quantity": 1}'"""
    )
    assert answer == order_text(4, "PENDING", "MSFT", 1)


def test_a_body_from_a_file(curl, tmp_path):
    path = tmp_path / "order.json"
    text = '{\n  "stocks": "Müller & Söhne",\n  "quantity": 9007199254740991\n}\n'
    path.write_text(text, encoding="utf-8")
    assert curl(f"--data-binary @{path} ADDRESS/orders") == order_text(
        4, "PENDING", "Müller & Söhne", 9007199254740991
    )


def test_a_chunked_upload(curl, tmp_path):
    path = tmp_path / "order.json"
    path.write_text('{"stocks":"AAPL","quantity":10}', encoding="utf-8")
    answer = curl(f"-H 'Transfer-Encoding: chunked' --data-binary @{path} ADDRESS/orders")
    assert answer == order_text(4, "PENDING", "AAPL", 10)


def test_a_body_that_curl_announces_first(curl):
    answer = curl("""-H 'Expect: 100-continue' -d '{"stocks":"AAPL","quantity":10}' ADDRESS/orders""")
    assert answer == order_text(4, "PENDING", "AAPL", 10)


def test_form_data_is_told_what_is_wrong(curl):
    code = curl("-o /dev/null -w '%{http_code} %{content_type}' -d stocks=AAPL -d quantity=10 ADDRESS/orders")
    assert code == b"400 application/problem+json"


def test_unbuffered_and_twice_on_one_connection(curl):
    lines = (
        curl("-N ADDRESS/orders/1 -w '\\n%{num_connects}\\n' ADDRESS/orders/2").decode("utf-8").splitlines()
    )
    assert [strict_json(lines[number].encode("utf-8"))["orderId"] for number in (0, 2)] == [1, 2]
    assert lines[1] == "1" and lines[3] == "0"


def test_http_1_0(curl):
    assert strict_json(curl("--http1.0 ADDRESS/orders/2"))["orderStatus"] == "EXECUTED"


def test_an_upgrade_to_http_2_is_not_taken(curl):
    if b"HTTP2" not in subprocess.run(["curl", "--version"], capture_output=True).stdout:
        pytest.skip("this curl does not speak HTTP/2")
    assert strict_json(curl("--http2 ADDRESS/orders/2"))["orderStatus"] == "EXECUTED"


def test_the_page(curl):
    assert b"<html" in curl("ADDRESS").lower()


def test_health_for_a_container(curl):
    assert strict_json(curl("-f ADDRESS/health"))["status"] == "ok"


def test_a_preflight(curl):
    text = curl(
        "-i -X OPTIONS ADDRESS/orders"
        " -H 'Origin: http://localhost:5173' -H 'Access-Control-Request-Method: POST'"
    )
    assert b"access-control-allow-origin: http://localhost:5173" in text.lower()
