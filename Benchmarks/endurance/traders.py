"""Traders: clients that know what each of their requests has to be answered with."""

import asyncio
import json
import random
import re
import time

ANSWER_SECONDS_MAX = 30
# A list is read to its end while it is no longer than this, and only in part when it is.
LISTED_MAX = 20_000
LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n", re.IGNORECASE)
NEXT_PAGE = re.compile(rb'\r\nLink: <(/orders\?[^>]*)>; rel="next"\r\n', re.IGNORECASE)


class WrongAnswer(Exception):
    """An answer that cannot be right."""


class Client:
    """One connection that asks one thing at a time."""

    def __init__(self, server):
        self.server = server
        self.reader = self.writer = None

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection(self.server.host, self.server.port, limit=1 << 20)

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None

    async def ask(self, method, target, body=b""):
        """The status, head and body of an answer."""
        return await asyncio.wait_for(self._ask(method, target, body), ANSWER_SECONDS_MAX)

    async def _ask(self, method, target, body):
        if self.writer is None:
            await self.open()
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        head = f"{method} {target} HTTP/1.1\r\nHost: {self.server.authority}\r\n{length}\r\n"
        self.writer.write(head.encode() + body)
        head = await self.reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 "):
            raise WrongAnswer(f"not an answer: {head[:200]!r}")
        status = int(head[9:12])
        found = LENGTH.search(head)
        if found:
            return status, head, await self.reader.readexactly(int(found[1]))
        if status == 204:
            return status, head, b""
        if b"\r\ntransfer-encoding: chunked\r\n" not in head.lower():
            raise WrongAnswer(f"an answer without a length: {head[:500]!r}")
        return status, head, await self._chunks()

    async def _chunks(self):
        body = bytearray()
        while True:
            size = int(await self.reader.readuntil(b"\r\n"), 16)
            chunk = await self.reader.readexactly(size + 2)
            if not chunk.endswith(b"\r\n"):
                raise WrongAnswer(f"a chunk ends with {chunk[-2:]!r}")
            if size == 0:
                return bytes(body)
            body += chunk[:-2]


