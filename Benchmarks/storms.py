#!/usr/bin/env python3
"""What a million orders at once do to everybody else, by the server's own histograms (GET /metrics).

    Benchmarks/storms.py [due] [second] [list] [feed]      absent: all of them

due     1,000,000 pending orders fall due over half a minute, while others ask: how late EXECUTED is announced
second  900,000 orders fall due within the same second: how long the loop is held at a time
list    GET /orders of 1,000,000 orders, over and over, while others ask: their p99, and what the list costs
feed    100 orders a second, alone and with 1,000 subscribers: the p99 of placing one. Placing and listening are
        programs of their own, and the first goes first (chrt, as root), as one that reads a thousand messages
        before it would time itself

The server keeps to one core and the load to another. Build with `scripts/build tradeloop tradeloop-load`.
"""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request

sys.dont_write_bytecode = True
from harness import machine  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[1]
RELEASE = ROOT / ".build" / "release"
SERVER_CORE, LOAD_CORE = 0, 1
ORDER = b'{"stocks":"AAPL","quantity":10}'


class Server:
    def __init__(self, *flags):
        self.process = subprocess.Popen(
            [RELEASE / "tradeloop", "--port", "0", "--log-level", "warning", *map(str, flags)],
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=machine.pinned(SERVER_CORE),
        )
        self.url = re.search(r"http://\S+", self.process.stdout.readline())[0]
        self.port = int(self.url.rsplit(":", 1)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def post(self, path, body):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), method="POST")
        return json.load(urllib.request.urlopen(request, timeout=60))

    def histogram(self, name):
        """(upper bound in ms, how many up to it) of one of the server's histograms."""
        text = urllib.request.urlopen(self.url + "/metrics", timeout=60).read().decode()
        rows = re.findall(rf'^{name}_bucket{{le="([^"]+)"}} (\d+)', text, re.M)
        return [(float(bound) * 1_000, int(count)) for bound, count in rows]

    def place(self, count):
        head = f"POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(ORDER)}\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", self.port), 60) as connection:
            depth = 64
            for _ in range(0, count, depth):
                connection.sendall((head + ORDER) * depth)
                seen = 0
                while seen < depth:
                    part = connection.recv(262_144)
                    # An answer has one closing brace, at its end.
                    seen += part.count(b"}")


def since(before, after):
    return [(bound, count - earlier) for (bound, count), (_, earlier) in zip(after, before)]


def share_within(histogram, milliseconds):
    total = histogram[-1][1]
    within = max(count for bound, count in histogram if bound <= milliseconds)
    return f"{100 * within / max(1, total):.3f} % of {total:,}"


def bound_of(histogram, share):
    total = histogram[-1][1]
    return next(bound for bound, count in histogram if count >= share * total)


def load(server, kind, *flags, is_first=False):
    command = [RELEASE / "tradeloop-load", kind, "--url", server.url, "--quiet", "--json", "-", *map(str, flags)]
    if is_first:
        command = ["chrt", "--fifo", "1", *command]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=machine.pinned(LOAD_CORE))
    return process


def figures(process):
    return json.loads(process.communicate()[0])


def tell(name, text):
    print(f"{name:<8} {text}", flush=True)


def due():
    with Server("--min-delay-ms", 15_000, "--max-delay-ms", 45_000) as server:
        server.place(1_000_000)
        before = server.histogram("tradeloop_execution_lateness_seconds")
        asked = load(server, "requests", "--rate", 2_000, "--seconds", 40)
        found = figures(asked)
        time.sleep(6)
        lateness = since(before, server.histogram("tradeloop_execution_lateness_seconds"))
        tell(
            "due",
            f"EXECUTED within 2 ms of its time: {share_within(lateness, 2)}; p99 at most "
            f"{bound_of(lateness, .99)} ms; GET p99 {found['latencyP99Microseconds'] / 1e3:.2f} ms meanwhile",
        )


def second():
    with Server("--min-delay-ms", 0, "--max-delay-ms", 999, "--control") as server:
        server.post("/control/clock", {"paused": True})
        server.place(900_000)
        before = server.histogram("tradeloop_loop_turn_seconds")
        late = server.histogram("tradeloop_execution_lateness_seconds")
        asked = load(server, "requests", "--rate", 2_000, "--seconds", 3)
        time.sleep(1)
        server.post("/control/clock", {"paused": False})
        found = figures(asked)
        turns = since(before, server.histogram("tradeloop_loop_turn_seconds"))
        lateness = since(late, server.histogram("tradeloop_execution_lateness_seconds"))
        longest = next(bound for bound, count in turns if count == turns[-1][1])
        tell(
            "second",
            f"no turn of {turns[-1][1]:,} took longer than {longest} ms ({share_within(turns, 2)} within 2 ms); "
            f"EXECUTED p99 at most {bound_of(lateness, .99)} ms late; "
            f"GET p99 {found['latencyP99Microseconds'] / 1e3:.2f} ms",
        )


def read_list(server):
    with socket.create_connection(("127.0.0.1", server.port), 60) as connection:
        connection.sendall(b"GET /orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        total = 0
        while part := connection.recv(1 << 20):
            total += len(part)
        return total


def list_all():
    with Server("--min-delay-ms", 3_600_000, "--max-delay-ms", 7_200_000) as server:
        server.place(1_000_000)
        time.sleep(0.5)
        resident, peak = machine.resident_bytes(server.process.pid), 0
        done = threading.Event()
        sizes = []

        def reader():
            while not done.is_set():
                sizes.append(read_list(server))

        thread = threading.Thread(target=reader)
        asked = load(server, "requests", "--rate", 1_000, "--seconds", 5)
        thread.start()
        while asked.poll() is None:
            peak = max(peak, machine.resident_bytes(server.process.pid) - resident)
            time.sleep(0.01)
        done.set()
        thread.join()
        found = figures(asked)
        tell(
            "list",
            f"{len(sizes)} lists of {sizes[0] / 1e6:.0f} MB; at most {peak / 1_048_576:.2f} MiB more resident; "
            f"GET p99 {found['latencyP99Microseconds'] / 1e3:.2f} ms meanwhile",
        )


def feed():
    with Server() as server:
        flags = ["--post", "--rate", 99, "--bursts", "--connections", 1, "--seconds", 20]
        alone = figures(load(server, "requests", *flags, is_first=True))
        listening = load(server, "feed", "--subscribers", 1_000, "--rate", 1, "--seconds", 26)
        time.sleep(4)
        crowded = figures(load(server, "requests", *flags, is_first=True))
        listening.communicate()
        p99 = [found["latencyP99Microseconds"] for found in (alone, crowded)]
        tell("feed", f"POST p99 {p99[0]:.0f} us alone, {p99[1]:.0f} us with 1,000 subscribers: {p99[1] / p99[0]:.2f} x")


STORMS = {"due": due, "second": second, "list": list_all, "feed": feed}

if __name__ == "__main__":
    names = sys.argv[1:] or list(STORMS)
    if unknown := [name for name in names if name not in STORMS]:
        sys.exit(f"storms: there is no {unknown[0]}; there are {', '.join(STORMS)}")
    os.sched_setaffinity(0, {LOAD_CORE})
    for name in names:
        STORMS[name]()
