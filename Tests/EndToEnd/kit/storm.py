"""Traders, cancellers, readers and subscribers at instances of one market, while instances and Redis fall over.

All of it runs on one asyncio loop, and notes what it was told; test_shared_storm.py judges it.
"""

from __future__ import annotations

import array
import asyncio
import base64
import collections
import heapq
import json
import os
import random
import re
import struct
import time

from .frames import CLOSE, PING, PONG, TEXT, frame
from .server import Server

STATES = {"PENDING": 1, "EXECUTED": 2, "CANCELLED": 3}
NUMBERED = re.compile(rb'\{"sequence": (\d+), "orderId": (\d+), "orderStatus": "([A-Z]+)"\}')
# How a connection ends that did not end well; a wait that was too long among them.
LOST = (OSError, EOFError, asyncio.TimeoutError)
ANSWER_SECONDS_MAX = 30
# How many faults are kept: the first ones tell the most.
FAULTS_MAX = 50


class Instance:
    """One of the servers, which keeps its port and its address of Redis when it is killed and comes again."""

    def __init__(self, binary, redis_url, *flags):
        self._binary, self._redis_url, self._flags = binary, redis_url, flags
        self.port = 0
        self.server = None
        self.deaths = 0
        self.start()

    def start(self):
        self.server = Server(self._binary, "--port", self.port, "--redis", self._redis_url, *self._flags)
        self.port = self.server.port

    def kill(self):
        self.server.process.kill()
        self.server.wait()
        self.deaths += 1

    def stop(self):
        if self.server.process.returncode is None:
            self.server.stop()


class Line:
    """A connection that sends requests, many at once, and reads their answers in order."""

    def __init__(self, port):
        self.port = port
        self._reader = self._writer = None

    async def open(self):
        """Connects where that is still to be done."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)

    def close(self):
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None

    def send(self, data):
        self._writer.write(data)

    async def read(self):
        return await self._reader.read(262_144)

    async def answer(self):
        """The next answer: its status, its head in lower case, its body."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        head = head.lower()
        body = b""
        if (place := head.find(b"content-length: ")) >= 0:
            count = int(head[place + 16 : head.index(b"\r", place)])
            body = await self._reader.readexactly(count)
        return status, head, body

    async def ask(self, requests, take):
        """Sends all in one packet; `take` is given each answer as it comes."""
        await self.open()
        self.send(b"".join(requests))
        for _ in requests:
            take(*await self.answer())


def request(method, target, fields=(), body=b""):
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *fields]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Order:
    """An order that a trader wants: its text is its own, so that it is known again wherever it lies."""

    __slots__ = ("text", "quantity", "key", "outcome", "order_id")

    def __init__(self, text, quantity, key):
        self.text, self.quantity, self.key = text, quantity, key
        # accepted, refused, or unknown: the last is for those without a key only, the others are sent again.
        self.outcome = None
        self.order_id = None

    def request(self):
        body = json.dumps({"stocks": self.text, "quantity": self.quantity}).encode()
        return request("POST", "/orders", [f"Idempotency-Key: {self.key}"] if self.key else [], body)


