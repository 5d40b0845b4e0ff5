"""What is right and what is wrong: nothing here opens a socket, so that each rule can be tested by itself."""

import re

MIB = 1_048_576
# Resident bytes that a stored order accounts for while it is pending, the most that it ever takes.
ORDER_BYTES = 33
# The most that a process at work may hold for reasons other than orders once it has been warmed up: the
# kernel's and the allocator's pages, and what slow readers make a server hold.
SLACK_BYTES = 16 * MIB

NOTHING, PENDING, EXECUTED, CANCELLED = 0, 1, 2, 3
STATUSES = {b"PENDING": PENDING, b"EXECUTED": EXECUTED, b"CANCELLED": CANCELLED}
NAMES = {number: name.decode() for name, number in STATUSES.items()}

TEXT, CLOSE, PING = 0x81, 0x88, 0x89
EVENT = re.compile(rb'\x81([\x00-\x7d])\{"orderId": ([1-9]\d*), "orderStatus": "(PENDING|EXECUTED|CANCELLED)"\}')
# More faults than this say nothing new.
FAULTS_MAX = 20


class EventLedger:
    """What one subscriber has heard, and whether it may have been so.

    Orders are numbered in the order in which they are placed, so each PENDING names the order after the one
    before. Each order is PENDING first, then EXECUTED or CANCELLED, each once. `since` is the first order that
    can be placed once the subscriber listens, where that is known: then nothing may come of any other. Where
    it is not, orders from before the first PENDING may have an end, once.
    """

    def __init__(self, name, since=None):
        self.name = name
        self.since = since
        self.next_id = since
        self.states = bytearray()
        self.base = since
        self.earlier_ends = set()
        self.counts = {PENDING: 0, EXECUTED: 0, CANCELLED: 0}
        self.faults = []

    def fault(self, sentence):
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(f"{self.name}: {sentence}")

    @property
    def heard(self):
        """How many events."""
        return sum(self.counts.values())

    def state(self, order_id):
        index = order_id - self.base if self.base is not None else -1
        return self.states[index] if 0 <= index < len(self.states) else NOTHING

    def hear(self, order_id, status):
        self.counts[status] += 1
        if status == PENDING:
            self._hear_pending(order_id)
            return
        if self.base is None or order_id < self.base:
            if self.since is not None:
                self.fault(f"order {order_id} is {NAMES[status]}, which was none of this run's")
            elif order_id in self.earlier_ends:
                self.fault(f"order {order_id} has ended twice")
            self.earlier_ends.add(order_id)
            return
        before = self.state(order_id)
        if before == NOTHING:
            self.fault(f"order {order_id} is {NAMES[status]} and never was PENDING")
        elif before != PENDING:
            self.fault(f"order {order_id} is {NAMES[status]} after it was {NAMES[before]}")
        else:
            self.states[order_id - self.base] = status

    def _hear_pending(self, order_id):
        if self.next_id is None:
            self.base = self.next_id = order_id
            if order_id in self.earlier_ends:
                self.fault(f"order {order_id} is PENDING after it has ended")
        if order_id > self.next_id:
            self.fault(f"orders {self.next_id} to {order_id - 1} were never PENDING")
            self.states.extend(bytes(order_id - self.next_id))
            self.next_id = order_id
        if order_id < self.next_id:
            self.fault(f"order {order_id} is PENDING again")
            return
        self.states.append(PENDING)
        self.next_id += 1

    def open_orders(self):
        """How many orders have been PENDING and nothing since."""
        return self.states.count(PENDING)


