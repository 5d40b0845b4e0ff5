"""What scripts/endure calls right and wrong, and that it says so: it must be able to fail."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

import pytest

from kit import vitals
from kit.expect import event_text
from kit.frames import CLOSE, PING, TEXT, close_payload, frame

BENCHMARKS = pathlib.Path(__file__).resolve().parents[2] / "Benchmarks"
sys.path.insert(0, str(BENCHMARKS))

from endurance import judgement  # noqa: E402
from endurance.judgement import MIB, EventLedger, FrameReader  # noqa: E402


def text(order_id, status):
    return frame(TEXT, event_text(order_id, status), key=None)


def read(data, since=4, step=None):
    """A ledger that has read frames, all at once or so many bytes at a time."""
    ledger = EventLedger("subscriber", since)
    reader = FrameReader(ledger)
    for start in range(0, len(data), step or len(data)):
        reader.read(data[start : start + (step or len(data))])
    return ledger


def frames(*events):
    return b"".join(text(order_id, status) for order_id, status in events)


GOOD = (
    (4, "PENDING"),
    (5, "PENDING"),
    (4, "EXECUTED"),
    (6, "PENDING"),
    (6, "CANCELLED"),
    (5, "EXECUTED"),
)
COUNTS = {"PENDING": 0, "EXECUTED": 2, "CANCELLED": 1}


@pytest.mark.parametrize("step", [None, 1, 7, 47])
def test_what_is_right_has_no_fault(step):
    ledger = read(frames(*GOOD), step=step)
    assert ledger.faults == [] and ledger.heard == 6
    assert judgement.events_of(COUNTS) == 6
    assert judgement.judge_end(ledger, COUNTS, 4) == []
    assert judgement.judge_cancelled(ledger, {6}) == []


@pytest.mark.parametrize("place", range(len(GOOD)))
def test_an_event_that_is_doubled_is_a_fault(place):
    ledger = read(frames(*GOOD[: place + 1], *GOOD[place:]))
    assert ledger.faults != []
    assert judgement.judge_end(ledger, COUNTS, 4) != []


@pytest.mark.parametrize("place", range(len(GOOD)))
def test_an_event_that_is_lost_is_a_fault(place):
    ledger = read(frames(*GOOD[:place], *GOOD[place + 1 :]))
    assert judgement.judge_end(ledger, COUNTS, 4) != []


@pytest.mark.parametrize(
    "events, fault",
    [
        (((4, "EXECUTED"),), "never was PENDING"),
        (((5, "PENDING"),), "orders 4 to 4 were never PENDING"),
        (((4, "PENDING"), (4, "EXECUTED"), (4, "CANCELLED")), "CANCELLED after it was EXECUTED"),
        (((4, "PENDING"), (5, "PENDING"), (4, "PENDING")), "order 4 is PENDING again"),
        (((3, "EXECUTED"),), "none of this run's"),
    ],
)
def test_an_order_that_goes_another_way_is_a_fault(events, fault):
    assert fault in " ".join(read(frames(*events)).faults)


def test_who_comes_later_hears_ends_of_earlier_orders_once():
    assert read(frames((7, "EXECUTED"), (9, "PENDING"), (8, "CANCELLED")), since=None).faults == []
    assert read(frames((7, "EXECUTED"), (9, "PENDING"), (7, "CANCELLED")), since=None).faults != []
    assert read(frames((9, "EXECUTED"), (9, "PENDING")), since=None).faults != []


@pytest.mark.parametrize(
    "data",
    [
        frame(TEXT, event_text(4, "PENDING").replace(" ", ""), key=None),
        frame(TEXT, event_text(4, "PENDING") + " ", key=None),
        frame(TEXT, event_text(4, "pending"), key=None),
        frame(0x2, event_text(4, "PENDING"), key=None),
        frame(TEXT, event_text(4, "PENDING"), fin=False, key=None),
        frame(TEXT, event_text(4, "PENDING")),
        frame(TEXT, b"x" * 200, key=None),
        text(4, "PENDING")[:-1] + text(5, "PENDING"),
        frame(CLOSE, close_payload(1001), key=None) + text(4, "PENDING") + frame(PING, b"", key=None),
    ],
)
def test_what_is_not_an_event_is_a_fault(data):
    assert read(data).faults != [] or judgement.judge_end(read(data), COUNTS, 4) != []


def test_pings_and_closes_are_understood_between_events():
    ledger = EventLedger("subscriber", 4)
    reader = FrameReader(ledger)
    pings = reader.read(text(4, "PENDING") + frame(PING, b"hi", key=None) + text(4, "EXECUTED"))
    assert pings == [b"hi"] and ledger.heard == 2 and reader.close_code is None
    reader.read(frame(CLOSE, close_payload(1001), key=None))
    assert reader.close_code == 1001 and ledger.faults == []


def test_the_servers_own_counts_have_to_agree():
    ledger = read(frames(*GOOD))
    for name in COUNTS:
        assert judgement.judge_end(ledger, {**COUNTS, name: COUNTS[name] + 1}, 4) != [], name
    assert judgement.judge_cancelled(ledger, {5}) != []
    assert judgement.judge_cancelled(ledger, {7}) != []


def test_memory_may_grow_by_what_orders_take_and_the_slack():
    orders = 1_000_000
    taken = judgement.ORDER_BYTES * orders
    allowed = 20 * MIB + taken + judgement.SLACK_BYTES
    first = (1, 20 * MIB, 100)
    assert judgement.judge_growth([first]) == []
    assert judgement.judge_growth([first, (2, 20 * MIB, 100), (3, allowed, 100 + orders)]) == []
    assert judgement.judge_growth([first, (2, allowed + 1, 100 + orders), (3, 20 * MIB, 100 + orders)]) != []
    assert judgement.judge_growth([first, (2, 20 * MIB + judgement.SLACK_BYTES + 1, 100)]) != []


# --- the tool itself


def endure(server_binary, load_binary, *arguments):
    return subprocess.run(
        [sys.executable, BENCHMARKS / "endure.py", "--minutes", "0.05", "--rate", "200", *arguments],
        env={**os.environ, "TRADELOOP_BIN": str(server_binary), "TRADELOOP_LOAD_BIN": str(load_binary)},
        capture_output=True,
        text=True,
        timeout=55,
    )


@pytest.fixture
def load_binary(tradeloop_binary):
    path = pathlib.Path(os.environ.get("TRADELOOP_LOAD_BIN") or tradeloop_binary.parent / "tradeloop-load")
    if not vitals.IS_KNOWN or not os.access(path, os.X_OK):
        pytest.skip("needs Linux's /proc and scripts/build tradeloop-load")
    return path


def test_some_seconds_are_endured(tradeloop_binary, load_binary):
    done = endure(tradeloop_binary, load_binary)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^ok  0 faults", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"^ +1 +[\d,]+ ", done.stdout, re.MULTILINE), done.stdout


def test_a_server_that_dies_is_a_fault(tradeloop_binary, load_binary, tmp_path):
    mortal = tmp_path / "mortal"
    mortal.write_text(f'#!/bin/sh\n"{tradeloop_binary}" "$@" &\nserver=$!\nsleep 2\nkill -KILL $server\nwait\n')
    mortal.chmod(0o755)
    done = endure(mortal, load_binary)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FAULT" in done.stdout
