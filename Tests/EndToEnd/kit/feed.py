"""A client of the status feed: the `websockets` library, with a thread that notes when each message came."""

from __future__ import annotations

import threading
import time

import websockets.sync.client
from websockets.exceptions import ConnectionClosed

from .wire import strict_json


def open_websocket(server, path="/ws", **options):
    return websockets.sync.client.connect(server.websocket_url(path), proxy=None, open_timeout=20, **options)


class Feed:
    """Every message since the connection stood, as (monotonic seconds, text)."""

    def __init__(self, server, path="/ws"):
        self.websocket = open_websocket(server, path)
        self.heard = []
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.websocket.close()
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()

    def _listen(self):
        try:
            for message in self.websocket:
                with self._news:
                    self.heard.append((time.monotonic(), message))
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        with self._news:
            self._news.notify_all()

    def wait_for(self, count, within=20):
        """The first `count` texts, and no fewer."""
        with self._news:
            enough = self._news.wait_for(lambda: len(self.heard) >= count, timeout=within)
            assert enough, f"{len(self.heard)} of {count} messages after {within} s: {self.texts[-20:]}"
            return self.texts[:count]

    def wait_for_end(self, within=20):
        """The close code that the server sent."""
        self._thread.join(timeout=within)
        assert not self._thread.is_alive(), "the feed was not closed"
        return self.websocket.close_code

    @property
    def texts(self):
        return [message for _, message in self.heard]

    def numbered(self):
        """What was heard of a numbered feed as (number, id, status)."""
        values = [strict_json(message.encode("utf-8")) for message in self.texts]
        assert all(list(value) == ["sequence", "orderId", "orderStatus"] for value in values), values
        return [tuple(value.values()) for value in values]

    def events(self):
        """What was heard as (seconds, id, status); every message must be exactly an event."""
        events = []
        for seconds, message in list(self.heard):
            assert isinstance(message, str), message
            value = strict_json(message.encode("utf-8"))
            assert list(value) == ["orderId", "orderStatus"], message
            events.append((seconds, value["orderId"], value["orderStatus"]))
        return events
