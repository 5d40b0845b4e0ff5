"""A raw-socket HTTP/1.1 client: sends any bytes, and reads responses as strictly as RFC 9112 allows."""

from __future__ import annotations

import email.utils
import json
import re
import socket
import struct

# Long enough for a busy machine; a test that means to wait longer says so.
TIMEOUT_SECONDS = 15

STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-9]\d\d) ([\t\x20-\x7e]*)")
FIELD_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x21-\x7e\x80-\xff \t]*?)[ \t]*")
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})(;[\x20-\x7e\t]*)?")
IMF_FIXDATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}"
    r" \d\d:\d\d:\d\d GMT"
)


class Broken(AssertionError):
    """The peer sent something that is not HTTP/1.1, or closed in the middle of it."""


class Closed(Broken):
    """The peer closed the connection before the first byte of what was expected."""


def no_duplicates(pairs):
    members = dict(pairs)
    assert len(members) == len(pairs), f"a member is doubled: {pairs}"
    return members


def refuse_constant(name):
    raise AssertionError(f"{name} is not JSON")


def strict_json(body):
    """The value of UTF-8 JSON text; doubled members and NaN are refused."""
    return json.loads(body.decode("utf-8"), object_pairs_hook=no_duplicates, parse_constant=refuse_constant)


class Response:
    def __init__(self, status, reason, fields):
        self.status = status
        self.reason = reason
        self.fields = fields
        self.body = b""

    def __repr__(self):
        lines = "".join(f"\n  {name}: {value}" for name, value in self.fields)
        return f"<{self.status} {self.reason}{lines}\n  {self.body[:2000]!r}>"

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def header(self, name):
        """The one value of a header, or None; doubled is a fault."""
        values = self.all(name)
        if len(values) > 1:
            raise Broken(f"{name} is doubled: {values}")
        return values[0] if values else None

    def tokens(self, name):
        """A comma-separated header as a set of lower-case tokens."""
        return {
            token.strip().lower() for value in self.all(name) for token in value.split(",") if token.strip()
        }

    @property
    def media_type(self):
        return (self.header("Content-Type") or "").split(";")[0].strip().lower()

    def json(self):
        return strict_json(self.body)


