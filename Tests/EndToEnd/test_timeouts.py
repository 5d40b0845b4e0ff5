"""Time to send a head or a body, idle connections, and feeds whose client is dead.

The waiting is done while the other tests run (see kit/patience.py), so these come last.
"""

from __future__ import annotations

import pytest

from kit.expect import assert_problem
from kit.frames import PING, PONG
from kit.patience import CROWD

pytestmark = pytest.mark.limit(200)

# A client on a slow line needs some seconds; none may be cut off before.
LEAST_SECONDS = 4


@pytest.mark.parametrize(
    "name",
    ["silent in the head", "silent in the body", "a head in drops", "a body in drops", "asked for its body"],
)
def test_a_request_that_takes_too_long(patient_watch, name):
    seen = patient_watch.seen(name)
    assert seen.response is not None, f"closed without an answer after {seen.ended_after:.1f} s"
    assert_problem(seen.response, 408)
    assert "close" in seen.response.tokens("Connection")
    assert seen.ended_after >= LEAST_SECONDS


@pytest.mark.parametrize("name", ["many silent in the head", "many silent in the body"])
def test_many_requests_that_take_too_long_at_once(patient_watch, name):
    seen = patient_watch.seen(name)
    assert len(seen.answers) == CROWD
    assert {answer[:13] for answer in seen.answers} == {b"HTTP/1.1 408 "}
    assert seen.ended_after >= LEAST_SECONDS


def test_a_client_that_takes_nothing_is_dropped(patient_watch):
    assert patient_watch.seen("takes nothing").ended_after >= LEAST_SECONDS


@pytest.mark.parametrize("name", ["idle from the start", "idle after an answer"])
def test_an_idle_connection_is_closed(patient_watch, name):
    seen = patient_watch.seen(name)
    # A 408 to nobody in particular may come first (RFC 9110 section 15.5.9); better is nothing.
    assert seen.response is None or seen.response.status == 408, seen.response
    assert seen.ended_after >= LEAST_SECONDS


def test_a_dead_feed_is_pinged_and_dropped(patient_watch):
    seen = patient_watch.seen("a dead feed")
    assert [frame.opcode for frame in seen.frames][:1] == [PING], seen.frames
    assert seen.ended_after >= LEAST_SECONDS


def test_a_live_feed_is_kept(patient_watch):
    seen = patient_watch.seen("a live feed")
    assert [frame.opcode for frame in seen.frames] == [PING, PING, PONG], seen.frames


def test_the_server_is_well_after_all_that(patient_watch):
    patient_watch.server.assert_serves()
    assert len(patient_watch.server.orders()) == 3
