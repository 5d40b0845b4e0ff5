"""The load: wrk, tradeloop-load, and for the memory of orders a client that counts them."""

import json
import re
import signal
import socket
import subprocess
import tempfile
import time

from . import machine
from .contestants import Failure, end

ORDER = b'{"stocks":"AAPL","quantity":10}'
WRK_ORDER = """wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '%s'
""" % ORDER.decode()
WRK_LATENCIES = re.compile(r"^\s+(50|75|90|99)%\s+([\d.]+)(us|ms|s)$", re.MULTILINE)
WRK_REQUESTS = re.compile(r"(\d+) requests in ([\d.]+)(us|ms|s|m)")
WRK_FAILURES = re.compile(r"Non-2xx or 3xx responses: (\d+)")
WRK_SOCKET_ERRORS = re.compile(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")
MICROSECONDS = {"us": 1, "ms": 1e3, "s": 1e6, "m": 6e7}


class Load:
    """Drives servers from one core."""

    def __init__(self, tradeloop_load, core):
        self.tradeloop_load = str(tradeloop_load)
        self.core = core

    def run(self, command, seconds):
        """Runs a program of load to its end, and gives what it printed."""
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=machine.pinned(self.core),
            start_new_session=True,
        )
        try:
            # Opening 10,000 connections at a slow server takes its time.
            out, err = process.communicate(timeout=seconds * 2 + 60)
        except subprocess.TimeoutExpired:
            raise Failure(f"the load did not end: {' '.join(command[:2])}") from None
        finally:
            end(process)
        if process.returncode != 0:
            last = err.decode(errors="replace").strip().splitlines()[-1:] or [f"status {process.returncode}"]
            raise Failure(f"the load failed: {last[0]}")
        return out.decode()

    def ours(self, kind, server, seconds, **options):
        """tradeloop-load; options are its flags, True for one without a value."""
        command = [
            self.tradeloop_load,
            kind,
            "--url",
            server.url,
            "--pid",
            str(server.pid),
            "--quiet",
            "--seconds",
            str(seconds),
            "--json",
            "-",
        ]
        for name, value in options.items():
            flag = "--" + name.replace("_", "-")
            command += [flag] if value is True else [flag, str(value)]
        figures = json.loads(self.run(command, seconds))
        if figures.get("failures", 0) > 0:
            raise Failure(f"{server.contestant.name} refused {figures['failures']:.0f} requests.")
        return figures

    def wrk(self, server, seconds, connections, is_post=False):
        """wrk with one thread; the server's CPU time is taken around it."""
        path = "/orders" if is_post else "/orders/1"
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(WRK_ORDER if is_post else "")
            script.flush()
            command = [
                "wrk",
                "-t",
                "1",
                "-c",
                str(connections),
                "-d",
                f"{max(1, round(seconds))}s",
                "--latency",
                "-s",
                script.name,
                server.url + path,
            ]
            before = machine.cpu_nanoseconds(server.pid)
            text = self.run(command, seconds)
            cpu = machine.cpu_nanoseconds(server.pid) - before
        found = WRK_REQUESTS.search(text)
        if not found or int(found[1]) == 0:
            raise Failure(f"wrk got no answers from {server.contestant.name}.")
        failures = WRK_FAILURES.search(text) or WRK_SOCKET_ERRORS.search(text)
        if failures:
            raise Failure(f"wrk saw failures at {server.contestant.name}: {failures[0]}.")
        requests = int(found[1])
        figures = {
            "requests": requests,
            "requestsPerSecond": requests / (float(found[2]) * MICROSECONDS[found[3]] / 1e6),
            "serverCPUMicrosecondsPerRequest": cpu / 1e3 / requests,
        }
        for percentile, value, unit in WRK_LATENCIES.findall(text):
            figures[f"latencyP{percentile}Microseconds"] = float(value) * MICROSECONDS[unit]
        return figures

    def system_calls(self, server, seconds, is_post=False):
        """System calls per request, as strace counts them while wrk asks."""
        with tempfile.NamedTemporaryFile() as counts:
            tracer = subprocess.Popen(
                ["strace", "-f", "-c", "-U", "name,calls", "-o", counts.name, "-p", str(server.pid)],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            try:
                # strace says on standard error that it is attached.
                if b"attached" not in tracer.stderr.readline():
                    raise Failure("strace may not attach to a process here.")
                requests = self.wrk(server, seconds, 64, is_post)["requests"]
                tracer.send_signal(signal.SIGINT)
                tracer.communicate(timeout=10)
            finally:
                end(tracer)
            text = counts.read().decode()
        total = re.search(r"^\s*total\s+(\d+)|^\s*(\d+)\s+total", text, re.MULTILINE)
        if not total:
            raise Failure("strace counted nothing.")
        return int(total[1] or total[2]) / requests


def place_orders(server, marks, seconds_max):
    """Places orders up to one mark after another.

    Yields (orders, seconds) at each mark, and where time is up.
    """
    head = f"POST /orders HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: application/json\r\n"
    order = head.encode() + b"Content-Length: %d\r\n\r\n" % len(ORDER) + ORDER
    status, depth_max, placed = b"HTTP/1.1 201", 64, 0
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), 60) as connection:
        for mark in marks:
            while placed < mark:
                if time.monotonic() - started > seconds_max:
                    yield placed, time.monotonic() - started
                    return
                depth = min(depth_max, mark - placed)
                connection.sendall(order * depth)
                read_answers(connection, status, depth)
                placed += depth
            yield placed, time.monotonic() - started


def read_answers(connection, status, count):
    kept = b""
    seen = 0
    while True:
        part = connection.recv(262144)
        if not part:
            raise Failure("the server closed the connection on which orders were placed.")
        kept += part
        seen = kept.count(status)
        # The last answer ends with the order's closing brace.
        if seen >= count and kept.endswith(b"}"):
            break
        if b"HTTP/1.1 4" in kept or b"HTTP/1.1 5" in kept:
            raise Failure("the server refused an order.")
    if seen != count:
        raise Failure(f"{seen} answers to {count} orders.")