class Trader:
    """Places, cancels, gets and lists, one thing after another, and checks every answer to the byte."""

    def __init__(self, server, number, book, seed):
        self.chance = random.Random(f"{seed} trader {number}")
        self.client = Client(server)
        self.name = f"trader {number}"
        self.book = book
        # Its orders of late: id, stocks, quantity, and what it knows of their end.
        self.orders = []
        self.pause_seconds = 0.01

    async def run(self, gate):
        kinds = (self.place, self.get, self.cancel, self.list, self.ask_wrongly, self.health)
        while True:
            await gate.wait()
            if gate.is_over:
                break
            (kind,) = self.chance.choices(kinds, (30, 40, 15, 3, 10, 2))
            begun = time.monotonic()
            try:
                await kind()
                self.book.answered(time.monotonic() - begun)
            except asyncio.TimeoutError:
                self.fault(kind, f"no answer within {ANSWER_SECONDS_MAX} s")
            except (WrongAnswer, OSError, asyncio.IncompleteReadError, ValueError) as error:
                self.fault(kind, f"{type(error).__name__} {error}")
            if self.chance.random() < 0.002:
                self.client.close()
            await asyncio.sleep(self.pause_seconds * self.chance.uniform(0.2, 1.8))
        self.client.close()

    def fault(self, kind, sentence):
        self.book.faults.add(f"{self.name}, {kind.__name__}: {sentence}")
        self.client.close()

    @staticmethod
    def text(order_id, status, stocks, quantity):
        quoted = json.dumps(stocks, ensure_ascii=False)
        return (
            f'{{"orderId": {order_id}, "orderStatus": "{status}", "stocks": {quoted}, "quantity": {quantity}}}'
        ).encode()

    @staticmethod
    def expect(condition, what, answer):
        if not condition:
            raise WrongAnswer(f"{what}: {answer[0]} {answer[2][:300]!r}")

    async def place(self):
        stocks = self.chance.choice(("AAPL", "MSFT", "GÖÖG", "A much longer name than most", "価格"))
        quantity = self.chance.randint(1, 10**6)
        body = json.dumps({"stocks": stocks, "quantity": quantity}).encode()
        answer = await self.client.ask("POST", "/orders", body)
        status, head, body = answer
        self.expect(status == 201, "an order", answer)
        order_id = json.loads(body)["orderId"]
        self.expect(body == self.text(order_id, "PENDING", stocks, quantity), "an order", answer)
        self.expect(f"\r\nLocation: /orders/{order_id}\r\n".encode() in head, "a location", answer)
        self.expect(order_id not in self.book.placed, "an order's number, twice", answer)
        self.book.placed.add(order_id)
        self.orders.append([order_id, stocks, quantity, None])
        del self.orders[:-200]

    async def get(self):
        if not self.orders:
            return await self.place()
        order = self.chance.choice(self.orders)
        answer = await self.client.ask("GET", f"/orders/{order[0]}")
        may_be = [order[3]] if order[3] else ["PENDING", "EXECUTED"]
        for status in may_be:
            if answer[2] == self.text(order[0], status, order[1], order[2]) and answer[0] == 200:
                order[3] = status if status != "PENDING" else None
                return
        self.expect(False, f"order {order[0]}, which is {' or '.join(may_be)}", answer)

    async def cancel(self):
        if not self.orders:
            return await self.place()
        order = self.chance.choice(self.orders[-20:])
        answer = await self.client.ask("DELETE", f"/orders/{order[0]}")
        expected = {"EXECUTED": (409,), "CANCELLED": (204,), None: (204, 409)}[order[3]]
        self.expect(answer[0] in expected, f"cancelling order {order[0]}, {order[3]}", answer)
        if order[3] is None and answer[0] == 204:
            self.book.cancelled.add(order[0])
        order[3] = "CANCELLED" if answer[0] == 204 else "EXECUTED"

    async def ask_wrongly(self):
        method, target, body, expected = self.chance.choice((
            ("GET", "/orders/99999999999", b"", 404),
            ("GET", "/orders/one", b"", 400),
            ("GET", "/nothing", b"", 404),
            ("POST", "/orders", b'{"stocks":"","quantity":0}', 400),
            ("POST", "/orders", b'{"stocks":"AAPL"', 400),
            ("DELETE", "/orders/2", b"", 409),
            ("GET", "/ws", b"", 426),
        ))
        answer = await self.client.ask(method, target, body)
        self.expect(answer[0] == expected, f"{method} {target}", answer)

    async def health(self):
        answer = await self.client.ask("GET", "/health")
        self.expect(answer[0] == 200 and json.loads(answer[2])["status"] == "ok", "health", answer)

    async def list(self):
        if self.book.has_pages:
            await self._list_pages()
        elif self.book.stored <= LISTED_MAX:
            answer = await self.client.ask("GET", "/orders")
            self.expect(answer[0] == 200, "the list", answer)
            ids = [order["orderId"] for order in json.loads(answer[2])]
            self.expect(ids == list(range(1, len(ids) + 1)), "the list's numbers", answer)
        else:
            await self._list_in_part()

    async def _list_pages(self):
        after = self.chance.randint(0, max(0, self.book.stored - 300))
        target, limit = f"/orders?limit=100&after={after}", 100
        for _ in range(3):
            answer = await self.client.ask("GET", target)
            self.expect(answer[0] == 200, target, answer)
            ids = [order["orderId"] for order in json.loads(answer[2])]
            expected = list(range(after + 1, after + 1 + len(ids)))
            self.expect(ids == expected and len(ids) <= limit, target, answer)
            found = NEXT_PAGE.search(answer[1])
            self.expect(not found or len(ids) == limit, target, answer)
            if not found:
                return
            target, after = found[1].decode(), ids[-1]

    async def _list_in_part(self):
        """A client that has seen enough of a long list and goes."""
        client = Client(self.client.server)
        await client.open()
        try:
            client.writer.write(f"GET /orders HTTP/1.1\r\nHost: {client.server.authority}\r\n\r\n".encode())
            head = await asyncio.wait_for(client.reader.readuntil(b"\r\n\r\n"), ANSWER_SECONDS_MAX)
            part = await asyncio.wait_for(client.reader.readexactly(300_000), ANSWER_SECONDS_MAX)
            answer = int(head[9:12]), head, part[:300]
            self.expect(answer[0] == 200 and b'[{"orderId": 1, "orderStatus": ' in part[:100], "the list", answer)
        finally:
            client.close()