class Subscriber:
    """Hears the numbered feed from its beginning, at one instance after another."""

    def __init__(self, storm, number, form):
        self._storm, self._number, self._form = storm, number, form
        self._choice = random.Random(storm.seed * 1_000 + number)
        # The events heard, each as its order's number and its state; the first has the sequence 1.
        self.heard = array.array("Q")
        self.comings = 0

    @property
    def last(self):
        """The number of the last event that it has heard."""
        return len(self.heard)

    def _fault(self, text):
        self._storm.fault(f"subscriber {self._number} ({self._form}): {text}")

    async def run(self):
        place = self._number
        while True:
            instance = self._storm.instances[place % len(self._storm.instances)]
            line = Line(instance.port)
            try:
                await line.open()
                if await self._begin(line):
                    self.comings += 1
                    # By itself, too, it goes elsewhere now and then.
                    patience = self._choice.uniform(1, 8)
                    await asyncio.wait_for(self._listen(line), patience)
            except LOST:
                pass
            finally:
                line.close()
            place = self._choice.randrange(len(self._storm.instances))
            await asyncio.sleep(self._choice.uniform(0, 0.1))

    async def _begin(self, line):
        if self._form == "stream":
            line.send(request("GET", "/events", [f"Last-Event-ID: {self.last}"]))
        else:
            key = base64.b64encode(os.urandom(16)).decode()
            fields = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
            line.send(request("GET", f"/ws?since={self.last}", [*fields, f"Sec-WebSocket-Key: {key}"]))
        # A stream's head has no length, so its answer ends with its head.
        status, _, body = await line.answer()
        self._storm.counts[f"{self._form} {status}"] += 1
        if status not in (101, 200, 503):
            self._fault(f"came with {self.last} and was answered {status}: {body!r}")
        return status in (101, 200)

    async def _listen(self, line):
        data = bytearray()
        take = self._take_lines if self._form == "stream" else self._take_frames
        while part := await line.read():
            data += part
            del data[: take(data, line)]

    def _take_frames(self, data, line):
        """Takes the whole frames; how many bytes they were."""
        start = 0
        while len(data) - start >= 2:
            opcode, length = data[start] & 0x0F, data[start + 1]
            if length > 125:
                self._fault(f"a frame of an event is short: {bytes(data[start:start + 20])!r}")
                raise EOFError
            end = start + 2 + length
            if len(data) < end:
                break
            payload = bytes(data[start + 2 : end])
            if opcode == TEXT:
                self._take_event(payload)
            elif opcode == PING:
                line.send(frame(PONG, payload))
            elif opcode == CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if payload else None
                self._storm.counts[f"closed {code}"] += 1
                if code not in (1001, 1013):
                    self._fault(f"closed with {code}")
                raise EOFError
            start = end
        return start

    def _take_lines(self, data, line):
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            if data.startswith(b"data: ", start):
                self._take_event(bytes(data[start + 6 : end]))
            start = end + 1
        return start

    def _take_event(self, text):
        match = NUMBERED.fullmatch(text)
        if not match:
            self._fault(f"not an event: {text!r}")
            raise EOFError
        sequence = int(match[1])
        if sequence != self.last + 1:
            self._fault(f"heard {sequence} after {self.last}")
            raise EOFError
        self.heard.append(int(match[2]) * 4 + STATES[match[3].decode()])


async def end(tasks):
    """Ends what goes on for ever.

    More than one cancellation may be needed: before Python 3.12 a task goes on as if nothing had been said where what
    it waits for (asyncio.wait_for) comes in the same moment.
    """
    while tasks:
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=1)


