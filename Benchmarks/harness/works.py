"""The works: what each contestant is made to do, and which figures come of it."""

import statistics
import time
from dataclasses import dataclass

from . import contestants, load, machine
from .contestants import Failure

CONNECTIONS = 64
#: Orders that are to stay pending get a delay that no run outlasts.
LONG_DELAYS = {"MIN_DELAY_MS": "3600000", "MAX_DELAY_MS": "7200000"}
OPEN_LOOP_RATE = 4_000
FEED_RATE = 100


@dataclass(frozen=True)
class Point:
    """One setting of a work. Those not in the table are for the plots: they get fewer rounds."""

    label: str
    value: int = 0
    in_table: bool = True
    in_quick: bool = True


@dataclass(frozen=True)
class Column:
    key: str
    heading: str
    unit: str = ""


@dataclass(frozen=True)
class Work:
    name: str
    title: str
    run: object
    points: tuple
    columns: tuple
    #: Which of a contestant's commands is started: get, post or feed.
    mode: str = "get"
    #: More than this many rounds tell nothing new (memory hardly varies).
    rounds_max: int = 1_000
    #: Whether each contestant is measured beside the floor: see paired.py.
    is_paired: bool = False

    @property
    def decisive(self):
        return self.columns[0]


CPU = Column("serverCPUMicrosecondsPerRequest", "CPU/request", "us")
CPU_FRAME = Column("serverCPUMicrosecondsPerFrame", "CPU/frame", "us")
REQUESTS = Column("requestsPerSecond", "requests/s", "rate")
FRAMES = Column("framesPerSecond", "frames/s", "rate")
ORDERS = Column("ordersPerSecond", "orders/s", "rate")
P50 = Column("latencyP50Microseconds", "p50", "us")
P99 = Column("latencyP99Microseconds", "p99", "us")
BUSY = Column("serverBusyPercent", "core busy", "%")


def points(values, table, quick, unit):
    return tuple(
        Point(f"{value:,} {unit}{'' if value == 1 else 's'}", value, value in table, value in quick)
        for value in values
    )


class Bench:
    """The means of a run: cores, load, and how long each measurement takes."""

    def __init__(self, driver, server_core, load_core, seconds, is_quick):
        self.load = driver
        self.server_core = server_core
        self.load_core = load_core
        self.seconds = seconds
        self.is_quick = is_quick
        self.warm_seconds = 1
        #: Orders of the warm-up fall due while the feed is measured, as they do in a server that has run on.
        self.feed_warm_seconds = 2 if is_quick else 5
        #: Shares of a core that neither server nor load used while something was measured.
        self.foreign_percents = []

    def serve(self, contestant, mode, **environment):
        return contestants.Server(contestant, mode, self.server_core, environment)

    def observed(self, server, measure):
        """Runs a measurement and adds how busy the server kept its core; notes what others took of it."""
        core, cpu = machine.core_busy_seconds(self.server_core), machine.cpu_nanoseconds(server.pid)
        started = time.monotonic()
        figures = measure()
        elapsed = time.monotonic() - started
        cpu = (machine.cpu_nanoseconds(server.pid) - cpu) / 1e9
        core = machine.core_busy_seconds(self.server_core) - core
        self.foreign_percents.append(round(max(0.0, core - cpu) / elapsed * 100, 1))
        figures["serverBusyPercent"] = cpu / elapsed * 100
        return figures


def run_wrk(bench, contestant, wanted, is_post=False):
    found = {}
    with bench.serve(contestant, "post" if is_post else "get") as server:
        bench.load.wrk(server, bench.warm_seconds, CONNECTIONS, is_post)
        for point in wanted:
            found[point.label] = bench.observed(
                server, lambda: bench.load.wrk(server, bench.seconds, point.value, is_post)
            )
    return found


def run_get(bench, contestant, wanted):
    return run_wrk(bench, contestant, wanted)


def run_post(bench, contestant, wanted):
    return run_wrk(bench, contestant, wanted, is_post=True)


def run_pipeline(bench, contestant, wanted):
    found = {}
    with bench.serve(contestant, "get") as server:
        bench.load.wrk(server, bench.warm_seconds, CONNECTIONS)
        for point in wanted:
            found[point.label] = bench.observed(
                server,
                lambda: bench.load.ours(
                    "requests", server, bench.seconds, connections=CONNECTIONS, depth=point.value
                ),
            )
    return found


