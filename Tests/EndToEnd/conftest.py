"""End-to-end tests: the shipped executables on real sockets.

    TRADELOOP_BIN=... PROTOCOL_ECHO_BIN=... python -m pytest Tests/EndToEnd

Without these variables the binaries of `scripts/build` are used. Every test starts servers of its own on free
ports and stops them with SIGTERM; a server that dies, or does not end with 0, fails the test.
"""

from __future__ import annotations

import os
import pathlib
import signal

import pytest
from playwright.sync_api import sync_playwright

import kit.page
import kit.redis
import kit.shared
from kit.patience import PatientWatch
from kit.server import Server

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMIT_SECONDS = 60


class TookTooLong(Exception):
    pass


def limited(item):
    """Fails a phase of a test that hangs, at the place where it hangs."""
    marker = item.get_closest_marker("limit")
    seconds = marker.args[0] if marker else LIMIT_SECONDS

    def give_up(*_):
        raise TookTooLong(f"{item.nodeid} took longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    return (yield from limited(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    return (yield from limited(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    return (yield from limited(item))


def binary(variable, name):
    path = pathlib.Path(os.environ.get(variable) or ROOT / ".build" / "release" / name)
    if not os.access(path, os.X_OK):
        pytest.exit(
            f"{path} is not there: build it with scripts/build {name}, or set {variable}", returncode=2
        )
    return path.resolve()


def pytest_collection_modifyitems(items):
    """What waits for time-outs comes last: it has been waiting since the first test."""
    items.sort(key=lambda item: item.path.name == "test_timeouts.py")


@pytest.fixture(scope="session", autouse=True)
def patient_watch(request, tradeloop_binary):
    """Begins to wait before the first test, if any test asks for it."""
    if not any(item.path.name == "test_timeouts.py" for item in request.session.items):
        yield None
        return
    watch = PatientWatch(tradeloop_binary)
    yield watch
    watch.stop()


@pytest.fixture(scope="session")
def tradeloop_binary():
    return binary("TRADELOOP_BIN", "tradeloop")


@pytest.fixture(scope="session")
def echo_binary():
    return binary("PROTOCOL_ECHO_BIN", "protocol-echo")


@pytest.fixture
def start_any():
    """Starts any executable; all are stopped, and must end well, after the test."""
    servers = []

    def start(path, *arguments, environment=None):
        server = Server(path, *arguments, environment=environment)
        servers.append(server)
        return server

    yield start
    failures = []
    for server in servers:
        try:
            if server.process.returncode is None:
                server.stop()
        except AssertionError as failure:
            failures.append(str(failure))
        if server.stderr:
            print(f"--- standard error of {' '.join(server.command)}\n{server.stderr}")
    assert not failures, "\n".join(failures)


@pytest.fixture
def start(start_any, tradeloop_binary):
    """Starts tradeloop with the given flags, on a free port unless they name one."""

    def start_tradeloop(*arguments, environment=None):
        if "--port" not in arguments:
            arguments = ("--port", "0", *arguments)
        return start_any(tradeloop_binary, *arguments, environment=environment)

    return start_tradeloop


@pytest.fixture
def server(start):
    """A server that executes nothing while a test runs: an order stays PENDING until it is cancelled."""
    return start("--min-delay-ms", 600_000, "--max-delay-ms", 600_000)


@pytest.fixture
def fast_server(start):
    """A server that executes an order after some milliseconds."""
    return start("--min-delay-ms", 1, "--max-delay-ms", 20)


@pytest.fixture
def echo(start_any, echo_binary):
    return start_any(echo_binary, "--port", 0)


@pytest.fixture
def start_redis():
    """Starts redis-servers; all are stopped after the test."""
    if not kit.redis.is_installed():
        pytest.skip("redis-server is not installed")
    servers = []

    def start(*settings, **options):
        servers.append(kit.redis.RedisServer(*settings, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def redis_server(start_redis):
    """A Redis that loses nothing that it has answered."""
    return start_redis()


@pytest.fixture
def share(start, redis_server):
    """Starts instances that share the market of one Redis; they execute nothing while a test runs.

    `at` is another address of that Redis, or of another one; an instance is waited for until it has its store.
    """

    def start_instance(*flags, at=None, waits=True, **options):
        if "--max-delay-ms" not in flags:
            flags = ("--min-delay-ms", 600_000, "--max-delay-ms", 600_000, *flags)
        server = start("--redis", at or redis_server.url, *flags, **options)
        if waits:
            kit.shared.wait_until_served(server)
        return server

    return start_instance


@pytest.fixture(scope="module")
def browser():
    """One Chromium for the tests of a file; each page has a context of its own."""
    with sync_playwright() as playwright:
        browser = kit.page.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser):
    """Opens pages, and closes them after the test."""
    pages = []

    def open_one(server, path="/", **options):
        pages.append(kit.page.open_page(browser, server, path, **options))
        return pages[-1]

    yield open_one
    for page in pages:
        page.context.close()
