"""Flags, environment variables, exit codes, limits that are settings, and the two ways to end the server."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import time

import pytest

from kit.expect import assert_problem, event_text
from kit.feed import Feed
from kit.frames import FrameClient
from kit.server import PATIENCE_SECONDS, URL, clean_environment
from kit.wire import Broken, Closed, Connection, request_bytes

BODY = '{"stocks":"AAPL","quantity":10}'
USAGE, FAILURE = 64, 1


def run(binary, *arguments, environment=None):
    """Runs tradeloop where it is expected to end by itself."""
    return subprocess.run(
        [str(binary), *map(str, arguments)],
        env=clean_environment(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_SECONDS,
    )


def assert_one_clear_sentence(result, code, *mentions):
    text = result.stderr.strip()
    assert result.returncode == code, result
    assert result.stdout == "", result
    for mention in mentions:
        assert mention.lower() in text.lower(), f"{mention!r} is not in {text!r}"
    assert len(text.splitlines()) == 1, f"one sentence, not {text!r}"
    assert " " in text and text[-1] in ".!", text
    assert not re.search(
        r"fatal error|backtrace|thread \d|\.swift|0x[0-9a-f]{6}|optional\(|errno", text, re.I
    ), text


# --- what is printed


def test_the_first_line_says_where_it_listens(start):
    server = start()
    assert server.listening_host == "127.0.0.1"
    assert 1024 <= server.port <= 65535
    assert f"http://127.0.0.1:{server.port}" in server.listening_line
    server.assert_serves()


def test_port_0_picks_a_free_one_each_time(start):
    assert start().port != start().port


def test_help(tradeloop_binary):
    result = run(tradeloop_binary, "--help")
    assert (result.returncode, result.stderr) == (0, ""), result
    for flag in (
        "--host",
        "--port",
        "--min-delay-ms",
        "--max-delay-ms",
        "--delay-seed",
        "--max-orders",
        "--max-connections",
        "--allowed-origins",
        "--allowed-hosts",
        "--log-level",
        "--help",
        "--version",
    ):
        assert flag in result.stdout, flag
    # The variables are either listed, or their rule is told with an example.
    assert "environment" in result.stdout and "MIN_DELAY_MS" in result.stdout
    for default in ("127.0.0.1", "8000", "1000", "5000"):
        assert default in result.stdout, default


def test_version(tradeloop_binary):
    result = run(tradeloop_binary, "--version")
    assert (result.returncode, result.stderr) == (0, ""), result
    assert re.search(r"\d+\.\d+", result.stdout), result


def test_nobody_reads_what_it_prints(tradeloop_binary):
    """As in `tradeloop | head -1`: what it says later must not end it."""
    process = subprocess.Popen(
        [str(tradeloop_binary), "--port", "0"],
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        port = int(URL.search(process.stdout.readline().decode("utf-8")).group(2))
        process.stdout.close()
        for _ in range(3):
            with Connection("127.0.0.1", port) as connection:
                assert connection.ask("POST", "/orders", body=BODY).status == 201
                connection.send(b"nonsense\r\n\r\n")
                assert connection.read_response().status == 400
        process.terminate()
        assert process.wait(timeout=PATIENCE_SECONDS) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


# --- where a setting comes from


def test_settings_from_the_environment(start_any, tradeloop_binary):
    server = start_any(
        tradeloop_binary,
        environment={
            "HOST": "127.0.0.1",
            "PORT": "0",
            "MIN_DELAY_MS": "1",
            "MAX_DELAY_MS": "20",
            "DELAY_SEED": "1",
            "MAX_ORDERS": "4",
            "ALLOWED_ORIGINS": "https://app.example",
            "ALLOWED_HOSTS": "trade.example",
        },
    )
    server.place()
    server.wait_for_status(4, "EXECUTED")
    assert server.ask("POST", "/orders", body=BODY).status == 503
    assert server.ask("GET", "/orders", [("Host", "trade.example")]).status == 200
    assert server.ask("DELETE", "/orders/1", [("Origin", "https://app.example")]).status == 204


def test_a_flag_wins_over_the_environment(start):
    server = start(
        "--max-orders",
        5,
        "--host",
        "127.0.0.1",
        "--max-delay-ms",
        600_000,
        "--min-delay-ms",
        600_000,
        environment={
            "PORT": "1",
            "MAX_ORDERS": "3",
            "HOST": "192.0.2.1",
            "MIN_DELAY_MS": "0",
            "MAX_DELAY_MS": "0",
        },
    )
    assert server.port != 1
    server.place()
    time.sleep(0.1)
    assert server.order(4)["orderStatus"] == "PENDING"


def test_flag_and_value_in_one_word(start_any, tradeloop_binary):
    start_any(tradeloop_binary, "--port=0", "--min-delay-ms=0", "--max-delay-ms=0").assert_serves()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_port_that_was_asked_for(start):
    port = free_port()
    assert start("--port", port).port == port


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "::1"])
def test_other_loopback_hosts(start, host):
    if host == "::1" and not has_ipv6():
        pytest.skip("this machine has no IPv6 loopback")
    if host == "127.0.0.2" and not can_bind("127.0.0.2"):
        pytest.skip("this system has only one IPv4 loopback address")
    server = start("--host", host)
    response = server.ask("GET", "/orders/1")
    assert response.status == 200
    assert server.ask("GET", "/orders/1", [("Host", "evil.example")]).status == 421


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def can_bind(host):
    try:
        with socket.socket() as probe:
            probe.bind((host, 0))
        return True
    except OSError:
        return False


# --- what is wrong


WRONG = [
    ("--port", "70000"),
    ("--port", "65536"),
    ("--port", "-1"),
    ("--port", "eighty"),
    ("--port", "80.5"),
    ("--port", "0x50"),
    ("--port", "99999999999999999999"),
    ("--min-delay-ms", "-5"),
    ("--min-delay-ms", "1.5"),
    ("--min-delay-ms", "soon"),
    ("--max-delay-ms", "later"),
    ("--max-delay-ms", "-1"),
    ("--max-delay-ms", "99999999999999999999"),
    ("--delay-seed", "lucky"),
    ("--delay-seed", "1.5"),
    ("--max-orders", "many"),
    ("--max-orders", "-1"),
    ("--max-connections", "all"),
    ("--max-connections", "-1"),
    ("--log-level", "shouting"),
    ("--allowed-origins", "app.example/with space"),
]


@pytest.mark.parametrize("flag, value", WRONG)
def test_a_wrong_flag(tradeloop_binary, flag, value):
    # With "=", since a value that begins with "-" could be taken for a flag.
    result = run(tradeloop_binary, *([] if flag == "--port" else ["--port", "0"]), f"{flag}={value}")
    assert_one_clear_sentence(result, USAGE, flag, value)


@pytest.mark.parametrize("flag, value", WRONG)
def test_a_wrong_environment_variable(tradeloop_binary, flag, value):
    variable = flag[2:].upper().replace("-", "_")
    environment = {"PORT": "0"}
    environment[variable] = value
    assert_one_clear_sentence(run(tradeloop_binary, environment=environment), USAGE, variable, value)


def test_a_least_delay_above_the_greatest(tradeloop_binary):
    result = run(tradeloop_binary, "--port", "0", "--min-delay-ms", "200", "--max-delay-ms", "100")
    assert_one_clear_sentence(result, USAGE, "delay", "200", "100")


def test_a_least_delay_above_the_default_greatest(tradeloop_binary):
    result = run(tradeloop_binary, "--port", "0", "--min-delay-ms", "6000")
    assert_one_clear_sentence(result, USAGE, "delay", "6000")


@pytest.mark.parametrize(
    "arguments, mention",
    [
        (["--colour", "blue"], "--colour"),
        (["--port"], "--port"),
        (["serve-it"], "serve-it"),
        (["-x"], "-x"),
        (["--port", "0", "--port"], "--port"),
    ],
)
def test_an_unknown_or_unfinished_argument(tradeloop_binary, arguments, mention):
    assert_one_clear_sentence(run(tradeloop_binary, *arguments), USAGE, mention)


# A value that is wrong for each option.
WRONG_FOR = {
    "--host": "no-such-host.invalid",
    "--port": "wrong",
    "--min-delay-ms": "wrong",
    "--max-delay-ms": "wrong",
    "--delay-seed": "wrong",
    "--max-orders": "wrong",
    "--max-connections": "wrong",
    "--allowed-origins": "wrong",
    "--allowed-hosts": "wrong/wrong",
    "--redis": "wrong",
    "--access-log": "/no/such/folder/wrong",
    "--log-level": "wrong",
}


def test_a_wrong_value_is_known_for_each_option(tradeloop_binary):
    named = re.findall(r"^ +(?:-h, )?(--[a-z-]+)", run(tradeloop_binary, "--help").stdout, re.MULTILINE)
    assert set(named) == set(WRONG_FOR) | {"--control", "--health-check", "--version", "--help"}


@pytest.mark.parametrize("flag", WRONG_FOR)
@pytest.mark.parametrize("form", ["two words", "one word"])
def test_a_plain_command_line_is_read_as_any_other(tradeloop_binary, flag, form):
    """Flags that are given once are read by the shorter way, flags that are given twice by the longer."""
    value = WRONG_FOR[flag]
    words = [flag, value] if form == "two words" else [f"{flag}={value}"]
    rest = [] if flag == "--port" else ["--port", "0"]
    once = run(tradeloop_binary, *rest, *words)
    twice = run(tradeloop_binary, *rest, *words, *words)
    assert once.returncode in (USAGE, FAILURE)
    # A URL may hold a password, and is not repeated.
    assert_one_clear_sentence(once, once.returncode, flag if flag == "--redis" else value)
    assert (once.returncode, once.stderr) == (twice.returncode, twice.stderr)


@pytest.mark.parametrize("words", [["--control"], ["--control", "--control"]])
def test_a_switch_is_read_both_ways(tradeloop_binary, words):
    result = run(tradeloop_binary, "--redis=redis://localhost", *words)
    assert_one_clear_sentence(result, USAGE, "--control")


@pytest.mark.parametrize("host", ["no-such-host.invalid", "300.1.2.3", "192.0.2.1", "not a host"])
def test_a_host_that_is_not_ours(tradeloop_binary, host):
    """Whether it can be seen to be wrong, or only fails when bound, is the system's to say."""
    result = run(tradeloop_binary, "--host", host, "--port", "0")
    assert_one_clear_sentence(result, USAGE if result.returncode == USAGE else FAILURE, host)