class FrameReader:
    """Cuts what a server sends to a subscriber into frames, and tells a ledger of the events."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.rest = b""
        self.close_code = None

    def read(self, data):
        """Takes bytes in; the payloads of pings that are to be answered come out."""
        data = self.rest + data if self.rest else data
        pings = []
        position, end = 0, len(data)
        match, hear = EVENT.match, self.ledger.hear
        while position < end:
            found = match(data, position)
            if found and found[1][0] == found.end() - position - 2:
                hear(int(found[2]), STATUSES[found[3]])
                position = found.end()
                continue
            if end - position < 2:
                break
            kind, length = data[position], data[position + 1]
            if length > 125:
                self.ledger.fault(f"not a frame of this feed: {data[position : position + 80]!r}")
                position = end
                break
            if end - position < 2 + length:
                break
            payload = data[position + 2 : position + 2 + length]
            self._read_other(kind, payload, pings)
            position += 2 + length
        self.rest = data[position:]
        return pings

    def _read_other(self, kind, payload, pings):
        if self.close_code is not None:
            self.ledger.fault("something came after the close frame")
        elif kind == PING:
            pings.append(payload)
        elif kind == CLOSE and len(payload) >= 2:
            self.close_code = int.from_bytes(payload[:2], "big")
        else:
            self.ledger.fault(f"not an event: {kind:#x} {payload[:80]!r}")


def judge_memory(samples, first_bytes, first_orders, slack_bytes=SLACK_BYTES):
    """Faults of what a server held, as (minute, resident bytes, orders stored), beside what it held at first."""
    faults = []
    for minute, resident, orders in samples:
        grown = resident - first_bytes
        allowed = ORDER_BYTES * (orders - first_orders) + slack_bytes
        if grown > allowed:
            faults.append(
                f"memory: {grown / MIB:.1f} MiB more in minute {minute} than after the first; {orders - first_orders}"
                f" orders account for {(allowed - slack_bytes) / MIB:.1f} MiB, and {slack_bytes / MIB:.0f} are slack"
            )
    return faults


def judge_end(ledger, counts, first_id):
    """Faults of what a subscriber heard in all, beside the server's own counts of orders by status.

    `counts` are those of the server's health, less those that it began with; all orders have ended.
    """
    faults = list(ledger.faults)
    placed = sum(counts.values())
    expected = {PENDING: placed, EXECUTED: counts["EXECUTED"], CANCELLED: counts["CANCELLED"]}
    for status, count in expected.items():
        if ledger.counts[status] != count:
            faults.append(f"{ledger.name}: heard {NAMES[status]} {ledger.counts[status]} times, not {count}")
    if counts["PENDING"]:
        faults.append(f"server: {counts['PENDING']} orders have not ended")
    if ledger.open_orders() != counts["PENDING"]:
        faults.append(f"{ledger.name}: {ledger.open_orders()} orders have not ended for it")
    if placed and ledger.next_id != first_id + placed:
        faults.append(f"{ledger.name}: the last order heard of is {ledger.next_id - 1}, not {first_id + placed - 1}")
    return faults


def judge_cancelled(ledger, cancelled):
    """Faults of orders of which a client was told that it has cancelled them."""
    wrong = [order_id for order_id in cancelled if ledger.state(order_id) != CANCELLED]
    if not wrong:
        return []
    return [f"{ledger.name}: never heard that {len(wrong)} cancelled orders were, such as {wrong[0]}"]


def events_of(counts):
    """How many events there have been for orders of these states."""
    return sum(counts.values()) + counts["EXECUTED"] + counts["CANCELLED"]


# The first minute warms a server up: buffers, the event ring and the allocator get their size.
def judge_growth(samples):
    """Faults of a run's memory, with its first minute as what all others are held against."""
    if len(samples) < 2:
        return []
    _, first_bytes, first_orders = samples[0]
    return judge_memory(samples[1:], first_bytes, first_orders)


def growth_sentence(samples):
    """What came of a run's memory."""
    if len(samples) < 2:
        return "not judged: one minute is needed to warm up and one to compare"
    (_, first_bytes, first_orders), (_, last_bytes, last_orders) = samples[0], samples[-1]
    orders = last_orders - first_orders
    grown = last_bytes - first_bytes
    each = f", {grown / orders:.1f} bytes each" if orders else ""
    return f"{grown / MIB:.1f} MiB more than after the first minute, with {orders:,} more orders{each}"
