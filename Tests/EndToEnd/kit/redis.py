"""A real redis-server of a test's own: started, frozen, killed, restarted with what it had written."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time

import redis

# How long a busy machine may need to start it, or to read back what it had written.
PATIENCE_SECONDS = 20

MARKET, DUE, FEED = "{tradeloop}:market", "{tradeloop}:due", "{tradeloop}:feed"


EXECUTABLE = shutil.which("redis-server") or shutil.which("valkey-server")


def is_installed():
    return EXECUTABLE is not None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RedisServer:
    """Listens on 127.0.0.1, keeps its files in a folder of its own, and loses nothing when it is killed.

    `fsync` is Redis' appendfsync; None keeps nothing on disk. Further settings are words of its command line.
    """

    def __init__(self, *settings, port=None, fsync="always", password=None, is_started=True):
        self.host = "127.0.0.1"
        self.port = port or free_port()
        self.password = password
        self.folder = tempfile.mkdtemp(prefix="tradeloop-redis-")
        self.process = None
        self._is_paused = False
        self._command = [EXECUTABLE, "--port", str(self.port), "--bind", self.host, "--dir", self.folder]
        self._command += ["--save", "", "--loglevel", "warning", "--logfile", "", "--daemonize", "no"]
        self._command += ["--appendonly", "yes", "--appendfsync", fsync] if fsync else ["--appendonly", "no"]
        if password:
            self._command += ["--requirepass", password]
        self._command += [str(word) for word in settings]
        self.client = self.new_client()
        if is_started:
            self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def authority(self):
        return f"{self.host}:{self.port}"

    @property
    def url(self):
        return f"redis://{self.authority}"

    def new_client(self, **options):
        options = {"password": self.password, "decode_responses": True, "socket_timeout": 15, **options}
        return redis.Redis(self.host, self.port, **options)

    def command(self, *words):
        """The answer to one command, as text."""
        return self.client.execute_command(*words)

    def start(self):
        """Starts it, and waits until it answers with all that it had written."""
        assert self.process is None or self.process.poll() is not None, "it runs already"
        self.process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._is_paused = False
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self.client.ping()
                return
            except redis.exceptions.AuthenticationError:
                return
            except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError) as failure:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.process.kill()
                    said = self.process.communicate()[0].decode(errors="replace")
                    raise AssertionError(f"{self._command} does not answer: {said}") from failure
                time.sleep(0.02)

    def pause(self):
        """Freezes it: connections stand, and nothing is answered."""
        self.process.send_signal(signal.SIGSTOP)
        self._is_paused = True

    def resume(self):
        self.process.send_signal(signal.SIGCONT)
        self._is_paused = False

    def kill(self):
        """Ends it as a power cut would, but for what the kernel still writes."""
        self.process.kill()
        self._wait()

    def restart(self):
        """Kills it, and starts it again on the same port with the same files."""
        self.kill()
        self.start()

    def cut_clients(self):
        """Closes every client's connection from Redis' side; how many there were."""
        return self.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    def _wait(self):
        self.process.wait(PATIENCE_SECONDS)
        self.process.stdout.close()
        self.client.close()

    def stop(self):
        """Ends it and takes its files away."""
        try:
            if self.process is not None and self.process.returncode is None:
                if self._is_paused:
                    self.resume()
                self.kill()
        finally:
            self.client.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- the market as it lies in Redis

    def market(self):
        return self.client.hgetall(MARKET)

    def feed(self, after=0, count=None):
        """The stream's entries behind a number: (number, fields)."""
        entries = self.client.xrange(FEED, min=f"({after}-0" if after else "-", count=count)
        return [(int(entry.split("-")[0]), fields) for entry, fields in entries]

    def orders(self):
        """Every order that lies in Redis, by its number: state, quantity and text."""
        found = {}
        for key in self.client.scan_iter("{tradeloop}:orders:*", count=1_000):
            for number, value in self.client.hgetall(key).items():
                state, quantity, stocks = value[0], *value[1:].split(" ", 1)
                found[int(number)] = (state, int(quantity), stocks)
        return found
