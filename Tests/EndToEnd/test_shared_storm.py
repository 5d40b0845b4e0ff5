"""Four instances of one market, while they are killed, and Redis is frozen, restarted and cut off.

By default 10,000 orders in less than a minute. The whole storm takes four or five minutes, by hand:

    TRADELOOP_STORM_ORDERS=100000 .build-tests/venv/bin/python -m pytest -s -o faulthandler_timeout=900 \\
        Tests/EndToEnd/test_shared_storm.py

TRADELOOP_STORM_RATE is how many orders are placed a second (600), TRADELOOP_STORM_SEED what is done by chance (1).
"""

from __future__ import annotations

import asyncio
import collections
import os
import threading
import time

import pytest
import redis

from kit.proxy import Proxy
from kit.redis import DUE, FEED
from kit.shared import eventually, wait_until_served
from kit.storm import STATES, Instance, Storm, end

ORDERS = int(os.environ.get("TRADELOOP_STORM_ORDERS", "10000"))
RATE = float(os.environ.get("TRADELOOP_STORM_RATE", "600"))
SEED = int(os.environ.get("TRADELOOP_STORM_SEED", "1"))
INSTANCES = 4
DELAYS = ("--min-delay-ms", 100, "--max-delay-ms", 1_000)
STATE_OF = {"P": STATES["PENDING"], "E": STATES["EXECUTED"], "C": STATES["CANCELLED"]}
# Seconds between one mishap and the next.
CALM_SECONDS = 1
# Longer than an instance waits for an answer before it takes Redis for gone.
LONG_PAUSE_SECONDS = 4


class Chronicle:
    """The stream as it grows, read from Redis itself: it holds fewer events than a long storm makes."""

    def __init__(self, redis_server):
        self._redis_server = redis_server
        self._is_over = threading.Event()
        # (order, state, microseconds, due milliseconds or None) by sequence, from 1.
        self.events = []
        self.faults = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        client = self._redis_server.new_client(retry=None)
        while not self._is_over.is_set():
            try:
                found = client.xread({FEED: f"{len(self.events)}-0"}, count=500, block=200)
            except redis.exceptions.RedisError:
                time.sleep(0.05)
                continue
            for entry, fields in found[0][1] if found else ():
                if entry != f"{len(self.events) + 1}-0":
                    self.faults.append(f"the stream has {entry} after {len(self.events)}")
                    return
                due = fields.get("d")
                self.events.append(
                    (int(fields["o"]), fields["s"], int(fields["t"]), None if due is None else int(due))
                )

    def stop(self):
        self._is_over.set()
        self._thread.join()


class Mishaps:
    """One after another, until the traders have enough; remembers when Redis did not answer."""

    def __init__(self, redis_server, proxy):
        self._redis_server, self._proxy = redis_server, proxy
        self.away = []
        self.counts = collections.Counter()

    async def go_on(self, storm):
        kinds = [
            self.kill_an_instance,
            self.cut_all,
            self.kill_an_instance,
            self.pause_briefly,
            self.cut_in_a_command,
            self.kill_an_instance,
            self.restart_redis,
            self.cut_before_a_reply,
            self.forget_scripts,
            self.kill_an_instance,
            self.pause_for_long,
            self.sever,
        ]
        while not storm.is_enough:
            for kind in kinds:
                await asyncio.sleep(storm.choice.uniform(0.7, 1.3) * CALM_SECONDS)
                if storm.is_enough:
                    break
                self.counts[kind.__name__] += 1
                await kind(storm)

    async def kill_an_instance(self, storm):
        instance = storm.choice.choice(storm.instances)
        await asyncio.to_thread(instance.kill)
        await asyncio.sleep(storm.choice.uniform(0, 1))
        await asyncio.to_thread(instance.start)

    async def cut_all(self, storm):
        await asyncio.to_thread(self._redis_server.cut_clients)

    async def forget_scripts(self, storm):
        await asyncio.to_thread(self._redis_server.command, "SCRIPT", "FLUSH")

    async def sever(self, storm):
        self._proxy.sever()

    async def cut_in_a_command(self, storm):
        self._proxy.cut_in_command("EVALSHA", storm.choice.randrange(1, 200))

    async def cut_before_a_reply(self, storm):
        self._proxy.cut_before_reply("EVALSHA")

    async def pause_briefly(self, storm):
        await self._pause(storm.choice.uniform(0.2, 1))

    async def pause_for_long(self, storm):
        await self._pause(LONG_PAUSE_SECONDS)

    async def _pause(self, seconds):
        begun = time.time()
        self._redis_server.pause()
        await asyncio.sleep(seconds)
        self._redis_server.resume()
        self.away.append((begun, time.time()))

    async def restart_redis(self, storm):
        begun = time.time()
        await asyncio.to_thread(self._redis_server.kill)
        await asyncio.sleep(storm.choice.uniform(0, 1))
        await asyncio.to_thread(self._redis_server.start)
        self.away.append((begun, time.time()))

    def was_near(self, seconds):
        """Whether Redis was away within a second of that time."""
        return any(begun - 1 <= seconds <= ended + 1 for begun, ended in self.away)


