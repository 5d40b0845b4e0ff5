"""The API's description is valid, complete, and true: what it says is what the server does."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from kit.description import PATH, Description
from kit.server import Server
from kit.wire import request_bytes

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DESCRIPTION = Description.from_file()
LONG_DELAY = ("--min-delay-ms", 600_000, "--max-delay-ms", 600_000)


@pytest.fixture(scope="module")
def market(tradeloop_binary):
    """A server with control over it, for all examples; each begins anew."""
    server = Server(tradeloop_binary, "--port", 0, "--control", *LONG_DELAY)
    yield server
    server.stop()


# --- the document


def test_it_is_valid():
    OpenAPIV31SpecValidator(DESCRIPTION.document).validate()
    assert DESCRIPTION.document["openapi"].startswith("3.1.")


def test_it_is_served_as_it_is(server):
    response = server.ask("GET", "/openapi.json")
    assert response.status == 200
    assert response.media_type == "application/json"
    assert response.body == PATH.read_bytes()
    version = server.ask("GET", "/health").json()["version"]
    assert response.json()["info"]["version"] == version


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_all_components_are_used():
    components = {
        f"#/components/{kind}/{name}"
        for kind, items in DESCRIPTION.document["components"].items()
        for name in items
    }
    assert components == set(references(DESCRIPTION.document))


def test_every_answer_with_a_body_has_an_example_that_fits():
    for path, method, operation in DESCRIPTION.operations():
        for status in operation["responses"]:
            content = DESCRIPTION.response(path, method, status).get("content", {})
            for media in content.values():
                for name, example in media.get("examples", {}).items():
                    complaints = DESCRIPTION.complaints(media["schema"], example["value"])
                    assert not complaints, f"{method} {path} {status} {name}: {complaints}"
            assert not content or any(media.get("examples") for media in content.values()), (path, status)


def test_examples_of_requests_fit_where_they_are_served():
    for path, method, status, name in DESCRIPTION.examples():
        if status[0] not in "123":
            continue
        item = DESCRIPTION.document["paths"][path]
        for parameter in item.get("parameters", []) + item[method].get("parameters", []):
            parameter = DESCRIPTION.resolved(parameter)
            if name in parameter.get("examples", {}):
                value = parameter["examples"][name]["value"]
                assert not DESCRIPTION.complaints(parameter["schema"], value), (path, name, value)
        for media in item[method].get("requestBody", {}).get("content", {}).values():
            if name in media["examples"]:
                value = media["examples"][name]["value"]
                assert not DESCRIPTION.complaints(media["schema"], value), (path, name, value)


# --- paths and methods, both ways


def served_paths():
    """The paths of the server's sources, but for the parts of its pages."""
    route = (ROOT / "Sources/Platform/Route.swift").read_text(encoding="utf-8")
    files = (ROOT / "Sources/CWebAssets/CWebAssets.c").read_text(encoding="utf-8")
    paths = set(re.findall(r'path\.equals\("(/[^"]*)"\)', route)) | set(re.findall(r'FILE\("(/[^"]*)"', files))
    return {path for path in paths if not re.search(r"\.(js|css|svg|ico)$", path)}


def test_every_path_is_described():
    described = {path.replace("{orderId}", "") for path in DESCRIPTION.document["paths"]}
    assert described == served_paths()