def run_latency(bench, contestant, wanted):
    with bench.serve(contestant, "get") as server:
        bench.load.wrk(server, bench.warm_seconds, CONNECTIONS)
        return {
            point.label: bench.observed(
                server,
                lambda: bench.load.ours(
                    "requests", server, bench.seconds, connections=CONNECTIONS, rate=point.value
                ),
            )
            for point in wanted
        }


def feed(bench, server, seconds, **options):
    figures = bench.load.ours("feed", server, seconds, **options)
    if options["subscribers"] == 0:
        del figures["serverCPUMicrosecondsPerFrame"]
    time.sleep(0.3)  # what is still on its way to the subscribers that have left
    return figures


def run_feed(bench, contestant, wanted, depth):
    found = {}
    with bench.serve(contestant, "feed") as server:
        for point in wanted:
            feed(bench, server, bench.feed_warm_seconds, subscribers=point.value, depth=depth)
            found[point.label] = bench.observed(
                server, lambda: feed(bench, server, bench.seconds, subscribers=point.value, depth=depth)
            )
    return found


def run_feed_saturation(bench, contestant, wanted):
    return run_feed(bench, contestant, wanted, depth=1)


def run_feed_pipelined(bench, contestant, wanted):
    return run_feed(bench, contestant, wanted, depth=16)


def run_feed_rate(bench, contestant, wanted):
    found = {}
    with bench.serve(contestant, "feed") as server:
        for point in wanted:

            def measure(seconds):
                return feed(bench, server, seconds, subscribers=point.value, rate=FEED_RATE)

            measure(bench.feed_warm_seconds)
            # 100 orders a second: a p99 of fewer than 500 of them is the luck of five.
            seconds = bench.seconds if bench.is_quick else max(5, bench.seconds)
            found[point.label] = bench.observed(server, lambda: measure(seconds))
    return found


def run_idle(bench, contestant, wanted):
    found = {}
    for point in wanted:
        options = {"web_socket": True} if "WebSocket" in point.label else {}
        with bench.serve(contestant, "feed" if options else "get") as server:
            # What a server makes once is not a connection's.
            bench.load.ours("requests", server, 0.3, connections=CONNECTIONS)
            bench.load.ours("connections", server, 0.1, count=CONNECTIONS, **options)
            time.sleep(0.2)
            found[point.label] = bench.load.ours("connections", server, 1, count=point.value, **options)
    return found


def run_orders(bench, contestant, wanted):
    found = {}
    seconds_max = 20 if bench.is_quick else 90
    with bench.serve(contestant, "post", **LONG_DELAYS) as server:
        bench.load.ours("requests", server, 0.3, connections=CONNECTIONS)
        for _ in load.place_orders(server, [500], seconds_max):
            pass
        before = machine.resident_bytes(server.pid)
        marks = [point.value for point in wanted]
        for point, (placed, seconds) in zip(wanted, load.place_orders(server, marks, seconds_max)):
            time.sleep(0.2)
            resident = machine.resident_bytes(server.pid) - before
            found[point.label] = {
                "serverResidentBytesPerOrder": resident / max(1, placed),
                "serverResidentBytes": resident,
                "orders": placed,
                "placedPerSecond": placed / max(1e-9, seconds),
            }
        # A server that is too slow for the last mark is shown at the number it has reached.
        last = wanted[-1].label
        if last not in found and found:
            found[last] = dict(list(found.values())[-1])
    return found


def run_start(bench, contestant, wanted):
    times = [
        contestants.start_seconds(contestant, "get", bench.server_core, bench.load_core)
        for _ in range(3 if bench.is_quick else 10)
    ]
    return {
        wanted[0].label: {
            "startMilliseconds": statistics.median(times) * 1e3,
            "startMinMilliseconds": min(times) * 1e3,
        }
    }


# A server that is traced is slow: in a second, what connections cost at their beginning and end would still be seen.
SYSCALLS_SECONDS_MIN = 15


def run_syscalls(bench, contestant, wanted):
    found = {}
    for point in wanted:
        is_post = point.label == "POST"
        with bench.serve(contestant, "post" if is_post else "get") as server:
            bench.load.wrk(server, bench.warm_seconds, CONNECTIONS, is_post)
            count = bench.load.system_calls(server, max(bench.seconds, SYSCALLS_SECONDS_MIN), is_post)
            found[point.label] = {"systemCallsPerRequest": count}
    return found


DEPTHS = points((1, 4, 16, 64, 128, 256), (16, 64, 128, 256), (1, 16, 64, 256), "request")
SUBSCRIBERS = points((10, 30, 100, 300, 1_000), (1_000,), (10, 100, 1_000), "subscriber")
IDLE = tuple(
    Point(f"{count:,} {kind}", count, count == 10_000, count in (1_000, 10_000))
    for kind in ("HTTP", "WebSocket")
    for count in (1_000, 2_500, 5_000, 10_000)
)

