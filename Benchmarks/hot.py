#!/usr/bin/env python3
"""Lists the functions that requests and frames run through, for the linker to put side by side.

    Benchmarks/hot.py            build, count, write scripts/hot-functions.txt
    Benchmarks/hot.py --check    say how many of its functions the program of today still has

Between two requests the kernel takes most of the processor's nearest cache, so the server's own code comes from
farther away each time: what lies together comes sooner. scripts/build hands the list to the linker; a name that
is no longer there does no harm, so the list need not be made anew with every change, but after large ones.
"""

import argparse
import collections
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
LIST = ROOT / "scripts" / "hot-functions.txt"
PROGRAM = ROOT / ".build" / "release" / "tradeloop"
REQUESTS = 2_000
SUBSCRIBERS = 8
# A function is hot if it is called for every second request or frame at least.
CALLS_MIN = REQUESTS // 2


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connect(port):
    deadline = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=60)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def request(port, method, path, body=b"", fields=""):
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{fields}"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def answer(connection):
    """Reads an answer whole."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += receive(connection)
    head, rest = data.split(b"\r\n\r\n", 1)
    length = re.search(rb"Content-Length: (\d+)", head)
    missing = int(length[1]) - len(rest) if length else 0
    while missing > 0:
        missing -= len(receive(connection))


def receive(connection):
    data = connection.recv(65_536)
    if not data:
        sys.exit("hot.py: the server has closed a connection")
    return data


def subscribe(port):
    connection = connect(port)
    connection.sendall(
        request(port, "GET", "/ws", fields="Upgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"))
    answer(connection)
    return connection


def trade(port):
    """Reads and places orders one by one; they fall due meanwhile, and all is told to some subscribers."""
    body = b'{"stocks":"AAPL","quantity":10}'
    subscribers = [subscribe(port) for _ in range(SUBSCRIBERS)]
    connection = connect(port)
    for number in range(REQUESTS):
        for message in (request(port, "GET", f"/orders/{number % 3 + 1}"), request(port, "POST", "/orders", body)):
            connection.sendall(message)
            answer(connection)
        if number % 64 == 0:
            for subscriber in subscribers:
                receive(subscriber)


def call_graph(profile):
    """How often each function called each other one."""
    names, graph, caller, callee = {}, collections.defaultdict(collections.Counter), None, None
    for line in profile.read_text(errors="replace").splitlines():
        named = re.match(r"(c?fn)=(\(\d+\))(?: (.*))?", line)
        if named:
            if named[3]:
                # A recursive call is told of under a name of its own.
                names[named[2]] = named[3].split("'")[0]
            if named[1] == "fn":
                caller = names[named[2]]
            else:
                callee = names[named[2]]
        elif line.startswith("calls="):
            graph[caller][callee] += int(line[6:].split()[0])
    return graph


def hot_functions(graph):
    """The functions that are called often, each behind the one that calls it most: nearly as they are run."""
    calls = collections.Counter()
    for callees in graph.values():
        calls.update(callees)
    hot = {name for name, count in calls.items() if count >= CALLS_MIN}
    ordered = {}

    def add(name):
        if name in ordered:
            return
        ordered[name] = True
        for callee, _ in graph[name].most_common():
            if callee in hot and graph[name][callee] >= CALLS_MIN:
                add(callee)

    add("uv__io_poll")
    for name, _ in calls.most_common():
        if name in hot:
            add(name)
    return list(ordered)


def write_list():
    subprocess.run([ROOT / "scripts" / "build", "tradeloop"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        # valgrind reads older debugging information than Swift writes; names are enough.
        program = folder / "tradeloop"
        subprocess.run(["strip", "-g", "-o", program, PROGRAM], check=True)
        port = free_port()
        server = subprocess.Popen(
            ["valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={folder}/out", program,
             "--port", str(port), "--min-delay-ms", "100", "--max-delay-ms", "300"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            trade(port)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
        graph = call_graph(folder / "out")
    known = symbols()
    hot = [name for name in hot_functions(graph) if name in known]
    LIST.write_text("".join(f"{name}\n" for name in hot))
    print(f"{LIST.relative_to(ROOT)}: {len(hot)} functions")


def symbols():
    listed = subprocess.run(["nm", PROGRAM], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1] for line in listed.splitlines() if line}


def check_list():
    names = LIST.read_text().split()
    gone = [name for name in names if name not in symbols()]
    print(f"{len(names) - len(gone)} of {len(names)} functions are still there")
    for name in gone:
        print(f"gone: {name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.check:
        return check_list()
    if not shutil.which("valgrind"):
        sys.exit("hot.py: valgrind is needed to count calls; install it (Debian: apt-get install valgrind).")
    write_list()


if __name__ == "__main__":
    main()