@pytest.mark.limit(120 + 4 * ORDERS / RATE)
def test_a_storm(tradeloop_binary, redis_server):
    assert RATE > 0 and ORDERS > 0
    begun = time.monotonic()
    proxy = Proxy(redis_server.port)
    instances, chronicle = [], Chronicle(redis_server)
    try:
        for place in range(INSTANCES):
            # One of them has a network that breaks in the middle of what is said.
            address = proxy.url if place == 0 else redis_server.url
            instances.append(Instance(tradeloop_binary, address, *DELAYS))
            wait_until_served(instances[-1].server)
        storm, mishaps = Storm(instances, ORDERS, RATE, SEED), Mishaps(redis_server, proxy)
        asyncio.run(endure(storm, mishaps, chronicle, redis_server))
        seconds = time.monotonic() - begun
        judge_answers(storm, redis_server)
        judge_events(storm, chronicle, redis_server)
        for instance in instances:
            judge_instance(instance, redis_server)
        tell(storm, mishaps, chronicle, seconds)
        judge_lateness(chronicle, mishaps)
        for instance in instances:
            instance.stop()
    finally:
        chronicle.stop()
        proxy.close()
        for instance in instances:
            if instance.server.process.poll() is None:
                instance.server.process.kill()
                instance.server.process.wait()
    assert not storm.faults, "\n".join(storm.faults)


async def endure(storm, mishaps, chronicle, redis_server):
    background = await storm.run(mishaps.go_on)
    try:
        # All orders end, and everybody hears of it; nothing is upset any more.
        await asyncio.to_thread(
            eventually, lambda: redis_server.client.zcard(DUE) == 0, "the last execution", 30
        )
        last = int(redis_server.market()["sequence"])
        deadline = time.monotonic() + 30
        while any(each.last < last for each in storm.subscribers) or len(chronicle.events) < last:
            assert not chronicle.faults, chronicle.faults
            assert not storm.faults, "\n".join(storm.faults)
            heard = [each.last for each in storm.subscribers]
            assert time.monotonic() < deadline, f"of {last} events, {heard} were heard"
            await asyncio.sleep(0.05)
        # Anything too much would still come.
        await asyncio.sleep(0.3)
    finally:
        await end(background)


def judge_answers(storm, redis_server):
    """What was answered is what lies in Redis."""
    stored = redis_server.orders()
    numbers = collections.defaultdict(list)
    for order_id, (_, _, text) in stored.items():
        numbers[text].append(order_id)
    faults = []
    for order in storm.orders:
        found = numbers.pop(order.text, [])
        if order.outcome == "accepted":
            right = found == [order.order_id] and stored[order.order_id][1] == order.quantity
        elif order.outcome == "refused":
            right = found == []
        else:
            right = order.outcome == "unknown" and len(found) <= 1
        if not right:
            faults.append(
                f"{order.text} ({order.outcome}, key {order.key}, {order.order_id}) lies at {found}"
            )
    for name in ("AAPL", "MSFT", "GOOG"):
        numbers.pop(name)
    faults += [f"nobody sent {text}, which lies at {found}" for text, found in numbers.items()]
    for order_id, status in storm.ends.items():
        if stored[order_id][0] != {204: "C", 409: "E"}[status]:
            faults.append(f"order {order_id} was cancelled with {status} and is {stored[order_id]}")
    assert not faults, "\n".join(faults[:50])


