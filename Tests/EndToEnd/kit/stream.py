"""A client of the feed as Server-Sent Events, with a thread that notes each event."""

from __future__ import annotations

import threading

from .wire import Broken, strict_json


class EventStream:
    """Every event since the stream began, as (number, text)."""

    def __init__(self, server, path="/events", headers=()):
        self.connection = server.connect()
        self.connection.send_request("GET", path, headers)
        self.response = self.connection.read_head()
        assert self.response.status == 200, self.response
        assert self.response.media_type == "text/event-stream", self.response
        # An end is noticed as an end; silence is no fault.
        self.connection.socket.settimeout(None)
        self.heard = []
        self.is_over = False
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            self.connection.hang_up()
        except OSError:
            pass
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()
        self.connection.close()

    def _read_line(self):
        while (end := self.connection.received.find(b"\n")) < 0:
            if not self.connection._fill():
                raise Broken("the stream has ended")
        line = bytes(self.connection.received[:end])
        del self.connection.received[: end + 1]
        return line.decode("utf-8")

    def _listen(self):
        number = data = None
        try:
            while True:
                line = self._read_line()
                if line.startswith("id: "):
                    number = int(line[4:])
                elif line.startswith("data: "):
                    data = line[6:]
                elif not line and data is not None:
                    assert strict_json(data.encode("utf-8"))["sequence"] == number, (number, data)
                    with self._news:
                        self.heard.append((number, data))
                        self._news.notify_all()
                    data = None
        except (Broken, OSError):
            pass
        with self._news:
            self.is_over = True
            self._news.notify_all()

    def wait_for(self, count, within=20):
        """The first `count` texts, and no fewer."""
        with self._news:
            enough = self._news.wait_for(lambda: len(self.heard) >= count, timeout=within)
            assert enough, f"{len(self.heard)} of {count} events after {within} s: {self.heard[-20:]}"
            return self.texts[:count]

    def wait_for_end(self, within=20):
        with self._news:
            assert self._news.wait_for(lambda: self.is_over, timeout=within), "the stream goes on"

    @property
    def texts(self):
        return [data for _, data in self.heard]
