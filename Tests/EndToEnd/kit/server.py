"""Starts, talks to and stops one of the two executables."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import threading
import time

from .wire import Closed, Connection, request_bytes

# Every environment variable that is a setting: none may leak in from the shell that runs the tests.
SETTINGS = (
    "HOST",
    "PORT",
    "MIN_DELAY_MS",
    "MAX_DELAY_MS",
    "DELAY_SEED",
    "MAX_ORDERS",
    "MAX_CONNECTIONS",
    "ALLOWED_ORIGINS",
    "ALLOWED_HOSTS",
    "CONTROL",
    "ACCESS_LOG",
    "LOG_LEVEL",
    "REDIS_URL",
)

# How long a machine with much else to do may need to start or stop a process.
PATIENCE_SECONDS = 20

URL = re.compile(r"http://(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):(\d+)")


def clean_environment(extra=None):
    environment = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    environment.update(extra or {})
    return environment


class Server:
    """A running executable. Its first line on standard output says where it listens."""

    def __init__(self, binary, *arguments, environment=None):
        self.command = [str(binary), *map(str, arguments)]
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(environment),
            encoding="utf-8",
            errors="replace",
        )
        self.stdout_lines = []
        self.stderr_lines = []
        self._first_line = queue.Queue()
        self._readers = [
            threading.Thread(target=self._read_stdout, daemon=True),
            threading.Thread(target=self._read_stderr, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self._connections = []
        self._is_told_to_end = False
        self.listening_line = self._first_line.get(timeout=PATIENCE_SECONDS)
        found = URL.search(self.listening_line)
        if not found:
            self.process.kill()
            self.process.wait()
            raise AssertionError(
                f"{self.command} did not say where it listens: {self.listening_line!r}\n{self.stderr}"
            )
        self.listening_host = found.group(1).strip("[]")
        # An address that means "all of them" can be listened on, not called.
        self.host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.listening_host, self.listening_host)
        self.port = int(found.group(2))

    def _read_stdout(self):
        for line in self.process.stdout:
            self.stdout_lines.append(line)
            if len(self.stdout_lines) == 1:
                self._first_line.put(line)
        if not self.stdout_lines:
            self._first_line.put("")

    def _read_stderr(self):
        for line in self.process.stderr:
            self.stderr_lines.append(line)

    @property
    def stderr(self):
        return "".join(self.stderr_lines)

    @property
    def authority(self):
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def origin(self):
        return f"http://{self.authority}"

    def url(self, path="/"):
        return self.origin + path

    def websocket_url(self, path="/ws"):
        return f"ws://{self.authority}{path}"

    def connect(self):
        """A raw connection, closed at the latest when the server is stopped."""
        connection = Connection(self.host, self.port)
        self._connections.append(connection)
        return connection

    def ask(self, method, target, headers=(), body=None):
        """One request on a connection of its own."""
        connection = self.connect()
        try:
            return connection.ask(method, target, headers, body)
        finally:
            connection.close()

    def ask_or_none(self, method, target):
        """As `ask`, but None where the server refuses the connection or is too busy (503)."""
        with self.connect() as connection:
            connection.send_as_much_as_taken(request_bytes(method, target, host=self.authority))
            try:
                response = connection.read_response(method)
            except Closed:
                return None
        return None if response.status == 503 else response

    def place(self, stocks="AAPL", quantity=10):
        """Places an order that must be taken; the order as the server tells it."""
        body = json.dumps({"stocks": stocks, "quantity": quantity}, ensure_ascii=False)
        response = self.ask("POST", "/orders", body=body)
        assert response.status == 201, response
        return response.json()

    def order(self, order_id):
        response = self.ask("GET", f"/orders/{order_id}")
        assert response.status == 200, response
        return response.json()

    def orders(self):
        response = self.ask("GET", "/orders")
        assert response.status == 200, response
        return response.json()

    def wait_for_status(self, order_id, status, within=PATIENCE_SECONDS):
        """Asks until the order has that status; for tests that set short delays."""
        deadline = time.monotonic() + within
        while True:
            order = self.order(order_id)
            if order["orderStatus"] == status:
                return order
            assert time.monotonic() < deadline, f"still {order} after {within} s"
            time.sleep(0.02)

    def assert_serves(self):
        """The server lives and answers an ordinary request on a new connection."""
        assert self.process.poll() is None, f"the server ended with {self.process.returncode}: {self.stderr}"
        response = self.ask("GET", "/orders/1")
        assert response.status == 200, response

    def close_connections(self):
        for connection in self._connections:
            connection.close()

    def wait(self, within=PATIENCE_SECONDS):
        code = self.process.wait(timeout=within)
        for reader in self._readers:
            reader.join(timeout=PATIENCE_SECONDS)
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def send_signal(self, number):
        self._is_told_to_end = True
        self.process.send_signal(number)

    def stop(self, with_signal=signal.SIGTERM):
        """Ends the server as an operator would; it must have lived until now and must end well."""
        self.close_connections()
        died = None
        try:
            # One signal is enough: a second would end it at once.
            if not self._is_told_to_end:
                died = self.process.poll()
                if died is None:
                    self.send_signal(with_signal)
            code = self.wait()
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
        assert died is None, f"{self.command} ended by itself with {died}:\n{self.stderr}"
        assert code == 0, f"{self.command} ended with {code}:\n{self.stderr}"