def judge_events(storm, chronicle, redis_server):
    """Each order is PENDING once, in the order of the numbers, and ends once; everybody heard just that."""
    stored, market = redis_server.orders(), redis_server.market()
    states, next_id, faults = {1: "P", 2: "E", 3: "C"}, 4, []
    for sequence, (order_id, state, _, _) in enumerate(chronicle.events, 1):
        if state == "P":
            if order_id != next_id:
                faults.append(f"{sequence}: order {order_id} is PENDING after order {next_id - 1}")
            next_id = order_id + 1
        elif states.get(order_id) != "P":
            faults.append(f"{sequence}: order {order_id} is {state} after {states.get(order_id)}")
        states[order_id] = state
    pending = [order_id for order_id, state in states.items() if state == "P"]
    if pending != [1]:
        faults.append(f"still PENDING: {pending[:20]}")
    if states != {order_id: state for order_id, (state, _, _) in stored.items()}:
        faults.append("the orders are not what their events make of them")
    counts = collections.Counter(states.values())
    told = [int(market[name]) for name in ("orders", "executed", "cancelled", "sequence")]
    if told != [len(states), counts["E"], counts["C"], len(chronicle.events)]:
        faults.append(f"{market}, of {len(states)} orders, {counts} and {len(chronicle.events)} events")
    expected = [order_id * 4 + STATE_OF[state] for order_id, state, _, _ in chronicle.events]
    for number, subscriber in enumerate(storm.subscribers):
        if subscriber.heard.tolist() != expected:
            faults.append(f"subscriber {number} heard something else")
    assert not faults, "\n".join(faults[:50])


def judge_instance(instance, redis_server):
    """Each instance lists what lies in Redis, and counts it."""
    names = {"P": "PENDING", "E": "EXECUTED", "C": "CANCELLED"}
    stored = sorted(redis_server.orders().items())
    listed = instance.server.orders()
    assert [
        (each["orderId"], (each["orderStatus"], each["quantity"], each["stocks"])) for each in listed
    ] == [(order_id, (names[state], quantity, text)) for order_id, (state, quantity, text) in stored]
    counts = collections.Counter(each["orderStatus"] for each in listed)
    assert instance.server.ask("GET", "/health").json()["orders"] == dict(counts)


def latenesses(chronicle, mishaps):
    """In milliseconds, of all executions that fell due while Redis was there; and all of them."""
    due, near, every = {}, [], []
    for order_id, state, microseconds, due_milliseconds in chronicle.events:
        if state == "P":
            due[order_id] = due_milliseconds
        elif state == "E":
            every.append(microseconds / 1_000 - due[order_id])
            if not mishaps.was_near(due[order_id] / 1_000):
                near.append(every[-1])
    return sorted(near), sorted(every)


def share(values, part):
    return values[min(len(values) - 1, int(len(values) * part))]


def judge_lateness(chronicle, mishaps):
    calm, every = latenesses(chronicle, mishaps)
    assert every[0] >= 0, f"executed {-every[0]} ms early"
    assert share(calm, 0.5) <= 50, calm


def tell(storm, mishaps, chronicle, seconds):
    calm, every = latenesses(chronicle, mishaps)
    print(f"\n{len(storm.accepted):,} orders accepted in {seconds:.0f} s, {len(chronicle.events):,} events")
    print("answers:", dict(sorted(storm.counts.items())))
    print("mishaps:", dict(sorted(mishaps.counts.items())))
    print("unknown:", sum(order.outcome == "unknown" for order in storm.orders))
    print("subscribers came:", [each.comings for each in storm.subscribers])
    for name, values in (("while Redis was there", calm), ("all", every)):
        figures = ", ".join(f"p{part * 100:g} {share(values, part):.1f}" for part in (0.5, 0.9, 0.99, 0.999))
        print(f"EXECUTED late, {name} ({len(values):,}): {figures}, most {values[-1]:.1f} ms")
