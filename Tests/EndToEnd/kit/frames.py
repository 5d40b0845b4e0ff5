"""WebSocket frames by hand (RFC 6455), for what no library would send."""

from __future__ import annotations

import base64
import hashlib
import os
import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

# The example key of RFC 6455 section 1.3; its answer is s3pPLMBiTxaQ9kYGzzhZRbK+xOo=.
EXAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept_of(key):
    return base64.b64encode(hashlib.sha1((key + ACCEPT_SUFFIX).encode("ascii")).digest()).decode("ascii")


def handshake_headers(key=EXAMPLE_KEY, version="13"):
    """What makes a GET a handshake; None leaves a header out."""
    headers = [("Upgrade", "websocket"), ("Connection", "Upgrade")]
    if key is not None:
        headers.append(("Sec-WebSocket-Key", key))
    if version is not None:
        headers.append(("Sec-WebSocket-Version", version))
    return headers


def masked(payload, key):
    if key == b"\0\0\0\0":
        return payload
    count = len(payload)
    pattern = (key * (count // 4 + 1))[:count]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(pattern, "big")).to_bytes(count, "big")


def frame(opcode, payload=b"", fin=True, reserved=0, key=b"\x37\xfa\x21\x3d", announced=None):
    """One frame. `key=None` leaves it unmasked; `announced` is a length other than the payload's."""
    if isinstance(payload, str):
        payload = payload.encode("utf-8")
    length = len(payload) if announced is None else announced
    mask_bit = 0 if key is None else 0x80
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    if length < 126:
        head += bytes([mask_bit | length])
    elif length < 65_536:
        head += bytes([mask_bit | 126]) + struct.pack(">H", length)
    else:
        head += bytes([mask_bit | 127]) + struct.pack(">Q", length)
    return head + (payload if key is None else key + masked(payload, key))


def close_payload(code, reason=""):
    return struct.pack(">H", code) + reason.encode("utf-8")


class Frame:
    def __init__(self, opcode, payload, fin):
        self.opcode = opcode
        self.payload = payload
        self.fin = fin

    def __repr__(self):
        return f"<frame {self.opcode:#x} fin={self.fin} {len(self.payload)} bytes {self.payload[:100]!r}>"

    @property
    def close_code(self):
        return struct.unpack(">H", self.payload[:2])[0] if self.payload else None


class FrameClient:
    """A WebSocket over a raw connection; every frame from the server is checked by RFC 6455 section 5.2."""

    def __init__(self, server, path="/ws", headers=(), together_with=b"", key=None):
        self.connection = server.connect()
        key = key or base64.b64encode(os.urandom(16)).decode("ascii")
        lines = [f"GET {path} HTTP/1.1", f"Host: {server.authority}"]
        lines += [f"{name}: {value}" for name, value in handshake_headers(key) + list(headers)]
        self.connection.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + together_with)
        self.response = self.connection.read_response()
        assert self.response.status == 101, self.response
        assert (self.response.header("Upgrade") or "").lower() == "websocket", self.response
        assert "upgrade" in self.response.tokens("Connection"), self.response
        assert self.response.header("Sec-WebSocket-Accept") == accept_of(key), self.response
        # Neither was offered, so neither may be chosen (section 4.1).
        assert self.response.header("Sec-WebSocket-Extensions") is None, self.response
        assert self.response.header("Sec-WebSocket-Protocol") is None, self.response

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def send(self, opcode, payload=b"", **options):
        self.connection.send(frame(opcode, payload, **options))

    def send_bytes(self, data):
        self.connection.send(data)

    def read(self):
        head = self.connection.read_exactly(2)
        assert head[0] & 0x70 == 0, f"a reserved bit is set: {head!r}"
        assert head[1] & 0x80 == 0, f"a server must not mask: {head!r}"
        opcode, length = head[0] & 0x0F, head[1]
        assert opcode in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG), f"unknown opcode: {head!r}"
        if opcode >= CLOSE:
            assert head[0] & 0x80 and length < 126, f"a control frame is short and whole: {head!r}"
        if length == 126:
            length = struct.unpack(">H", self.connection.read_exactly(2))[0]
            assert length >= 126, "the length is not in its shortest form"
        elif length == 127:
            length = struct.unpack(">Q", self.connection.read_exactly(8))[0]
            assert length >= 65_536, "the length is not in its shortest form"
        return Frame(opcode, self.connection.read_exactly(length), bool(head[0] & 0x80))

    def read_message(self):
        """The next whole data message: its opcode and payload. Pings are answered on the way."""
        opcode, payload = None, b""
        while True:
            next_frame = self.read()
            if next_frame.opcode == PING:
                self.send(PONG, next_frame.payload)
                continue
            assert next_frame.opcode < CLOSE, next_frame
            assert (next_frame.opcode == CONTINUATION) == (opcode is not None), next_frame
            opcode = next_frame.opcode if opcode is None else opcode
            payload += next_frame.payload
            if next_frame.fin:
                return opcode, payload

    def expect_text(self, text):
        opcode, payload = self.read_message()
        assert (opcode, payload.decode("utf-8")) == (TEXT, text)

    def expect_pong(self, payload):
        answer = self.read()
        assert (answer.opcode, answer.payload) == (PONG, payload), answer

    def expect_close(self, *codes):
        """The server closes with one of these codes; the close is answered and the connection ends."""
        closing = self.read()
        assert closing.opcode == CLOSE and closing.close_code in codes, f"{closing} {closing.close_code}"
        closing.payload[2:].decode("utf-8")
        self.connection.send_as_much_as_taken(frame(CLOSE, closing.payload[:2]))
        self.connection.expect_end()
        return closing

    def close(self, code=1000):
        """A close handshake that the client begins; the server echoes the code and ends the connection."""
        self.send(CLOSE, close_payload(code))
        answer = self.read()
        assert answer.opcode == CLOSE and answer.close_code == code, answer
        self.connection.expect_end()
