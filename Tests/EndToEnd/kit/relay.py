"""A network that can be cut: passes connections on to a server, until it is told to drop them all."""

from __future__ import annotations

import socket
import threading


class Relay:
    """Listens on a port of its own on 127.0.0.1 and passes every connection on to the server."""

    def __init__(self, server):
        self._target = (server.host, server.port)
        self._lock = threading.Lock()
        self._sockets = set()
        self._is_cut = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut()
        self._listener.close()

    def url(self, path="/"):
        return f"http://127.0.0.1:{self.port}{path}"

    def cut(self):
        """Every connection breaks, and a new one breaks as soon as it stands."""
        with self._lock:
            self._is_cut = True
            for each in self._sockets:
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def mend(self):
        with self._lock:
            self._is_cut = False

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self._is_cut:
                    client.close()
                    continue
                upstream = socket.create_connection(self._target)
                self._sockets |= {client, upstream}
            for pair in ((client, upstream), (upstream, client)):
                threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    @staticmethod
    def _pass_on(source, sink):
        try:
            while True:
                data = source.recv(65_536)
                if not data:
                    break
                sink.sendall(data)
        except OSError:
            pass
        # Both ends, so that the thread for the other direction ends too.
        for each in (source, sink):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
