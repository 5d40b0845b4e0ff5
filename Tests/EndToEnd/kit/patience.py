"""What can only be seen by waiting for the server's time-outs: watched in threads while other tests run."""

from __future__ import annotations

import select
import threading
import time

from .crowd import Crowd
from .frames import CLOSE, PING, PONG, TEXT, FrameClient
from .server import Server
from .wire import Broken, Closed, request_bytes

# Longer than any time-out that a server of this kind has.
WAIT_SECONDS = 150
# Connections of those that are watched as a crowd.
CROWD = 300


class Observation:
    """What one watcher saw: when the connection ended (seconds after it began), and what came before."""

    def __init__(self):
        self.response = None
        self.frames = []
        self.answers = []
        self.ended_after = None
        self.failure = None


class PatientWatch:
    """A server of its own, and one thread for each thing to wait for."""

    def __init__(self, binary):
        self.server = Server(binary, "--port", "0", "--min-delay-ms", "600000", "--max-delay-ms", "600000")
        self._is_over = threading.Event()
        self._observations = {}
        self._threads = {}
        post = request_bytes("POST", "/orders", body='{"stocks":"AAPL","quantity":10}')
        self._watch("silent in the head", self._http, post[:30])
        self._watch("silent in the body", self._http, post[:-5])
        self._watch("a head in drops", self._http, post[:30], b"X-Drop: ")
        self._watch(
            "a body in drops", self._http, request_bytes("POST", "/orders", [("Content-Length", "900")]), b" "
        )
        self._watch("idle from the start", self._http, b"")
        self._watch("idle after an answer", self._idle_after_an_answer)
        expecting = [("Content-Length", "31"), ("Expect", "100-continue")]
        self._watch("asked for its body", self._http, request_bytes("POST", "/orders", expecting))
        self._watch("many silent in the head", self._crowd, post[:30])
        self._watch("many silent in the body", self._crowd, post[:-5])
        self._watch("takes nothing", self._takes_nothing, request_bytes("GET", "/") * 2_000)
        self._watch("a dead feed", self._feed, False)
        self._watch("a live feed", self._feed, True)

    def _watch(self, name, watcher, *arguments):
        observation = self._observations[name] = Observation()

        def run():
            begun = time.monotonic()
            try:
                watcher(observation, *arguments)
            except Exception as failure:  # told by the test that asks for this observation
                observation.failure = failure
            observation.ended_after = time.monotonic() - begun

        self._threads[name] = threading.Thread(target=run, daemon=True)
        self._threads[name].start()

    def seen(self, name):
        """Waits for the end of one observation."""
        self._threads[name].join(timeout=WAIT_SECONDS)
        assert not self._threads[name].is_alive(), f"{name}: nothing happened for {WAIT_SECONDS} s"
        observation = self._observations[name]
        if observation.failure:
            raise observation.failure
        return observation

    def stop(self):
        self._is_over.set()
        self.server.stop()

    def _http(self, observation, data, drop=None):
        """Sends the beginning of a request, then nothing or one byte of `drop` a second; reads to the end."""
        connection = self.server.connect()
        connection.send(data)
        if drop:
            threading.Thread(target=self._drip, args=(connection, drop), daemon=True).start()
        self._read_to_the_end(observation, connection)

    def _drip(self, connection, drop):
        count = 0
        while not self._is_over.wait(1):
            try:
                connection.socket.send(drop[count % len(drop) : count % len(drop) + 1])
            except OSError:
                return
            count += 1

    @staticmethod
    def _read_to_the_end(observation, connection):
        connection.socket.settimeout(WAIT_SECONDS)
        try:
            observation.response = connection.read_response()
            connection.expect_end()
        except Closed:
            pass

    def _idle_after_an_answer(self, observation):
        connection = self.server.connect()
        assert connection.ask("GET", "/orders/1").status == 200
        self._read_to_the_end(observation, connection)

    def _crowd(self, observation, data):
        """The same on many connections at once."""
        with Crowd(self.server, CROWD) as crowd:
            crowd.send(data)
            observation.answers = crowd.read_some(within=WAIT_SECONDS, enough=1 << 20)

    def _takes_nothing(self, observation, data):
        """Asks for more than any buffer holds and never reads: only the end of the connection is noticed."""
        with Crowd(self.server, 1, receive_buffer_bytes=4_096) as crowd:
            crowd.send(data)
            poll = select.poll()
            # No event is asked for: an error and the end are told all the same.
            poll.register(crowd.sockets[0], 0)
            assert poll.poll(WAIT_SECONDS * 1000), "it was never dropped"

    def _feed(self, observation, answers):
        """Notes every frame; with answers, pings get theirs, and the watch ends after the second ping."""
        client = FrameClient(self.server)
        client.connection.socket.settimeout(WAIT_SECONDS)
        try:
            while True:
                frame = client.read()
                observation.frames.append(frame)
                if frame.opcode == PING and answers:
                    client.send(PONG, frame.payload)
                    if len(observation.frames) == 2:
                        client.send(TEXT, "still here")
                        client.send(PING, b"and you?")
                if frame.opcode == PONG or frame.opcode == CLOSE:
                    return
        except Broken:
            if answers:
                raise