def test_a_taken_port(start, tradeloop_binary):
    server = start()
    assert_one_clear_sentence(run(tradeloop_binary, "--port", server.port), FAILURE, str(server.port))
    server.assert_serves()


def test_a_port_is_free_again_at_once(start):
    first = start()
    with first.connect() as connection:
        connection.ask("GET", "/orders/1")
        first.stop()
    assert start("--port", first.port).port == first.port


# --- limits that are settings


def test_max_orders(start):
    server = start("--max-orders", 6, "--min-delay-ms", 600_000, "--max-delay-ms", 600_000)
    placed = [server.place(f"S{number}", number + 1) for number in range(3)]
    with server.connect() as connection, Feed(server) as feed:
        for _ in range(5):
            assert_problem(connection.ask("POST", "/orders", body=BODY), 503)
        # What is wrong in itself is still told so, and what is stored goes on living.
        assert connection.ask("POST", "/orders", body="{}").status in (400, 503)
        assert connection.ask("GET", "/orders").json()[3:] == placed
        assert connection.ask("DELETE", "/orders/5").status == 204
        assert connection.ask("GET", "/orders/5").json() == {**placed[1], "orderStatus": "CANCELLED"}
        assert feed.wait_for(1) == [event_text(5, "CANCELLED")]
        time.sleep(0.1)
        assert len(feed.texts) == 1
    assert len(server.orders()) == 6


