"""The server under valgrind: whatever it allocates is given back by the time that it ends.

Takes a minute, and an executable that is linked dynamically, as valgrind cannot see into the allocator of a
static one: so it runs only where TRADELOOP_VALGRIND=1 asks for it (`scripts/test valgrind`).
"""

from __future__ import annotations

import os
import pathlib
import re
import signal
import time

import pytest

from kit.expect import event_text
from kit.frames import BINARY, CLOSE, CONTINUATION, PING, TEXT, FrameClient
from kit.server import Server
from kit.wire import chunked, request_bytes

pytestmark = [
    pytest.mark.skipif(
        os.environ.get("TRADELOOP_VALGRIND") != "1", reason="asked for by scripts/test valgrind"
    ),
    pytest.mark.limit(600),
]

ORDER = b'{"stocks":"AAPL","quantity":10}'
POST = request_bytes("POST", "/orders", (), ORDER)
GET = request_bytes("GET", "/orders/1")
VALGRIND = (
    "--leak-check=full",
    "--show-leak-kinds=all",
    "--num-callers=30",
    "--error-exitcode=99",
    f"--suppressions={pathlib.Path(__file__).with_name('valgrind.supp')}",
)
# Frames of a record that only allocate, for whoever called them.
ALLOCATES = re.compile(
    r"\b(malloc|calloc|realloc|memalign|posix_memalign|operator new|swift_slowAlloc|swift_allocObject)"
)
# Frames of this program's rooms and of the loop's library.
OURS = re.compile(r"\buv_|\$s\d+(Bytes|HTTP1|WebSocket|Orders|Sessions|Platform|Reactor|Server|tradeloop)")
# The first use of a global, which lives as long as the program.
MAKES_A_GLOBAL = re.compile(r"_WZ \(in")


def use_http(server):
    with server.connect() as connection:
        connection.send(GET * 200 + POST * 200)
        for _ in range(400):
            assert connection.read_response().status in (200, 201)
        for method, target, status in [
            ("GET", "/orders", 200),
            ("HEAD", "/orders", 200),
            ("DELETE", "/orders/3", 204),
            ("GET", "/orders/999999", 404),
            ("GET", "/orders/%31", 200),
            ("GET", "/", 200),
            ("GET", "/health", 200),
            ("OPTIONS", "/orders", 204),
        ]:
            assert connection.ask(method, target).status == status
    body = chunked(ORDER[:10], ORDER[10:], trailers=b"A: b\r\n")
    assert server.ask("POST", "/orders", (("Transfer-Encoding", "chunked"),), body).status == 201
    assert server.ask("POST", "/orders", body='{"stocks": 1, "quantity": "a"}').status == 400
    with server.connect() as connection:
        connection.send(b"GET / HTTP/1.1\r\nBad Name: x\r\n\r\n")
        assert connection.read_response().status == 400


def use_websocket(server):
    with FrameClient(server) as client:
        client.send(TEXT, b"a", fin=False)
        client.send(PING, b"between")
        client.expect_pong(b"between")
        client.send(CONTINUATION, b"b")
        client.send(BINARY, bytes(1_000))
        server.place()
        client.expect_text(event_text(4, "PENDING"))
        client.expect_text(event_text(4, "EXECUTED"))
        client.close()
    with FrameClient(server) as client:
        client.send(TEXT, b"\xc3\x28")
        client.expect_close(1007)


def leave_halfway(server):
    """Clients that go in the middle of things."""
    for part in (POST[:20], POST[:-5], GET + POST[:-1], POST * 50):
        with server.connect() as connection:
            connection.send(part)
        connection = server.connect()
        connection.send(part)
        connection.reset()
    with server.connect() as connection:
        connection.send(GET)
        connection.half_close()
        assert connection.read_response().status == 200
        connection.expect_end()
    # A list that nobody reads is queued, and lost with its connection.
    connection = server.connect()
    connection.send(request_bytes("GET", "/orders") * 100)
    time.sleep(1)
    connection.reset()


def is_forgotten(record):
    """Whether a block is still reachable that this program itself allocated."""
    if "are still reachable in" not in record:
        return False
    frames = [line for line in record.splitlines() if " at 0x" in line or " by 0x" in line]
    allocator = next((line for line in frames if not ALLOCATES.search(line)), "")
    return bool(OURS.search(allocator)) and not MAKES_A_GLOBAL.search(allocator)


def test_nothing_is_lost(tradeloop_binary, tmp_path):
    log = tmp_path / "valgrind.log"
    flags = ("--port", 0, "--min-delay-ms", 1, "--max-delay-ms", 20)
    server = Server("valgrind", f"--log-file={log}", *VALGRIND, tradeloop_binary, *flags)
    # Before there are orders whose events would come between.
    use_websocket(server)
    use_http(server)
    leave_halfway(server)
    # The stop finds connections of each kind.
    idle, waiting = server.connect(), server.connect()
    assert idle.ask("GET", "/orders/1").status == 200
    waiting.send(POST[:30])
    with FrameClient(server) as client:
        server.send_signal(signal.SIGTERM)
        while client.read().opcode != CLOSE:
            pass
        code = server.wait(within=60)
    report = log.read_text()
    allocations = re.search(r"total heap usage: ([\d,]+) allocs", report)
    assert allocations and int(allocations[1].replace(",", "")) > 1_000, "valgrind saw no allocations"
    records = re.split(r"\n==\d+== *\n", report)
    lost = [record for record in records if " lost in loss record " in record]
    assert not lost, "\n\n".join(lost)
    # What the runtime keeps is reachable at the end; a block of ours would be one that was forgotten.
    forgotten = [record for record in records if is_forgotten(record)]
    assert not forgotten, "\n\n".join(forgotten)
    # Whatever else valgrind objects to, such as a byte that nobody has set.
    assert code == 0, report[:20_000]
