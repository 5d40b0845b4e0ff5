"""What tests of instances that share a market ask again and again."""

from __future__ import annotations

import time

from .expect import assert_problem
from .server import PATIENCE_SECONDS
from .wire import request_bytes

BODY = '{"stocks":"AAPL","quantity":10}'


def eventually(condition, what="it", within=PATIENCE_SECONDS):
    """Asks until the answer is neither None nor False, and answers with it."""
    deadline = time.monotonic() + within
    while True:
        found = condition()
        if found is not None and found is not False:
            return found
        assert time.monotonic() < deadline, f"{what} has not happened within {within} s"
        time.sleep(0.02)


def wait_until_served(server, within=PATIENCE_SECONDS):
    """Waits until an instance has its store."""
    eventually(lambda: server.ask_or_none("GET", "/orders/1"), f"{server.authority} serving orders", within)


def wait_until_away(server, within=PATIENCE_SECONDS):
    """Waits until an instance knows that its store is away."""
    eventually(
        lambda: server.ask("GET", "/health").json().get("redis") == "away", "Redis being missed", within
    )


def assert_try_again(response, status=503):
    """An answer for now: the same request is to be sent again in a second."""
    assert_problem(response, status)
    assert response.header("Retry-After") == "1", response


def place_many(server, count, body=BODY, headers=(), depth=100):
    """Places orders, so many in a packet; their numbers."""
    found = []
    with server.connect() as connection:
        while len(found) < count:
            part = min(depth, count - len(found))
            connection.send(request_bytes("POST", "/orders", headers, body, host=server.authority) * part)
            for _ in range(part):
                response = connection.read_response()
                assert response.status == 201, response
                found.append(response.json()["orderId"])
    return found


def states(server):
    return {order["orderId"]: order["orderStatus"] for order in server.orders()}
