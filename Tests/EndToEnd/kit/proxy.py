"""A network in front of Redis that breaks where a test says: in a command, before or in its reply, or as a whole.

What is broken is named by bytes of the command, such as an order's text. A command and its reply travel in
one piece each where a test sends one command at a time; that is all that is looked for here.
"""

from __future__ import annotations

import socket
import struct
import threading
import time

PATIENCE_SECONDS = 20


class Proxy:
    """Listens on a port of its own on 127.0.0.1 and passes every connection on to a port."""

    def __init__(self, target_port):
        self._target = ("127.0.0.1", target_port)
        self._lock = threading.Lock()
        self._flow = threading.Event()
        self._flow.set()
        self._pairs = set()
        self._cuts = []
        self._delay_seconds = 0.0
        self._listener = None
        self.port = None
        # How many connections have been made through it, and how many of the cuts that were asked for.
        self.connection_count = 0
        self.cut_count = 0
        self.accept()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def close(self):
        self._flow.set()
        self.refuse()

    def accept(self):
        """Takes connections (again), on the same port as before."""
        with self._lock:
            if self._listener is not None:
                return
            self._listener = socket.create_server(("127.0.0.1", self.port or 0), backlog=100)
            self.port = self._listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def refuse(self):
        """Every connection is reset, and a new one refused."""
        with self._lock:
            listener, self._listener = self._listener, None
        if listener is not None:
            # Wakes the thread that waits in accept(), which close() does not.
            try:
                listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            listener.close()
        self.sever()

    def sever(self):
        """Every connection is reset; new ones are taken."""
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            pair.cut()

    def hold(self):
        """Passes nothing on, in neither direction, and keeps it."""
        self._flow.clear()

    def release(self):
        self._flow.set()

    def delay(self, seconds):
        """Whatever comes is passed on that much later, in each direction."""
        self._delay_seconds = seconds

    def cut_in_command(self, mark, after=0):
        """The next command with these bytes reaches Redis up to so many bytes behind their beginning."""
        self._add_cut("command", mark, after)

    def cut_before_reply(self, mark):
        """The next command with these bytes reaches Redis, which answers; the answer does not come through."""
        self._add_cut("reply", mark, 0)

    def cut_in_reply(self, mark, after):
        """As `cut_before_reply`, but so many bytes of the answer do come through."""
        self._add_cut("reply", mark, after)

    def _add_cut(self, place, mark, after):
        with self._lock:
            self._cuts.append((place, mark.encode() if isinstance(mark, str) else mark, after))

    def wait_for_cut(self, count=1, within=PATIENCE_SECONDS):
        """Waits until so many of the cuts that were asked for have happened."""
        deadline = time.monotonic() + within
        while self.cut_count < count:
            assert time.monotonic() < deadline, f"{self.cut_count} of {count} cuts after {within} s"
            time.sleep(0.005)

    def _take_cut(self, data):
        """The cut that these bytes of a command call for, and where in them: (place, offset, after)."""
        with self._lock:
            for index, (place, mark, after) in enumerate(self._cuts):
                offset = data.find(mark)
                if offset >= 0:
                    del self._cuts[index]
                    return place, offset, after
        return None

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                upstream = socket.create_connection(self._target, timeout=PATIENCE_SECONDS)
            except OSError:
                reset(client)
                continue
            upstream.settimeout(None)
            pair = Pair(self, client, upstream)
            with self._lock:
                self.connection_count += 1
                self._pairs.add(pair)
            pair.start()

    def _forget(self, pair):
        with self._lock:
            self._pairs.discard(pair)


class Pair:
    """One connection through the proxy, with a thread for each direction."""

    def __init__(self, proxy, client, upstream):
        self._proxy = proxy
        self._client = client
        self._upstream = upstream
        # Bytes of the answer that still come through before the cut; None where there is to be none.
        self._reply_left = None
        self._is_ended = False
        self._is_cut = threading.Event()
        for each in (client, upstream):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def start(self):
        for passer in (self._pass_commands, self._pass_replies):
            threading.Thread(target=self._run, args=(passer,), daemon=True).start()

    def cut(self):
        """Resets both sides; the threads see it and end."""
        self._is_cut.set()
        for each in (self._client, self._upstream):
            reset(each)

    def _run(self, passer):
        try:
            passer()
        except OSError:
            pass
        self.cut()
        self._proxy._forget(self)

    def _received(self, source):
        data = source.recv(262_144)
        if self._proxy._delay_seconds:
            time.sleep(self._proxy._delay_seconds)
        self._proxy._flow.wait()
        return data

    def _pass_commands(self):
        while data := self._received(self._client):
            cut = self._proxy._take_cut(data)
            if cut is None:
                self._upstream.sendall(data)
                continue
            place, offset, after = cut
            if place == "reply":
                # Bytes of an earlier command's answer may be among these: then that one is cut.
                self._reply_left = after
                self._upstream.sendall(data)
                if after:
                    continue
            else:
                self._upstream.sendall(data[: offset + after])
            self._end_commands()
            # Whoever reads the replies cuts the connection when Redis has ended it.
            self._is_cut.wait()
            return

    def _end_commands(self):
        """An end, not a reset: Redis reads and does all that was sent before it closes."""
        self._is_ended = True
        self._upstream.shutdown(socket.SHUT_WR)

    def _pass_replies(self):
        while data := self._received(self._upstream):
            if self._reply_left is not None:
                data = data[: self._reply_left]
                self._reply_left -= len(data)
            self._client.sendall(data)
            if self._reply_left == 0 and not self._is_ended:
                self._end_commands()
        if self._is_ended:
            self._proxy.cut_count += 1


def reset(connection):
    """Ends a connection with a reset, as what a crashed machine leaves does; wakes whoever waits on it."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()
