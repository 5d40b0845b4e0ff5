"""Subscribers: steady ones that hear all of a run, and others that come, dawdle, vanish and go."""

import asyncio
import os
import random
import socket
import struct

from .judgement import EventLedger, FrameReader

HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: {authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
CLOSE_SECONDS_MAX = 20
SMALL_BUFFER_BYTES = 4_096


def masked(opcode, payload=b""):
    """A whole frame of a client's."""
    key = os.urandom(4)
    body = bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))
    return bytes([0x80 | opcode, 0x80 | len(payload)]) + key + body


class Listener(asyncio.Protocol):
    """One subscriber that reads as fast as it can."""

    def __init__(self, ledger, authority):
        self.ledger = ledger
        self.reader = FrameReader(ledger)
        self.authority = authority
        self.is_open = asyncio.get_running_loop().create_future()
        self.is_over = asyncio.get_running_loop().create_future()
        self.head = b""
        self.is_leaving = False

    @classmethod
    async def connect(cls, server, name, since=None):
        loop = asyncio.get_running_loop()
        make = lambda: cls(EventLedger(name, since), server.authority)  # noqa: E731
        _, listener = await loop.create_connection(make, server.host, server.port)
        await asyncio.wait_for(listener.is_open, CLOSE_SECONDS_MAX)
        return listener

    def connection_made(self, transport):
        self.transport = transport
        transport.write(HANDSHAKE.format(authority=self.authority).encode())

    def data_received(self, data):
        if not self.is_open.done():
            self.head += data
            head, end, data = self.head.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101 "):
                self.is_open.set_exception(ConnectionError(f"not let in: {head[:200]!r}"))
                return
            self.is_open.set_result(None)
        for payload in self.reader.read(data):
            self.transport.write(masked(0xA, payload))
        if self.reader.close_code is not None and not self.is_leaving:
            self.is_leaving = True
            self.transport.write(masked(0x8, struct.pack(">H", self.reader.close_code)))

    def connection_lost(self, error):
        if not self.is_open.done():
            self.is_open.set_exception(error or ConnectionError("closed in the handshake"))
        self.is_over.set_result(error)

    async def leave(self):
        """Ends it as RFC 6455 has it: the server answers the close and ends the connection."""
        if not self.is_over.done():
            self.is_leaving = True
            self.transport.write(masked(0x8, struct.pack(">H", 1000)))
        await asyncio.wait_for(asyncio.shield(self.is_over), CLOSE_SECONDS_MAX)
        if self.reader.close_code != 1000:
            self.ledger.fault(f"its close was answered with {self.reader.close_code}")


async def come_and_go(server, gate, chance, record, number):
    """Hears some seconds of the feed."""
    listener = await Listener.connect(server, f"passing subscriber {number}")
    await asyncio.sleep(chance.uniform(0.2, 8))
    await listener.leave()
    record.extend(listener.ledger.faults)


async def raw_subscriber(server):
    """A subscriber's socket with as little room as the kernel gives, and what it was sent with its 101."""
    loop = asyncio.get_running_loop()
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES)
        connection.setblocking(False)
        await loop.sock_connect(connection, (server.host, server.port))
        await loop.sock_sendall(connection, HANDSHAKE.format(authority=server.authority).encode())
        head = b""
        while b"\r\n\r\n" not in head:
            data = await asyncio.wait_for(loop.sock_recv(connection, 512), CLOSE_SECONDS_MAX)
            if not data:
                raise ConnectionError("closed in the handshake")
            head += data
    except BaseException:
        connection.close()
        raise
    head, _, rest = head.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 101 "):
        connection.close()
        raise ConnectionError(f"not let in: {head[:200]!r}")
    return connection, rest


async def dawdle(server, gate, chance, record, number):
    """Reads some bytes at a time, far too slowly; what it does hear is right, and it may be told 1013."""
    loop = asyncio.get_running_loop()
    ledger = EventLedger(f"slow subscriber {number}")
    reader = FrameReader(ledger)
    connection, rest = await raw_subscriber(server)
    with connection:
        reader.read(rest)
        deadline = loop.time() + chance.uniform(20, 70)
        while loop.time() < deadline and not gate.is_over:
            try:
                data = await asyncio.wait_for(loop.sock_recv(connection, 200), 30)
            except (ConnectionResetError, asyncio.TimeoutError):
                break
            if not data:
                break
            reader.read(data)
            await asyncio.sleep(0.2)
    if reader.close_code not in (None, 1013):
        ledger.fault(f"closed with {reader.close_code}")
    record.extend(ledger.faults)


async def vanish(server, gate, chance, record, number):
    """Goes away without a word: in the middle of a frame, a handshake, a request, an answer."""
    loop = asyncio.get_running_loop()
    handshake = HANDSHAKE.format(authority=server.authority).encode()
    order = f"POST /orders HTTP/1.1\r\nHost: {server.authority}\r\nContent-Length: 31\r\n\r\n".encode()
    beginnings = (
        handshake + masked(0x2, b"x" * 100)[: chance.randint(1, 100)],
        handshake[: chance.randint(1, len(handshake) - 1)],
        order + b'{"stocks":'[: chance.randint(0, 10)],
        f"GET /orders HTTP/1.1\r\nHost: {server.authority}\r\n\r\n".encode(),
    )
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.setblocking(False)
        await loop.sock_connect(connection, (server.host, server.port))
        await loop.sock_sendall(connection, chance.choice(beginnings))
        await asyncio.sleep(chance.uniform(0, 2))
        if chance.random() < 0.5:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def keep_coming(kind, server, gate, record, seed, number):
    """One place that is always taken by some subscriber of a kind."""
    chance = random.Random(f"{seed} {kind.__name__} {number}")
    while not gate.is_over:
        await gate.wait()
        if gate.is_over:
            return
        try:
            await kind(server, gate, chance, record, number)
        except (OSError, ConnectionError, asyncio.TimeoutError) as error:
            record.add(f"{kind.__name__} {number}: {type(error).__name__} {error}")
        await asyncio.sleep(chance.uniform(0.05, 0.5))
