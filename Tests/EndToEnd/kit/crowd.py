"""Many raw connections at once, from one thread; whether they ever read is up to a test."""

from __future__ import annotations

import resource
import selectors
import socket
import struct
import time

# So that a crowd never takes the last descriptors of the test itself.
SPARE_DESCRIPTORS = 256


def affordable(count):
    """`count`, or as many connections as the limit of open files allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        soft = hard if hard != resource.RLIM_INFINITY else max(soft, count + SPARE_DESCRIPTORS)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(count, soft - SPARE_DESCRIPTORS)


class Crowd:
    """`count` connections to a server; all are closed at the end."""

    def __init__(self, server, count, receive_buffer_bytes=None, timeout=20):
        self.sockets = []
        try:
            for _ in range(count):
                self.sockets.append(self._connect(server, receive_buffer_bytes, timeout))
        except BaseException:
            self.close()
            raise

    @staticmethod
    def _connect(server, receive_buffer_bytes, timeout):
        family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
        connecting = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer_bytes is not None:
            # Before it connects: the window that is announced depends on it.
            connecting.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        connecting.settimeout(timeout)
        connecting.connect((server.host, server.port))
        return connecting

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __len__(self):
        return len(self.sockets)

    def close(self):
        for each in self.sockets:
            each.close()
        self.sockets = []

    def reset(self):
        """All go away at once, as a crashed machine's connections do."""
        for each in self.sockets:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def half_close(self):
        for each in self.sockets:
            try:
                each.shutdown(socket.SHUT_WR)
            except OSError:
                pass

    def send(self, data, within=20):
        """Sends the same to the server on every connection, as far as it is taken; nothing is read.

        Answers how many connections had all of it taken. A connection on which nothing is taken for a
        quarter of a second counts as stuck, and is left.
        """
        left = {each.fileno(): memoryview(data) for each in self.sockets}
        selector = selectors.DefaultSelector()
        for each in self.sockets:
            each.setblocking(False)
            selector.register(each, selectors.EVENT_WRITE)
        done = 0
        deadline = time.monotonic() + within
        while left and time.monotonic() < deadline:
            ready = selector.select(0.25)
            if not ready:
                break
            for key, _ in ready:
                try:
                    rest = left[key.fd][key.fileobj.send(left[key.fd]) :]
                except BlockingIOError:
                    continue
                except OSError:
                    rest = None
                if rest:
                    left[key.fd] = rest
                    continue
                done += rest is not None
                del left[key.fd]
                selector.unregister(key.fileobj)
        selector.close()
        return done

    def read_some(self, within=20, enough=1):
        """What every connection was sent: at least `enough` bytes each, or all until its end."""
        heard = {each.fileno(): bytearray() for each in self.sockets}
        order = [each.fileno() for each in self.sockets]
        selector = selectors.DefaultSelector()
        for each in self.sockets:
            each.setblocking(False)
            selector.register(each, selectors.EVENT_READ)
        left = len(order)
        deadline = time.monotonic() + within
        while left and time.monotonic() < deadline:
            for key, _ in selector.select(max(0.0, deadline - time.monotonic())):
                try:
                    data = key.fileobj.recv(65_536)
                except BlockingIOError:
                    continue
                except OSError:
                    data = b""
                heard[key.fd] += data
                if not data or len(heard[key.fd]) >= enough:
                    selector.unregister(key.fileobj)
                    left -= 1
        selector.close()
        return [bytes(heard[number]) for number in order]