WORKS = (
    Work(
        "get",
        "GET /orders/1, one at a time on each connection (wrk)",
        run_get,
        points((1, 4, 16, 64, 256, 1_024), (64,), (1, 64, 1_024), "connection"),
        (CPU, REQUESTS, P50, P99, BUSY),
    ),
    Work(
        "pipeline",
        "GET /orders/1, pipelined on 64 connections (tradeloop-load)",
        run_pipeline,
        DEPTHS,
        (CPU, REQUESTS, P50, P99, BUSY),
    ),
    Work(
        "post",
        "POST /orders, 64 connections (wrk)",
        run_post,
        points((64,), (64,), (64,), "connection"),
        (CPU, REQUESTS, P50, P99, BUSY),
        mode="post",
    ),
    *(
        Work(
            f"{method.lower()}-paired",
            f"{method}, 64 connections: beside the floor, both kept running and asked in turn (wrk)",
            None,
            points((CONNECTIONS,), (CONNECTIONS,), (CONNECTIONS,), "connection"),
            (
                Column("timesFloor", "x floor, of pairs", "x"),
                Column("timesFloorError", "error", "n"),
                Column("pairs", "pairs", "count"),
                CPU,
                REQUESTS,
                BUSY,
            ),
            mode=method.lower(),
            is_paired=True,
        )
        for method in ("GET", "POST")
    ),
    Work(
        "syscalls",
        "System calls per request, 64 connections (strace, wrk)",
        run_syscalls,
        (Point("GET"), Point("POST")),
        (Column("systemCallsPerRequest", "calls/request", "n"),),
        rounds_max=1,
    ),
    Work(
        "latency",
        f"GET /orders/1 at {OPEN_LOOP_RATE:,} requests/s, 64 connections, open loop",
        run_latency,
        (Point("open loop", OPEN_LOOP_RATE, False),),
        (P50, P99, Column("latencyP99.9Microseconds", "p99.9", "us"), CPU, BUSY),
    ),
    Work(
        "feed-saturation",
        "Feed: one order after another",
        run_feed_saturation,
        SUBSCRIBERS,
        (CPU_FRAME, FRAMES, ORDERS, P50, P99, BUSY),
        mode="feed",
    ),
    Work(
        "feed-pipelined",
        "Feed: 16 orders pipelined",
        run_feed_pipelined,
        points((100,), (100,), (100,), "subscriber"),
        (CPU_FRAME, FRAMES, ORDERS, P50, P99, BUSY),
        mode="feed",
    ),
    Work(
        "feed-rate",
        f"Feed: {FEED_RATE} orders/s, open loop",
        run_feed_rate,
        points((0, 1_000), (0, 1_000), (0, 1_000), "subscriber"),
        (
            P99,
            P50,
            Column("postP50Microseconds", "POST p50", "us"),
            Column("postP99Microseconds", "POST p99", "us"),
            CPU_FRAME,
            BUSY,
        ),
        mode="feed",
    ),
    Work(
        "idle",
        "Memory of idle connections",
        run_idle,
        IDLE,
        (
            Column("serverResidentBytesPerConnection", "bytes each", "bytes"),
            Column("serverResidentBytes", "resident", "bytes"),
        ),
        rounds_max=1,
    ),
    Work(
        "orders",
        "Memory of pending orders",
        run_orders,
        tuple(
            Point(f"{count:,} orders", count, count == 1_000_000, count <= 100_000 or count == 1_000_000)
            for count in (10_000, 100_000, 250_000, 500_000, 1_000_000)
        ),
        (
            Column("serverResidentBytesPerOrder", "bytes each", "bytes"),
            Column("orders", "orders", "count"),
            Column("serverResidentBytes", "more resident", "bytes"),
            Column("placedPerSecond", "placed/s", "rate"),
        ),
        mode="post",
        rounds_max=1,
    ),
    Work(
        "start",
        "From exec to the first answer",
        run_start,
        (Point("start"),),
        (Column("startMilliseconds", "median", "ms"), Column("startMinMilliseconds", "least", "ms")),
        rounds_max=3,
    ),
)


def takes_part(work, contestant):
    """The floor stores no orders and serves no feed with the wrong one of its two programs."""
    if work.name == "orders" and contestant.is_floor:
        return False
    if contestant.name == "floor-each":
        return work.mode == "feed"
    return contestant.is_for(work.mode)


__all__ = ["Bench", "Failure", "Point", "WORKS", "takes_part"]
