"""The access log: one line for each request, in a form that other tools read, and no harm where it cannot be written."""

from __future__ import annotations

import re
import signal
import subprocess
import time

from kit.frames import FrameClient
from kit.server import PATIENCE_SECONDS, clean_environment
from kit.wire import Connection, request_bytes

LINE = re.compile(
    r'(\S+) - - \[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000)\] "([^"]*)" (\d{3}) (\d+|-) "([^"]*)" "([^"]*)"'
)


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def entries(lines):
    found = [LINE.fullmatch(line.rstrip("\n")) for line in lines]
    assert all(found), lines
    return [(match[3], int(match[4]), match[5]) for match in found]


def test_requests_are_lines_on_standard_output(start):
    server = start("--access-log", "-")
    with server.connect() as connection:
        answer = connection.ask("GET", "/orders/1", [("User-Agent", "agent/1"), ("Referer", "http://a/b")])
        connection.ask("DELETE", "/orders/1")
        connection.ask("GET", '/%22"\\x')
        connection.send(b"GET / nonsense\r\n\r\n")
        connection.read_response()
    with FrameClient(server):
        wait_for(lambda: len(server.stdout_lines) >= 6)
    lines = server.stdout_lines[1:]
    assert lines[0].startswith("127.0.0.1 - - [")
    assert lines[0].endswith(f'"GET /orders/1 HTTP/1.1" 200 {len(answer.body)} "http://a/b" "agent/1"\n')
    found = entries(lines)
    assert found[1] == ("DELETE /orders/1 HTTP/1.1", 204, "-")
    assert found[2][0] == r"GET /%22\x22\x5Cx HTTP/1.1" and found[2][1] == 404
    assert found[3][:2] == ("GET / nonsense", 400)
    assert found[4] == ("GET /ws HTTP/1.1", 101, "-")


def test_without_the_flag_there_is_none(start):
    server = start()
    server.assert_serves()
    server.stop()
    assert len(server.stdout_lines) == 1


def test_a_file_is_added_to_and_opened_anew(start, tmp_path):
    path = tmp_path / "access.log"
    path.write_text("before\n")
    server = start(environment={"ACCESS_LOG": str(path)})
    server.ask("GET", "/orders/1")
    wait_for(lambda: len(path.read_text().splitlines()) == 2)
    path.rename(tmp_path / "access.log.1")
    server.ask("GET", "/orders/2")
    server.send_signal(signal.SIGHUP)
    server._is_told_to_end = False
    wait_for(path.exists)
    wait_for(lambda: "opened anew" in server.stderr)
    server.ask("GET", "/orders/3")
    server.stop()
    # The last line is there when the server has ended.
    assert path.read_text().count("\n") == 1 and "/orders/3" in path.read_text()
    old = (tmp_path / "access.log.1").read_text().splitlines()
    assert old[0] == "before" and [line.split('"')[1].split()[1] for line in old[1:]] == ["/orders/1", "/orders/2"]


def test_no_line_is_lost_under_load(start, tmp_path):
    path = tmp_path / "access.log"
    server = start("--access-log", path)
    with server.connect() as connection:
        for _ in range(20):
            connection.send(request_bytes("GET", "/orders/1") * 250)
            for _ in range(250):
                assert connection.read_response().status == 200
    server.stop()
    lines = path.read_text().splitlines()
    assert len(lines) == 5_000
    assert set(entries(lines)) == {("GET /orders/1 HTTP/1.1", 200, lines[0].split()[9])}


def test_a_reader_that_stands_still_costs_lines_and_nothing_else(tradeloop_binary):
    """Standard output is a pipe that nobody reads: it fills up, and the server goes on."""
    process = subprocess.Popen(
        [tradeloop_binary, "--port", "0", "--access-log", "-"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
        encoding="utf-8",
    )
    try:
        port = int(process.stdout.readline().rsplit(":", 1)[1])
        lines = 0
        with Connection("127.0.0.1", port) as connection:
            # What waits is bounded by 1 MiB, and as much again is being written.
            while lines < 40_000:
                connection.send(request_bytes("GET", "/orders/1") * 500)
                for _ in range(500):
                    assert connection.read_response().status == 200
                lines += 500
            metrics = connection.ask("GET", "/metrics").body.decode()
        dropped = int(re.search(r"^tradeloop_access_log_lines_dropped_total (\d+)$", metrics, re.M)[1])
        assert 1_000 < dropped < lines
        process.send_signal(signal.SIGTERM)
        # A full pipe keeps nobody: standard output is read only when the server has ended.
        assert process.wait(timeout=PATIENCE_SECONDS) == 0
        assert process.stderr.read().count("Lines of the access log were lost") == 1
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()
        process.stderr.close()


def test_a_file_that_cannot_be_opened_ends_the_start(tradeloop_binary, tmp_path):
    place = tmp_path / "no" / "such.log"
    result = subprocess.run(
        [tradeloop_binary, "--port", "0", "--access-log", place],
        env=clean_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_SECONDS,
    )
    assert result.returncode == 1 and str(place) in result.stderr and "--access-log" in result.stderr
    assert result.stdout == "" and len(result.stderr.strip().splitlines()) == 1