def test_max_connections(start):
    server = start("--max-connections", 2)
    first, second = server.connect(), server.connect()
    assert first.ask("GET", "/orders/1").status == second.ask("GET", "/orders/2").status == 200

    # One too many may be refused, with or without a word, or wait; it must not be served.
    third = server.connect()
    third.send_as_much_as_taken(request_bytes("GET", "/orders/3"))
    third.socket.settimeout(0.5)
    try:
        assert third.read_response().status == 503
    except Broken:
        pass
    third.close()

    assert first.ask("GET", "/orders/1").status == second.ask("GET", "/orders/2").status == 200
    first.close()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while server.ask_or_none("GET", "/orders/1") is None:
        assert time.monotonic() < deadline, "no connection is taken although one was closed"
        time.sleep(0.05)
    assert second.ask("GET", "/orders/2").status == 200


def test_two_hundred_connections_at_once(start):
    server = start("--max-connections", 250)
    connections = [server.connect() for _ in range(200)]
    for connection in connections:
        connection.send_request("GET", "/orders/1")
    for connection in connections:
        assert connection.read_response().status == 200


def test_a_system_that_lends_few_open_files(start_any, tradeloop_binary):
    """More clients than descriptors: some are refused, none brings the server down."""
    server = start_any("/bin/sh", "-c", f'ulimit -n 64; exec "{tradeloop_binary}" --port 0')
    connections = [server.connect() for _ in range(150)]
    for connection in connections:
        connection.send_as_much_as_taken(request_bytes("GET", "/orders/1"))
        connection.socket.settimeout(0.3)
    served = 0
    for connection in connections:
        try:
            response = connection.read_response()
            assert response.status in (200, 503), response
            served += response.status == 200
        except Broken:
            pass
    assert 10 <= served <= 64
    server.close_connections()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while server.ask_or_none("GET", "/orders/1") is None:
        assert time.monotonic() < deadline, "nobody is served although all have gone"
        time.sleep(0.05)


