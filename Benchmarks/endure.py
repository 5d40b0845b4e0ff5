#!/usr/bin/env python3
"""Loads TradeLoop with half of what it can bear, for an hour, and ends with 1 where anything went wrong.

Run it through scripts/endure, which builds what it needs. docs/endurance.md tells what is checked.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
from endurance import judgement, listeners, steady  # noqa: E402
from endurance.listeners import Listener, keep_coming  # noqa: E402
from endurance.steady import SEGMENT_SECONDS, Server, SteadyLoad  # noqa: E402
from endurance.traders import Client, Trader  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
EX_USAGE, EX_UNAVAILABLE = 64, 69
# The three orders that a server begins with, and the number of the first that is placed.
EXAMPLES = {"PENDING": 1, "EXECUTED": 1, "CANCELLED": 1}
FIRST_ID = 4
STEADY_SUBSCRIBERS = 3
POST_SHARE = 0.05
CATCH_UP_SECONDS_MAX = 60
# What a client may still be doing when the load ends: waiting for an answer, leaving.
CROWD_SECONDS_MAX = 90


def say(text=""):
    print(text, flush=True)


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/endure", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60, help="how long, pauses not counted (60)")
    parser.add_argument("--rate", type=float, help="requests per second (half of what is measured first)")
    parser.add_argument("--traders", type=int, default=16, help="clients that check each answer (16)")
    parser.add_argument("--max-orders", type=int, default=10_000_000, help="the server's (10000000)")
    parser.add_argument("--pause-file", type=Path, metavar="PATH", help="the load pauses while it exists")
    parser.add_argument("--seed", type=int, default=1, help="of the clients' choices (1)")
    options = parser.parse_args()
    if options.minutes <= 0 or options.traders < 1 or (options.rate is not None and options.rate <= 0):
        parser.exit(EX_USAGE, "endure: minutes, traders and the rate must be more than 0.\n")
    return options


def binary(variable, name):
    path = Path(os.environ.get(variable) or ROOT / ".build" / "release" / name)
    if not os.access(path, os.X_OK):
        print(f"endure: {path} is not there: build it with scripts/build {name}", file=sys.stderr)
        sys.exit(EX_UNAVAILABLE)
    return path.resolve()


class Faults(list):
    """What went wrong; each is told when it happens, up to a number."""

    def add(self, sentence):
        if len(self) < 1_000:
            self.append(sentence)
        if len(self) <= 50:
            say(f"FAULT  {sentence}")

    def extend(self, sentences):
        for sentence in sentences:
            self.add(sentence)


class Book:
    """What all traders know together."""

    def __init__(self, faults):
        self.faults = faults
        self.placed = set()
        self.cancelled = set()
        self.answers = 0
        self.slowest_seconds = 0.0
        self.stored = len(EXAMPLES)
        self.has_pages = False

    def answered(self, seconds):
        self.answers += 1
        self.slowest_seconds = max(self.slowest_seconds, seconds)


class Gate:
    """Whether there is to be load: clients wait here while there is not."""

    def __init__(self, pause_file):
        self.pause_file = pause_file
        self.is_over = False
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.paused_seconds = 0.0

    async def wait(self):
        await self.is_open.wait()

    async def watch(self, load):
        while not self.is_over:
            is_paused = self.pause_file is not None and self.pause_file.exists()
            if is_paused and self.is_open.is_set():
                self.is_open.clear()
                began = time.monotonic()
            elif not is_paused and not self.is_open.is_set():
                self.paused_seconds += time.monotonic() - began
                self.is_open.set()
            if is_paused:
                # Again and again: one may have been about to start.
                load.stop()
            await asyncio.sleep(0.2)

    def end(self):
        self.is_over = True
        self.is_open.set()


class Run:
    """One run, from the server's start to its end."""

    def __init__(self, options, server, load):
        self.options = options
        self.server = server
        self.load = load
        self.faults = Faults()
        self.book = Book(self.faults)
        self.gate = Gate(options.pause_file)
        self.client = Client(server)
        self.samples = []

    async def health(self):
        """The server's own counts, less those that it began with."""
        status, _, body = await self.client.ask("GET", "/health")
        if status != 200:
            self.faults.add(f"/health: {status}")
        health = json.loads(body)
        self.book.stored = sum(health["orders"].values())
        health["orders"] = {name: count - EXAMPLES[name] for name, count in health["orders"].items()}
        return health

    async def begin(self):
        status, _, body = await self.client.ask("GET", "/orders?limit=2")
        self.book.has_pages = status == 200 and len(json.loads(body)) == 2
        self.steady = [
            await Listener.connect(self.server, f"steady subscriber {number}", since=FIRST_ID)
            for number in range(1, STEADY_SUBSCRIBERS + 1)
        ]

    async def measure(self):
        """Requests per second: a rate that was asked for, or half of what the server and this load reach."""
        if self.options.rate:
            return self.options.rate
        await self.gate.wait()
        figures = await self.load.run(5, connections=64)
        if figures is None:
            return await self.measure()
        capacity = figures["requestsPerSecond"]
        say(f"capacity  {capacity:,.0f} requests/s; half of it is asked for")
        return capacity / 2

    async def go(self):
        await self.begin()
        watching = asyncio.ensure_future(self.gate.watch(self.load))
        rate = await self.measure()
        # Never more orders than the server stores, with those that come in warm-ups and from traders.
        affordable = 0.7 * self.options.max_orders / (self.options.minutes * 60)
        post_rate = min(rate * POST_SHARE, affordable)
        say(f"load  {rate - post_rate:,.0f} GET/s, {post_rate:,.0f} POST/s, {self.options.traders} traders, "
            f"{STEADY_SUBSCRIBERS} steady subscribers, 6 that pass, 4 slow, 4 that vanish; "
            f"lists {'by page' if self.book.has_pages else 'whole, or in part once they are long'}")
        crowd = self.crowd()
        try:
            await self.minutes(rate - post_rate, post_rate)
        finally:
            self.gate.end()
            await watching
            await self.end_of(crowd)
        await self.finish()

    async def end_of(self, crowd):
        done, late = await asyncio.wait(crowd, timeout=CROWD_SECONDS_MAX)
        self.faults.extend(f"a client has not come to its end: {task}" for task in late)
        for task in late:
            task.cancel()
        # A client that fails by itself has checked nothing since.
        self.faults.extend(repr(task.exception()) for task in done if task.exception())

    def crowd(self):
        seed = self.options.seed
        tasks = [
            Trader(self.server, number, self.book, seed).run(self.gate)
            for number in range(1, self.options.traders + 1)
        ]
        for kind, count in ((listeners.come_and_go, 6), (listeners.dawdle, 4), (listeners.vanish, 4)):
            for number in range(1, count + 1):
                tasks.append(keep_coming(kind, self.server, self.gate, self.faults, seed, number))
        return [asyncio.ensure_future(task) for task in tasks]

    # --- minutes

    async def minutes(self, get_rate, post_rate):
        say("minute  requests/s  GET p50/p99/p99.9 ms     POST p50/p99/p99.9 ms    cpu   resident  files"
            "  conns  orders     events: server / heard by the last")
        left = self.options.minutes
        minute = 0
        while left > 1e-9:
            minute += 1
            part = min(1.0, left)
            left -= part
            await self.minute(minute, part * 60, get_rate, post_rate)

    async def minute(self, minute, seconds, get_rate, post_rate):
        count = max(1, round(seconds / SEGMENT_SECONDS))
        gets, posts = [], []
        answers, active = self.book.answers, 0.0
        cpu = self.server.cpu_seconds
        wall = time.monotonic()
        while len(gets) < count:
            await self.gate.wait()
            began = time.monotonic()
            # A tenth of a run is its warm-up.
            length = round(seconds / count / 1.1, 3)
            get, post = await asyncio.gather(
                self.load.run(length, rate=get_rate, connections=64, bursts=True),
                self.load.run(length, rate=post_rate, connections=8, post=True, bursts=True),
                return_exceptions=True)
            active += time.monotonic() - began
            for figures in (get, post):
                if isinstance(figures, BaseException):
                    self.faults.add(f"tradeloop-load: {figures}")
                elif figures:
                    self.judge_steady(figures)
            if isinstance(get, BaseException) or isinstance(post, BaseException):
                if self.server.process.returncode is not None:
                    raise RuntimeError("the server has ended")
                await asyncio.sleep(1)
                count -= 1
            elif get and post:
                gets.append(get)
                posts.append(post)
        share = (self.server.cpu_seconds - cpu) / (time.monotonic() - wall)
        steadily = sum(each["requestsPerSecond"] for each in gets + posts) / max(1, len(gets))
        await self.tell(minute, steadily + (self.book.answers - answers) / active, gets, posts, share)

    def judge_steady(self, figures):
        if figures["failures"]:
            self.faults.add(f"tradeloop-load: {figures['failures']:.0f} answers were not right")
        if figures["unanswered"]:
            self.faults.add(f"tradeloop-load: {figures['unanswered']:.0f} requests had no answer 30 s after the last")

    async def tell(self, minute, rate, gets, posts, share):
        health = await self.health()
        events = judgement.events_of(health["orders"])
        self.samples.append((minute, self.server.resident_bytes, self.book.stored))
        await self.catch_up(events)
        heard = min(each.ledger.heard for each in self.steady)
        times = ["/".join(f"{value:.2f}" for value in steady.latencies(each) or (0, 0, 0)) for each in (gets, posts)]
        say(f"{minute:6}  {rate:10,.0f}  {times[0]:23}  {times[1]:23}  {share:4.0%}"
            f"  {self.samples[-1][1] / judgement.MIB:6.1f}MB  {self.server.descriptors:5}"
            f"  {health['connections']:5}  {self.book.stored:9,}  {events:,} / {heard:,}")

    async def catch_up(self, events):
        """Whoever listens steadily hears what the server has counted, a moment later."""
        deadline = time.monotonic() + CATCH_UP_SECONDS_MAX
        for each in self.steady:
            while each.ledger.heard < events and not each.is_over.done():
                if time.monotonic() > deadline:
                    self.faults.add(f"{each.ledger.name}: heard {each.ledger.heard} of {events} events")
                    break
                await asyncio.sleep(0.05)
            if each.is_over.done():
                self.faults.add(f"{each.ledger.name}: cut off with {each.reader.close_code}")

    # --- the end

    async def finish(self):
        """All orders end, all events are heard, the server is told to stop, and everything is judged."""
        deadline = time.monotonic() + CATCH_UP_SECONDS_MAX
        while (health := await self.health())["orders"]["PENDING"] and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
        orders = health["orders"]
        await self.catch_up(judgement.events_of(orders))
        self.client.close()
        status = await self.server.stop()
        if status != 0:
            self.faults.add(f"server: ended with {status} after SIGTERM: {self.server.log[-3:]}")
        for each in self.steady:
            await asyncio.wait([each.is_over], timeout=CATCH_UP_SECONDS_MAX)
            if each.reader.close_code != 1001:
                self.faults.add(f"{each.ledger.name}: its last word was {each.reader.close_code}, not 1001")
            self.faults.extend(judgement.judge_end(each.ledger, orders, FIRST_ID))
            self.faults.extend(judgement.judge_cancelled(each.ledger, self.book.cancelled))
        self.faults.extend(judgement.judge_growth(self.samples))
        say(f"orders  {sum(orders.values()):,} placed: {orders['EXECUTED']:,} executed, "
            f"{orders['CANCELLED']:,} cancelled, {len(self.book.cancelled):,} of them by a trader who was told so")
        say(f"events  {judgement.events_of(orders):,} by the server's count, "
            f"heard: {', '.join(f'{each.ledger.heard:,}' for each in self.steady)}")
        say(f"traders  {self.book.answers:,} answers checked, the slowest after {self.book.slowest_seconds:.2f} s")
        say(f"memory  {judgement.growth_sentence(self.samples)}")
        if self.gate.paused_seconds:
            say(f"paused  {self.gate.paused_seconds:.0f} s")


async def run(options):
    server_binary, load_binary = binary("TRADELOOP_BIN", "tradeloop"), binary("TRADELOOP_LOAD_BIN", "tradeloop-load")
    server = await Server.start(str(server_binary), "--max-orders", str(options.max_orders))
    load = SteadyLoad(load_binary, server)
    began = time.monotonic()
    one = Run(options, server, load)
    try:
        await one.go()
    except (RuntimeError, OSError, asyncio.TimeoutError, asyncio.IncompleteReadError) as error:
        one.faults.add(f"the run broke off: {type(error).__name__} {error}; {server.log[-3:]}")
    finally:
        one.gate.end()
        load.stop()
        if server.process.returncode is None:
            await server.stop()
    say(f"{'FAILED' if one.faults else 'ok'}  {len(one.faults)} faults in {(time.monotonic() - began) / 60:.1f} minutes")
    return 1 if one.faults else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(run(arguments())))
