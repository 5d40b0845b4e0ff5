"""100 orders placed at the same moment, with the delays that people get: from 1 to 5 seconds."""

from __future__ import annotations

import time

import pytest

from kit.expect import event_text
from kit.feed import Feed
from kit.wire import request_bytes

COUNT = 100
CANCELLED = set(range(10, 100, 10))
DELAY_MIN, DELAY_MAX = 1.0, 5.0
# Two clocks that both count in milliseconds may disagree by one.
CLOCK_TOLERANCE = 0.001
# How late a busy machine may make an execution, or our notice of it. Never early, though.
LATENESS = 3.0


def place_at_once(server, bodies):
    """Every request on a connection of its own, all sent before the first answer is read.

    For each: when it was sent, when the answer was there, and the order.
    """
    connections = [server.connect() for _ in bodies]
    sent = []
    for connection, body in zip(connections, bodies):
        data = request_bytes("POST", "/orders", body=body, host=server.authority)
        sent.append(time.monotonic())
        connection.send(data)
    placed = []
    for connection, moment in zip(connections, sent):
        response = connection.read_response()
        assert response.status == 201, response
        placed.append((moment, time.monotonic(), response.json()))
        connection.close()
    return placed


@pytest.mark.limit(90)
def test_each_client_hears_pending_then_executed_once(start):
    server = start("--delay-seed", 100)
    feeds = [Feed(server) for _ in range(3)]
    placed = place_at_once(
        server, [f'{{"stocks":"S{number}","quantity":{number + 1}}}' for number in range(COUNT)]
    )
    orders = {order["orderId"]: (sent, answered, order) for sent, answered, order in placed}
    assert sorted(orders) == list(range(4, 4 + COUNT))
    # What was placed on one connection came back on it.
    assert all(order["stocks"] == f"S{number}" for number, (_, _, order) in enumerate(placed))

    cancelled = set()
    for order_id in CANCELLED:
        if server.ask("DELETE", f"/orders/{order_id}").status == 204:
            cancelled.add(order_id)
    # On a machine so slow that some were executed by then, at least one was not.
    assert cancelled

    for feed in feeds:
        feed.wait_for(2 * COUNT, within=30)
    # Anything doubled, or a cancelled order's execution, would still come.
    time.sleep(0.5)
    for feed in feeds:
        assert len(feed.heard) == 2 * COUNT, feed.texts[2 * COUNT :]
        states = {}
        for _, order_id, status in feed.events():
            states.setdefault(order_id, []).append(status)
        assert states == {
            order_id: ["PENDING", "CANCELLED" if order_id in cancelled else "EXECUTED"] for order_id in orders
        }
        assert feed.texts == feeds[0].texts

    delays = []
    for feed in feeds:
        for heard, order_id, status in feed.events():
            if status == "EXECUTED":
                sent, answered, _ = orders[order_id]
                # Placed between the two moments: from `sent` the delay looks longer, from `answered` shorter.
                assert heard - sent >= DELAY_MIN - CLOCK_TOLERANCE, (order_id, heard - sent)
                assert heard - answered <= DELAY_MAX + LATENESS, (order_id, heard - answered)
                if feed is feeds[0]:
                    delays.append(heard - sent)

    fifths = [0] * 5
    for delay in delays:
        fifths[min(4, int((delay - DELAY_MIN) / (DELAY_MAX - DELAY_MIN) * 5))] += 1
    assert len(delays) == COUNT - len(cancelled)
    # Evenly spread is 18 in each; fewer than 5 in one has a chance of less than one in ten thousand.
    assert min(fifths) >= 5, fifths

    for order in server.orders()[3:]:
        assert order["orderStatus"] == ("CANCELLED" if order["orderId"] in cancelled else "EXECUTED"), order
    for feed in feeds:
        feed.close()


def test_never_earlier_than_the_least_delay(start):
    """Alone and one at a time, an order shows its delay to the millisecond."""
    server = start("--min-delay-ms", 250, "--max-delay-ms", 250)
    with Feed(server) as feed, server.connect() as connection:
        for number in range(8):
            sent = time.monotonic()
            assert connection.ask("POST", "/orders", body='{"stocks":"A","quantity":1}').status == 201
            assert feed.wait_for(2 * number + 2)[-1] == event_text(4 + number, "EXECUTED")
            assert feed.heard[-1][0] - sent >= 0.250 - CLOCK_TOLERANCE


def test_equal_delays_are_executed_in_id_order(start):
    server = start("--min-delay-ms", 300, "--max-delay-ms", 300)
    with Feed(server) as feed, server.connect() as connection:
        connection.send(request_bytes("POST", "/orders", body='{"stocks":"A","quantity":1}') * COUNT)
        texts = feed.wait_for(2 * COUNT)
    ids = range(4, 4 + COUNT)
    assert [text for text in texts if "EXECUTED" in text] == [
        event_text(number, "EXECUTED") for number in ids
    ]


def test_a_delay_of_nothing(start):
    server = start("--min-delay-ms", 0, "--max-delay-ms", 0)
    with Feed(server) as feed:
        server.place()
        assert feed.wait_for(2) == [event_text(4, "PENDING"), event_text(4, "EXECUTED")]