def request_bytes(method, target, headers=(), body=None, version="HTTP/1.1", host="127.0.0.1"):
    """A request as bytes. `Host` and `Content-Length` are added unless the headers name them."""
    headers = list(headers)
    names = {name.lower() for name, _ in headers}
    if "host" not in names and host is not None:
        headers.insert(0, ("Host", host))
    if isinstance(body, str):
        body = body.encode("utf-8")
    if body is not None and not names & {"content-length", "transfer-encoding"}:
        headers.append(("Content-Length", str(len(body))))
    lines = [f"{method} {target} {version}"] + [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


def chunked(*chunks, trailers=b"", extension=b""):
    """The chunked coding of the given pieces."""
    coded = b"".join(b"%x%s\r\n%s\r\n" % (len(chunk), extension, chunk) for chunk in chunks)
    return coded + b"0" + extension + b"\r\n" + trailers + b"\r\n"


class Connection:
    def __init__(self, host, port, timeout=TIMEOUT_SECONDS):
        self.host = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def half_close(self):
        """Says that nothing more will be sent, and goes on listening."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Goes away as a crashed client does: with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def hang_up(self):
        """Ends both directions; wakes a thread that is sending."""
        self.socket.shutdown(socket.SHUT_RDWR)

    def send(self, data):
        self.socket.sendall(data)

    def send_as_much_as_taken(self, data):
        """Sends until all is sent or the peer stops taking: it may refuse before it has read all."""
        try:
            self.socket.sendall(data)
        except OSError:
            pass

    def send_request(self, method, target, headers=(), body=None, version="HTTP/1.1"):
        self.send(request_bytes(method, target, headers, body, version, host=self.host))

    def ask(self, method, target, headers=(), body=None):
        self.send_request(method, target, headers, body)
        return self.read_response(method)

    def _fill(self):
        """Receives once; False at the end of the stream. A reset ends it as well as a close does."""
        try:
            data = self.socket.recv(262_144)
        except ConnectionResetError:
            return False
        except socket.timeout:
            raise Broken(
                f"nothing came for {self.socket.gettimeout()} s after {bytes(self.received[-200:])!r}"
            )
        self.received += data
        return bool(data)

    def read_exactly(self, count):
        while len(self.received) < count:
            if not self._fill():
                kind = Broken if self.received else Closed
                raise kind(
                    f"closed after {len(self.received)} of {count} bytes: {bytes(self.received[:200])!r}"
                )
        data = bytes(self.received[:count])
        del self.received[:count]
        return data

    def read_line(self):
        start = 0
        while True:
            end = self.received.find(b"\n", start)
            if end >= 0:
                break
            start = len(self.received)
            if not self._fill():
                kind = Broken if self.received else Closed
                raise kind(f"closed in a line: {bytes(self.received[:200])!r}")
        line = bytes(self.received[: end + 1])
        del self.received[: end + 1]
        if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
            raise Broken(f"a line must end with CRLF: {line!r}")
        return line[:-2]

    def _read_fields(self):
        fields = []
        while True:
            line = self.read_line()
            if not line:
                return fields
            match = FIELD_LINE.fullmatch(line)
            if not match:
                raise Broken(f"not a header line: {line!r}")
            fields.append((match.group(1).decode("ascii"), match.group(2).decode("latin-1")))

    def read_head(self):
        line = self.read_line()
        match = STATUS_LINE.fullmatch(line)
        if not match:
            raise Broken(f"not a status line: {line!r}")
        return Response(int(match.group(1)), match.group(2).decode("ascii"), self._read_fields())

    def read_response(self, method="GET"):
        """The next final response. Framing, and the fields every response must have, are checked."""
        response = self.read_head()
        while response.status < 200 and response.status != 101:
            response = self.read_head()
        self._read_body(response, method)
        return response

    def _read_body(self, response, method):
        lengths, codings = response.all("Content-Length"), response.all("Transfer-Encoding")
        if 200 <= response.status < 500:
            date = response.header("Date")
            if date is None or not IMF_FIXDATE.fullmatch(date) or not email.utils.parsedate(date):
                raise Broken(f"Date is missing or wrong: {response}")
        if response.status in (101, 204) and (lengths or codings):
            raise Broken(f"{response.status} must not announce a body: {response}")
        if method == "HEAD" or response.status in (101, 204, 304):
            return
        if len(lengths) + len(codings) != 1:
            raise Broken(f"exactly one of Content-Length and Transfer-Encoding is needed: {response}")
        if lengths:
            if not re.fullmatch(r"0|[1-9][0-9]*", lengths[0]):
                raise Broken(f"malformed Content-Length: {response}")
            response.body = self.read_exactly(int(lengths[0]))
        else:
            if codings != ["chunked"]:
                raise Broken(f"unknown transfer coding: {response}")
            response.body = self._read_chunks()

    def _read_chunks(self):
        body = bytearray()
        while True:
            line = self.read_line()
            match = CHUNK_LINE.fullmatch(line)
            if not match:
                raise Broken(f"not a chunk size: {line!r}")
            size = int(match.group(1), 16)
            if size == 0:
                self._read_fields()
                return bytes(body)
            body += self.read_exactly(size)
            if self.read_line():
                raise Broken("a chunk must end with CRLF")

    def expect_end(self):
        """The peer closes the connection without another byte."""
        while self._fill():
            pass
        if self.received:
            raise Broken(f"unexpected bytes before the end: {bytes(self.received[:500])!r}")

    def expect_silence(self, seconds):
        """Nothing comes, and the connection stays open, for that long."""
        assert not self.received, f"unexpected bytes: {bytes(self.received[:500])!r}"
        timeout = self.socket.gettimeout()
        self.socket.settimeout(seconds)
        try:
            data = self.socket.recv(4096)
            raise Broken(f"expected silence, got {data!r}")
        except socket.timeout:
            pass
        finally:
            self.socket.settimeout(timeout)