@pytest.mark.parametrize("path", DESCRIPTION.document["paths"])
def test_every_method_is_described(market, path):
    item = DESCRIPTION.document["paths"][path]
    response = market.ask("OPTIONS", path.replace("{orderId}", "1"))
    assert response.status == 204, response
    described = {method.upper() for path_, method, _ in DESCRIPTION.operations() if path_ == path}
    assert {method.strip() for method in response.header("Allow").split(",")} == described
    assert response.header("Allow") == item["options"]["responses"]["204"]["headers"]["Allow"]["example"]
    for method in {"GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "TRACE"} - described:
        refusal = market.ask(method, path.replace("{orderId}", "1"))
        assert refusal.status == 405, refusal
        assert refusal.header("Allow") == response.header("Allow")


# --- examples

# What a server has to be like before some examples, and what has to have been asked.
SERVERS = {"full": ("--max-orders", 3), "off": (), "stopping": None}
KEYED = ("POST", "/orders", [("Idempotency-Key", "2f6e8c")], '{"stocks": "AAPL", "quantity": 10}')
PREPARATIONS = {
    "replayed": KEYED,
    "key-of-another": KEYED,
    "fault": ("POST", "/control/faults", [], '{"refuse": 1}'),
}


def ask_example(server, path, method, name):
    """The answer to a documented request, and the connection that it came on."""
    target, fields, body = DESCRIPTION.request(path, method, name)
    connection = server.connect()
    connection.send_request(method.upper(), target, fields, body)
    if "text/event-stream" in DESCRIPTION.document["paths"][path][method]["responses"].get("200", {}).get(
        "content", {}
    ):
        head = connection.read_head()
        if head.status != 200:
            connection._read_body(head, method.upper())
        return head, connection
    return connection.read_response(method.upper()), connection


def without_time(value):
    """A document without what no example can know."""
    if isinstance(value, dict) and "clock" in value:
        return {**value, "clock": {**value["clock"], "nowMs": 0}}
    return value


def assert_body(path, status, name, response, media):
    example = media["examples"][name]["value"]
    if response.media_type in ("text/html", "text/plain"):
        assert response.body.decode("utf-8").startswith(example.splitlines()[0]), response
        return
    value = response.json()
    assert not DESCRIPTION.complaints(media["schema"], value), response
    if path in ("/health", "/openapi.json"):
        assert set(example) <= set(value), response
    else:
        assert without_time(value) == without_time(example), response


@pytest.mark.parametrize(("path", "method", "status", "name"), DESCRIPTION.examples())
def test_an_example_is_answered_as_described(market, start, path, method, status, name):
    if name == "stopping":
        pytest.skip("answered only in the moment of stopping")
    server = start(*SERVERS[name]) if name in SERVERS else market
    if server is market:
        assert server.ask("POST", "/control/reset").status == 200
    if name in PREPARATIONS:
        assert server.ask(*PREPARATIONS[name]).status in (200, 201)
    response, connection = ask_example(server, path, method, name)
    assert str(response.status) == status, response
    described = DESCRIPTION.response(path, method, status)
    complaints = DESCRIPTION.field_complaints(described.get("headers", {}), response)
    assert not complaints, (complaints, response)
    if method == "head" or "content" not in described:
        assert response.body == b"", response
    elif response.media_type == "text/event-stream":
        example = described["content"]["text/event-stream"]["examples"][name]["value"].encode("utf-8")
        assert connection.read_exactly(len(example)) == example
    else:
        assert_body(path, status, name, response, described["content"][response.media_type])
    connection.close()


def field_request(*fields, method="GET", target="/health", body=None, version="HTTP/1.1"):
    return request_bytes(method, target, fields, body, version, host="localhost")


# Requests for the answers that many share, by the names of their examples.
SHARED = {
    "malformed": b"GET /health HTTP/1.1\r\n\r\n",
    "percent": field_request(target="/%zz"),
    "not-found": field_request(target="/nothing"),
    "not-allowed": field_request(method="PUT", target="/orders"),
    "too-large": field_request(("Content-Length", "70000"), method="POST", target="/orders"),
    "uri-too-long": field_request(target="/" + "a" * 9000),
    "expectation": field_request(("Expect", "a-miracle")),
    "misdirected": request_bytes("GET", "/health", host="stranger.example"),
    "head-too-large": field_request(("Cookie", "a" * 40_000)),
    "not-implemented": field_request(("Transfer-Encoding", "gzip, chunked"), method="POST", target="/orders"),
    "version": field_request(version="HTTP/2.0"),
}


def shared_examples():
    responses = DESCRIPTION.document["components"]["responses"]
    for response in responses.values():
        for name, example in response["content"]["application/problem+json"]["examples"].items():
            yield name, response, example["value"]


def without_count(problem):
    """A problem without how many bytes had arrived when the limit was passed: that is the network's."""
    return {**problem, "detail": re.sub(r"there were \d+", "there were some", problem["detail"])}


def test_answers_that_all_share_are_as_described(market):
    names = set()
    for name, described, example in shared_examples():
        names.add(name)
        if name not in SHARED:
            continue
        with market.connect() as connection:
            connection.send_as_much_as_taken(SHARED[name])
            response = connection.read_response()
        assert response.status == example["status"], response
        assert without_count(response.json()) == without_count(example), response
        complaints = DESCRIPTION.field_complaints(described.get("headers", {}), response)
        assert not complaints, (complaints, response)
    # They take ten seconds, a full server, and a market in Redis; they have tests of their own.
    assert names - set(SHARED) == {"timeout", "unavailable", "unanswered"}


# --- everything else that the description allows or forbids


@pytest.mark.limit(120)
@pytest.mark.parametrize("tag", ["orders", "feed", "seeing inside", "control"])
def test_whatever_is_sent_is_answered_as_described(start, tmp_path, tag):
    """Schemathesis sends what the schemas allow and what they forbid, without chance."""
    server = start("--control", "--delay-seed", 1, *LONG_DELAY)
    run = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "--config-file", HERE / "schemathesis.toml"]
        + ["run", server.url("/openapi.json"), "--include-tag", tag, "--no-color"]
        # The feeds do not end: their parameters are tried with HEAD.
        + ["--exclude-path", "/ws", "--exclude-operation-id", "openEventStream"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        capture_output=True,
        encoding="utf-8",
        timeout=110,
    )
    print(run.stdout)
    assert run.returncode == 0, run.stdout + run.stderr
    # What was tried may have asked for faults.
    assert server.ask("POST", "/control/reset").status == 200
    server.assert_serves()
