"""`/metrics` read by Prometheus' own parser, and held against what the test did."""

from __future__ import annotations

import re
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kit.expect import assert_problem
from kit.feed import Feed
from kit.server import PATIENCE_SECONDS
from kit.vitals import IS_KNOWN, Vitals
from kit.wire import request_bytes

BODY = '{"stocks":"AAPL","quantity":10}'


class Metrics:
    """Everything that the server tells at one moment."""

    def __init__(self, server):
        response = server.ask("GET", "/metrics")
        assert response.status == 200, response
        assert response.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8", response
        self.families = list(text_string_to_metric_families(response.body.decode("utf-8")))
        self.samples = {}
        for family in self.families:
            assert family.documentation and family.type in ("counter", "gauge", "histogram"), family
            for sample in family.samples:
                key = (sample.name, tuple(sorted(sample.labels.items())))
                assert key not in self.samples, f"{key} is doubled"
                self.samples[key] = sample.value

    def __call__(self, name, **labels):
        return self.samples.get((name, tuple(sorted(labels.items()))), 0)


def test_counters_are_what_happened(start):
    server = start("--min-delay-ms", 20, "--max-delay-ms", 60, "--max-orders", 13)
    with Feed(server) as feed, server.connect() as connection:
        for _ in range(10):
            assert connection.ask("POST", "/orders", body=BODY).status == 201
        assert_problem(connection.ask("POST", "/orders", body=BODY), 503)
        assert connection.ask("GET", "/orders/9").status == 200
        assert connection.ask("GET", "/orders/99").status == 404
        with server.connect() as broken:
            broken.send(b"nonsense\r\n\r\n")
            assert_problem(broken.read_response(), 400)
        feed.wait_for(20)
        metrics = Metrics(server)
        assert metrics("tradeloop_subscribers") == 1
        assert metrics("tradeloop_connections") == 3

    answers = "tradeloop_http_requests_total"
    assert metrics(answers, route="/orders", method="POST", status="201") == 10
    assert metrics(answers, route="/orders", method="POST", status="503") == 1
    assert metrics(answers, route="/orders/{id}", method="GET", status="200") == 1
    assert metrics(answers, route="/orders/{id}", method="GET", status="404") == 1
    assert metrics(answers, route="/ws", method="GET", status="101") == 1
    assert metrics(answers, route="none", method="other", status="400") == 1
    assert metrics("tradeloop_limits_hit_total", limit="orders") == 1
    assert metrics("tradeloop_events_total") == metrics("tradeloop_frames_sent_total") == 20
    assert metrics("tradeloop_orders", status="EXECUTED") == 11
    assert metrics("tradeloop_execution_lateness_seconds_count") == 10
    # An order is never executed early, and hardly ever a second late.
    assert 0 <= metrics("tradeloop_execution_lateness_seconds_sum") < 10
    turns = metrics("tradeloop_loop_turn_seconds_count")
    assert turns >= 13
    assert 0 < metrics("tradeloop_loop_turn_seconds_sum") < PATIENCE_SECONDS
    # The feed, two connections, the one that asks, and whoever looked whether the server was there.
    assert metrics("tradeloop_connections_accepted_total") >= 4
    assert metrics("tradeloop_received_bytes_total") > 10 * len(BODY)
    assert metrics("tradeloop_sent_bytes_total") > 20 * len('{"orderId": 1, "orderStatus": "PENDING"}')

    again = Metrics(server)
    for family in again.families:
        if family.type == "counter":
            for sample in family.samples:
                assert sample.value >= metrics(sample.name, **sample.labels), sample
    assert again("tradeloop_loop_turn_seconds_count") > turns
    assert again("tradeloop_subscribers") == 0


@pytest.mark.skipif(not IS_KNOWN, reason="the kernel does not tell")
def test_the_process_is_what_the_kernel_tells(start):
    server = start()
    vitals = Vitals(server)
    with server.connect() as connection:
        connection.ask("GET", "/orders/1")
        metrics = Metrics(server)
        # The one that asks has a connection too.
        assert abs(metrics("process_open_fds") - vitals.descriptor_count) <= 1
    assert metrics("process_max_fds") >= 64
    assert vitals.resident_bytes / 2 < metrics("process_resident_memory_bytes") < vitals.resident_bytes * 2
    assert 0 <= metrics("process_cpu_seconds_total") <= vitals.processor_seconds + 1
    assert abs(metrics("process_start_time_seconds") - time.time()) < 60


def test_a_limit_is_said_once_with_what_to_do(start):
    begun = time.monotonic()
    server = start("--max-connections", 1)
    # Whoever looked whether the server was there may not have left yet.
    first = server.connect()
    while first.ask("GET", "/orders/1").status == 503:
        first.close()
        assert time.monotonic() < begun + PATIENCE_SECONDS
        first = server.connect()
    for _ in range(5):
        with server.connect() as refused:
            refused.send_as_much_as_taken(request_bytes("GET", "/orders/1"))
            assert_problem(refused.read_response(), 503)
    assert first.ask("GET", "/orders/1").status == 200
    metrics = first.ask("GET", "/metrics").body.decode()
    assert int(re.search(r'limits_hit_total{limit="connections"} (\d+)', metrics)[1]) >= 5
    server.stop()
    lines = [line for line in server.stderr_lines if "--max-connections" in line]
    assert 1 <= len(lines) <= 1 + (time.monotonic() - begun) / 10, server.stderr
    assert "warning" in lines[0] and "ulimit -n" in lines[0] and "times=" in lines[0], lines


def test_a_lack_of_descriptors_is_counted_and_said(start_any, tradeloop_binary):
    server = start_any("/bin/sh", "-c", f'ulimit -n 40; exec "{tradeloop_binary}" --port 0')
    connections = [server.connect() for _ in range(60)]
    server.close_connections()
    del connections
    deadline = time.monotonic() + PATIENCE_SECONDS
    while server.ask_or_none("GET", "/orders/1") is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    metrics = Metrics(server)
    assert metrics("process_max_fds") == 40
    assert metrics("tradeloop_limits_hit_total", limit="descriptors") >= 1
    server.stop()
    assert len([line for line in server.stderr_lines if "no file descriptor" in line]) == 1, server.stderr


def test_health_while_stopping(start):
    """Whoever had a connection is told; the signal's turn ends within a moment."""
    server = start()
    connection = server.connect()
    assert connection.ask("GET", "/health").json()["status"] == "ok"
    health = connection.ask("GET", "/health").json()
    assert (health["minDelayMs"], health["maxDelayMs"], health["maxOrders"]) == (1_000, 5_000, 10_000_000)
    # A request that has begun keeps the server from ending.
    waiting = server.connect()
    waiting.send(b"POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 31\r\n\r\n")
    data = request_bytes("GET", "/health")
    connection.send(data[:-2])
    assert server.ask("GET", "/orders/1").status == 200
    server.send_signal(15)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "Stopping" not in server.stderr:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    connection.send(data[-2:])
    response = connection.read_response()
    assert response.status == 503, response
    assert "close" in response.tokens("Connection"), response
    assert response.json()["status"] == "stopping"
    connection.expect_end()
    waiting.close()
    assert server.wait() == 0
