"""Who takes part, and how each is started and ended."""

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import machine

BENCHMARKS = Path(__file__).resolve().parent.parent
REQUEST = b"GET /orders/1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
READY_SECONDS_MAX = 20
STOP_SECONDS_MAX = 6  # a server that is asked to stop may take 5 s


class Failure(Exception):
    """A contestant could not be measured; the sentence says why."""


@dataclass
class Contestant:
    name: str
    title: str
    #: The command by the mode of the work: get, post or feed; "" stands for all. {port} is filled in.
    commands: dict
    environment: dict = field(default_factory=dict)
    is_floor: bool = False

    def command(self, mode, port):
        words = self.commands.get(mode, self.commands.get(""))
        return [word.replace("{port}", str(port)) for word in words] if words else None

    def is_for(self, mode):
        return self.command(mode, 0) is not None

    def missing(self):
        """The first file of its commands that is not there."""
        for words in self.commands.values():
            for word in words:
                if word.startswith("/") and not os.path.exists(word):
                    return word
        return None


def known(build, tradeloop):
    """The contestants that the repository brings, in the order of the tables."""
    node_modules = Path("/usr/share/nodejs")
    if not (node_modules / "ws").exists():
        node_modules = build / "node" / "node_modules"
    floor, feed_floor = str(build / "floor"), str(build / "feed_floor")
    return [
        Contestant(
            "floor",
            "C floor on libuv",
            {
                "get": [floor, "{port}", "get"],
                "post": [floor, "{port}", "post"],
                "feed": [feed_floor, "{port}", "batch"],
            },
            is_floor=True,
        ),
        Contestant(
            "floor-each", "C floor, one send a frame", {"feed": [feed_floor, "{port}", "each"]}, is_floor=True
        ),
        Contestant(
            "tradeloop", "TradeLoop", {"": [str(tradeloop), "--port", "{port}", "--log-level", "error"]}
        ),
        Contestant("nio", "SwiftNIO", {"": [str(build / "nio" / "release" / "nio-trading"), "{port}"]}),
        Contestant(
            "node",
            "Node http + ws",
            {"": ["node", str(BENCHMARKS / "Contestants" / "node" / "server.js"), "{port}"]},
            {"NODE_PATH": str(node_modules)},
        ),
        Contestant(
            "fastapi",
            "FastAPI on uvicorn",
            {
                "": [
                    str(build / "venv" / "bin" / "python"),
                    str(BENCHMARKS / "Contestants" / "fastapi" / "server.py"),
                    "{port}",
                ]
            },
        ),
    ]


def from_option(text):
    """A contestant from NAME=COMMAND."""
    name, equals, command = text.partition("=")
    if not equals or not name.strip() or "{port}" not in command:
        raise ValueError(f"--server must be 'NAME=COMMAND with {{port}}', not '{text}'.")
    return Contestant(name.strip(), name.strip(), {"": shlex.split(command)})


def end(process):
    """Ends a process that we started, and what it started itself: politely, then for certain."""
    for sign, seconds in ((signal.SIGTERM, STOP_SECONDS_MAX), (signal.SIGKILL, None)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        try:
            process.wait(seconds)
            break
        except subprocess.TimeoutExpired:
            pass
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


class Server:
    """A contestant that runs on its core."""

    def __init__(self, contestant, mode, core, environment):
        self.contestant = contestant
        self.port = machine.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = tempfile.TemporaryFile()
        try:
            self.process = subprocess.Popen(
                contestant.command(mode, self.port),
                stdin=subprocess.DEVNULL,
                stdout=self.log,
                stderr=self.log,
                preexec_fn=machine.pinned(core),
                start_new_session=True,
                env={**os.environ, **contestant.environment, "PORT": str(self.port), **environment},
            )
        except OSError as error:
            raise Failure(f"{contestant.name} cannot be started: {error}.") from error
        self.pid = self.process.pid

    def __enter__(self):
        try:
            self.wait_until_ready()
        except BaseException:
            end(self.process)
            raise
        return self

    def __exit__(self, *_):
        end(self.process)
        self.log.close()

    def wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self.log.seek(0)
                last = self.log.read().decode(errors="replace").strip().splitlines()[-3:]
                raise Failure(
                    f"{self.contestant.name} ended with {self.process.returncode}: {' '.join(last)}"
                )
            with contextlib.suppress(OSError):
                if first_answer(self.port).startswith(b"HTTP/1.1 2"):
                    return
            time.sleep(0.02)
        raise Failure(f"{self.contestant.name} did not answer GET /orders/1 within {READY_SECONDS_MAX} s.")


def first_answer(port):
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(REQUEST)
        return connection.recv(65536)


def start_seconds(contestant, mode, server_core, load_core):
    """From exec to the first answer.

    posix_spawn, as a fork of this interpreter would take longer than most servers need to start; it takes
    the affinity of the caller, so that is changed for the moment.
    """
    port = machine.free_port()
    command = contestant.command(mode, port)
    environment = {**os.environ, **contestant.environment, "PORT": str(port)}
    os.sched_setaffinity(0, {server_core})
    null = [(os.POSIX_SPAWN_OPEN, number, "/dev/null", os.O_RDWR, 0) for number in (0, 1, 2)]
    started = time.perf_counter()
    try:
        pid = os.posix_spawnp(command[0], command, environment, file_actions=null, setpgroup=0)
    except OSError as error:
        raise Failure(f"{contestant.name} cannot be started: {error}.") from error
    finally:
        os.sched_setaffinity(0, {load_core})
    try:
        while time.perf_counter() < started + READY_SECONDS_MAX:
            with contextlib.suppress(OSError):
                if first_answer(port).startswith(b"HTTP/1.1 200"):
                    return time.perf_counter() - started
        raise Failure(f"{contestant.name} did not answer GET /orders/1 within {READY_SECONDS_MAX} s.")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