def test_a_seed_gives_the_same_delays_in_every_run(start):
    """A batch's ids in the order of execution tell its delays, and are free of our own clock."""
    count = 12
    # With seed 7 no two of these delays are closer than 50 ms: enough if the batch arrives in pieces.
    runs = [("--delay-seed", 7), ("--delay-seed", 7), ("--delay-seed", 8), (), ()]
    feeds = []
    for seed in runs:
        server = start("--min-delay-ms", 0, "--max-delay-ms", 2_000, *seed)
        feeds.append(Feed(server))
        server.connect().send(request_bytes("POST", "/orders", body=BODY) * count)
    executed = []
    for feed in feeds:
        feed.wait_for(2 * count)
        feed.close()
        executed.append([order_id for _, order_id, status in feed.events() if status == "EXECUTED"])
    assert sorted(executed[0]) == list(range(4, 4 + count))
    assert executed[0] == executed[1]
    # By chance two of these are equal once in 479,001,600 runs.
    assert executed[1] != executed[2]
    assert executed[3] != executed[4]


# --- the end

SIGNALS = [signal.SIGTERM, signal.SIGINT]
# The contract's 5 seconds, and what a busy machine may add.
END_SECONDS = 5 + 3


def end(server, with_signal):
    """Signals the server; its exit code is 0, within the time that the contract gives it."""
    begun = time.monotonic()
    server.send_signal(with_signal)

    def wait():
        assert server.wait() == 0
        assert time.monotonic() - begun <= END_SECONDS

    return wait