class Storm:
    """Everybody together. `orders_max` orders are to be accepted, about so many a second."""

    def __init__(self, instances, orders_max, rate, seed):
        self.instances = instances
        self.orders_max, self.rate, self.seed = orders_max, rate, seed
        self.choice = random.Random(seed)
        self.faults = []
        self.counts = collections.Counter()
        # Each order that was ever sent, and the answers to cancellations: 204 or 409 by order.
        self.orders = []
        self.accepted = []
        self.ends = {}
        self.subscribers = [
            Subscriber(self, number, ("socket", "stream")[number // len(instances) % 2])
            for number in range(2 * len(instances))
        ]
        self._cancels = [[] for _ in instances]
        self._again = []

    def fault(self, text):
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(text)

    async def run(self, upset, traders=3):
        """Trades until enough is accepted, while `upset` goes on; the subscribers are left listening."""
        background = [asyncio.create_task(each.run()) for each in self.subscribers]
        background += [asyncio.create_task(self._read(place)) for place in range(len(self.instances))]
        cancelling = [asyncio.create_task(self._cancel(place)) for place in range(len(self.instances))]
        upsetting = asyncio.create_task(upset(self))
        trading = [
            asyncio.create_task(self._trade(place, number))
            for place in range(len(self.instances))
            for number in range(traders)
        ]
        self._pause = len(trading) / self.rate
        try:
            done, _ = await asyncio.wait([*trading, upsetting], return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
            # All is well again: what is still to be cancelled is.
            while any(self._cancels):
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.5)
        finally:
            await end(cancelling)
        return background

    @property
    def is_enough(self):
        return len(self.accepted) >= self.orders_max

    async def _trade(self, place, number):
        """Sends orders, some at once; what its instance cannot take it gives to another, by its key."""
        line = Line(self.instances[place].port)
        name, count = f"{place}.{number}", 0
        due = time.monotonic()
        while not self.is_enough or self._again:
            batch = self._again[:4]
            del self._again[:4]
            while not self.is_enough and len(batch) < self.choice.choice((1, 1, 2, 8)):
                count += 1
                key = f"key-{name}-{count}" if self.choice.random() < 0.5 else None
                batch.append(Order(f"{name}-{count}", self.choice.randrange(1, 1_000), key))
                self.orders.append(batch[-1])
            if batch:
                await self._send(line, batch)
            due += max(1, len(batch)) * self._pause
            # What was missed while all stood still is not made up for.
            due = max(due, time.monotonic() - 1)
            await asyncio.sleep(max(0, due - time.monotonic()))
        line.close()

    async def _send(self, line, batch):
        try:
            await line.open()
        except LOST:
            # None of them was sent.
            for order in batch:
                self._refused(order)
            return
        left = list(batch)
        asking = line.ask(
            [order.request() for order in batch], lambda *answer: self._take(left.pop(0), *answer)
        )
        try:
            await asyncio.wait_for(asking, ANSWER_SECONDS_MAX)
        except LOST:
            line.close()
            self.counts["lost"] += len(left)
            for order in left:
                self._unknown(order)

    def _take(self, order, status, head, body):
        self.counts[f"POST {status}"] += 1
        must_wait = b"\r\nretry-after: 1\r\n" in head
        if status == 201:
            order_id = json.loads(body)["orderId"]
            if order.order_id not in (None, order_id):
                self.fault(f"{order.text} was {order.order_id} and is {order_id}")
            if b"\r\nidempotency-replayed: true\r\n" in head:
                self.counts["replayed"] += 1
                if not order.key:
                    self.fault(f"{order.text} has no key and was replayed")
            order.outcome, order.order_id = "accepted", order_id
            self.accepted.append(order)
            self._perhaps_cancel(order_id)
        elif status == 503:
            if not must_wait:
                self.fault(f"503 without Retry-After: {body!r}")
            self._refused(order)
        elif status == 504:
            if must_wait != bool(order.key):
                self.fault(f"504, key {order.key}, but {head!r}")
            self._unknown(order)
        else:
            self.fault(f"POST was answered {status}: {body!r}")

    def _refused(self, order):
        if order.key:
            self._again.append(order)
        else:
            order.outcome = "refused"

    def _unknown(self, order):
        if order.key:
            self._again.append(order)
        else:
            order.outcome = "unknown"

    # --- cancelling: at any instance, at times at two, at the moment of the execution or long before

    def _perhaps_cancel(self, order_id):
        if self.choice.random() < 0.4:
            at = time.monotonic() + self.choice.uniform(0, 1.1)
            for _ in range(self.choice.choice((1, 1, 1, 2))):
                self._cancel_later(order_id, at)

    def _cancel_later(self, order_id, at):
        heapq.heappush(self.choice.choice(self._cancels), (at, order_id))

    async def _cancel(self, place):
        line = Line(self.instances[place].port)
        heap = self._cancels[place]
        while True:
            batch = []
            while heap and heap[0][0] <= time.monotonic() and len(batch) < 32:
                batch.append(heapq.heappop(heap)[1])
            if not batch:
                await asyncio.sleep(0.01)
                continue
            requests = [request("DELETE", f"/orders/{order_id}") for order_id in batch]
            asking = line.ask(requests, lambda *answer: self._take_end(batch.pop(0), *answer))
            try:
                await asyncio.wait_for(asking, ANSWER_SECONDS_MAX)
            except LOST:
                line.close()
                for order_id in batch:
                    self._cancel_later(order_id, time.monotonic() + 0.1)

    def _take_end(self, order_id, status, head, body):
        self.counts[f"DELETE {status}"] += 1
        if status in (204, 409):
            if self.ends.setdefault(order_id, status) != status:
                self.fault(f"order {order_id} was {self.ends[order_id]} and is {status}")
        elif status == 503 and b"\r\nretry-after: 1\r\n" in head:
            self._cancel_later(order_id, time.monotonic() + 0.1)
        else:
            self.fault(f"DELETE of {order_id} was answered {status}: {body!r}")

    # --- reading: what was accepted anywhere is there at once

    async def _read(self, place):
        line = Line(self.instances[place].port)
        while True:
            await asyncio.sleep(self.choice.uniform(0, 0.1))
            if not self.accepted:
                continue
            order = self.accepted[-1 - min(int(self.choice.expovariate(0.01)), len(self.accepted) - 1)]
            ended = self.ends.get(order.order_id)
            asking = line.ask(
                [request("GET", f"/orders/{order.order_id}")],
                lambda *answer: self._take_order(order, ended, *answer),
            )
            try:
                await asyncio.wait_for(asking, ANSWER_SECONDS_MAX)
            except LOST:
                line.close()

    def _take_order(self, order, ended, status, head, body):
        self.counts[f"GET {status}"] += 1
        if status == 503:
            return
        value = json.loads(body)
        if status != 200 or (value["stocks"], value["quantity"]) != (order.text, order.quantity):
            self.fault(f"order {order.order_id} ({order.text}) reads {status} {body!r}")
        elif ended and value["orderStatus"] != {204: "CANCELLED", 409: "EXECUTED"}[ended]:
            self.fault(f"order {order.order_id} had ended with {ended} and reads {body!r}")