def place_many(server, count):
    with server.connect() as connection:
        for _ in range(count // 200):
            connection.send(request_bytes("POST", "/orders", body=BODY) * 200)
            for _ in range(200):
                assert connection.read_response().status == 201


@pytest.mark.parametrize("with_signal", SIGNALS)
def test_a_signal_ends_an_idle_server(start, with_signal):
    server = start()
    end(server, with_signal)()
    assert not re.search(r"fatal error|backtrace", server.stderr, re.I), server.stderr


@pytest.mark.parametrize("with_signal", SIGNALS)
def test_a_signal_closes_feeds_with_1001(start, with_signal):
    server = start()
    feeds = [Feed(server) for _ in range(3)]
    wait = end(server, with_signal)
    assert [feed.wait_for_end() for feed in feeds] == [1001, 1001, 1001]
    wait()


@pytest.mark.parametrize("with_signal", SIGNALS)
def test_a_signal_closes_idle_connections(start, with_signal):
    server = start()
    connection = server.connect()
    assert connection.ask("GET", "/orders/1").status == 200
    silent = server.connect()
    wait = end(server, with_signal)
    connection.expect_end()
    silent.expect_end()
    wait()


@pytest.mark.parametrize("with_signal", SIGNALS)
def test_what_is_in_flight_is_answered(start, with_signal):
    server = start()
    body_outstanding, head_outstanding = server.connect(), server.connect()
    data = request_bytes("POST", "/orders", body=BODY)
    body_outstanding.send(data[:-5])
    head_outstanding.send(data[:20])
    # A third one's answer shows that what the two sent before it has been read.
    assert server.ask("GET", "/orders/1").status == 200
    wait = end(server, with_signal)
    time.sleep(0.3)
    with pytest.raises(OSError):
        # Nobody new is let in meanwhile: refused, or cut off at the latest when the server ends.
        with socket.create_connection((server.host, server.port), timeout=1) as late:
            late.sendall(request_bytes("GET", "/orders/1"))
            if late.recv(100) == b"":
                raise ConnectionResetError
    body_outstanding.send(data[-5:])
    response = body_outstanding.read_response()
    assert response.status == 201, response
    assert "close" in response.tokens("Connection"), response
    body_outstanding.expect_end()
    head_outstanding.send_as_much_as_taken(data[20:])
    try:
        assert head_outstanding.read_response().status in (201, 503)
    except Closed:
        pass
    wait()


def test_an_answer_that_is_still_being_read_arrives_whole(start):
    server = start()
    place_many(server, 20_000)
    with server.connect() as connection:
        # A small window, so that most of the answer is still the server's when the signal comes.
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        connection.send_request("GET", "/orders")
        # The first bytes: the answer has begun.
        assert connection._fill()
        wait = end(server, signal.SIGTERM)
        time.sleep(0.3)
        response = connection.read_response()
        assert len(response.json()) == 20_003
        connection.expect_end()
    wait()


@pytest.mark.parametrize("with_signal", SIGNALS)
def test_clients_that_never_answer_cannot_keep_it(start, with_signal):
    server = start()
    place_many(server, 200)
    never_closes = FrameClient(server)
    never_sends = server.connect()
    never_sends.send(request_bytes("POST", "/orders", body=BODY)[:-5])
    never_reads = server.connect()
    never_reads.send(request_bytes("GET", "/orders") * 2_000)
    assert server.ask("GET", "/orders/1").status == 200
    end(server, with_signal)()
    closing = never_closes.read()
    assert closing.close_code == 1001, closing


def test_a_second_signal_does_no_harm(start):
    server = start()
    with FrameClient(server):
        server.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        if server.process.poll() is None:
            server.send_signal(signal.SIGINT)
        # An impatient operator's second signal may end it at once, but not with a crash.
        assert server.wait() in (0, 1, 130, -signal.SIGINT)


def test_health_check(start, tradeloop_binary):
    server = start()
    asking = ("--health-check", "--port", str(server.port))
    assert run(tradeloop_binary, *asking).returncode == 0
    server.stop()
    assert run(tradeloop_binary, *asking).returncode == 1
