#!/usr/bin/env python3
"""What a market costs that instances share through Redis: 1, 2 and 4 of them beside one in memory, in one run.

    Benchmarks/shared.py [--seconds 3] [--rounds 3] [--fsync no,everysec,always] [--instances 1,2,4] [--json FILE]

It starts redis-servers and instances of its own. Redis keeps to the first core and the load to the last; the instances
share those between, or where there is none the load's. Redis' own limit is shown by redis-benchmark, which runs the
script that places orders with the arguments that an instance gives it. Build with
`scripts/build tradeloop tradeloop-load`; redis-server and redis-tools have to be there. Benchmarks/shared.md tells what
the figures mean.
"""

import argparse
import ast
import contextlib
import csv
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.dont_write_bytecode = True
from harness import machine  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[1]
RELEASE = ROOT / ".build" / "release"
TRADELOOP = os.environ.get("TRADELOOP_BIN", RELEASE / "tradeloop")
LOAD = os.environ.get("TRADELOOP_LOAD_BIN", RELEASE / "tradeloop-load")
CORES = sorted(os.sched_getaffinity(0))
REDIS_CORE, LOAD_CORE = CORES[0], CORES[-1]
INSTANCE_CORES = CORES[1:-1] or [LOAD_CORE]
CONNECTIONS = 64
COUNTERS = ("commands", "writes", "sent_bytes", "received_bytes")

# Each work: its name, what it is, the flags of the load, and those of the instances.
LATER = ("--min-delay-ms", 600_000, "--max-delay-ms", 600_000)
SOON = ("--min-delay-ms", 100, "--max-delay-ms", 500)
WORKS = (
    ("get", "GET one order", (), LATER),
    ("post", "POST", ("--post",), LATER),
    ("post-16", "POST, 16 in a packet", ("--post", "--depth", 16), LATER),
    ("get-16", "GET one order, 16 in a packet", ("--depth", 16), LATER),
    ("life", "POST, executed after 0.1 to 0.5 s", ("--post", "--depth", 16), SOON),
    ("rate", "POST, 1,000 a second", ("--post", "--rate", 1_000, "--bursts"), ()),
)


def pinned(core):
    return machine.pinned(core)


class Redis:
    """A redis-server with a folder of its own."""

    def __init__(self, fsync, *settings):
        self.port = machine.free_port()
        self.folder = tempfile.mkdtemp(prefix="tradeloop-bench-")
        durable = ["--appendonly", "no"] if fsync is None else ["--appendonly", "yes", "--appendfsync", fsync]
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder]
            + ["--save", "", "--loglevel", "warning", *durable, *settings],
            stdout=subprocess.DEVNULL,
            preexec_fn=pinned(REDIS_CORE),
        )
        while self.cli("PING", check=False) != "PONG":
            time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def cli(self, *words, check=True):
        done = subprocess.run(
            ["redis-cli", "-p", str(self.port), *map(str, words)], capture_output=True, text=True, check=check
        )
        return done.stdout.strip()

    def info(self, name):
        return int(re.search(rf"^{name}:(\d+)", self.cli("INFO", "everything"), re.M)[1])

    def cpu_nanoseconds(self):
        return machine.cpu_nanoseconds(self.process.pid)


class Instance:
    def __init__(self, core, *flags):
        self.process = subprocess.Popen(
            [TRADELOOP, "--port", "0", "--log-level", "warning", *map(str, flags)],
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=pinned(core),
        )
        self.url = re.search(r"http://\S+", self.process.stdout.readline())[0]
        deadline = time.monotonic() + 10
        while not self.answers():
            if time.monotonic() > deadline:
                sys.exit(f"shared: {self.url} does not serve orders")
            time.sleep(0.02)

    def answers(self):
        try:
            return self.get("/orders/1") is not None
        except OSError:
            return False

    def get(self, path):
        return urllib.request.urlopen(self.url + path, timeout=10).read().decode()

    def place(self):
        urllib.request.urlopen(self.url + "/orders", b'{"stocks":"AAPL","quantity":10}', timeout=10).read()

    def counters(self):
        """What it has said to Redis and heard from it; nothing where it does not use it."""
        text = self.get("/metrics")
        found = {name: re.search(rf"^tradeloop_redis_{name}_total (\d+)", text, re.M) for name in COUNTERS}
        return {name: int(match[1]) if match else 0 for name, match in found.items()}

    def end(self):
        self.process.terminate()
        self.process.wait(10)


@contextlib.contextmanager
def instances(count, redis, *flags):
    at = ("--redis", redis.url) if redis else ()
    found = [Instance(INSTANCE_CORES[number % len(INSTANCE_CORES)], *at, *flags) for number in range(count)]
    try:
        yield found
    finally:
        for each in found:
            each.end()


def measure(work, count, redis, seconds):
    """The figures of one work at so many instances, all loaded at once."""
    _, _, flags, settings = work
    flags = list(flags)
    if "--rate" in flags:
        place = flags.index("--rate") + 1
        flags[place] /= count
    with instances(count, redis, *settings) as running:
        before = [each.counters() for each in running]
        spent = redis.cpu_nanoseconds() if redis else 0
        loads = [
            subprocess.Popen(
                [LOAD, "requests", "--url", each.url, "--pid", str(each.process.pid), "--quiet"]
                + ["--connections", str(CONNECTIONS // count), "--seconds", str(seconds), "--json", "-"]
                + [str(flag) for flag in flags],
                stdout=subprocess.PIPE,
                preexec_fn=pinned(LOAD_CORE),
            )
            for each in running
        ]
        found = [json.loads(each.communicate()[0]) for each in loads]
        spent = (redis.cpu_nanoseconds() if redis else 0) - spent
        after = [each.counters() for each in running]
    failures = sum(each["failures"] + each.get("unanswered", 0) for each in found)
    if failures:
        print(f"shared: {failures:.0f} requests failed at {work[0]}, {count} instances", file=sys.stderr)
    # The counters and Redis' time span the warm-up as well, which is a tenth.
    requests = sum(each["requests"] for each in found) * 1.1
    figures = {
        "requestsPerSecond": sum(each["requestsPerSecond"] for each in found),
        "p50Microseconds": statistics.median(each["latencyP50Microseconds"] for each in found),
        "p99Microseconds": max(each["latencyP99Microseconds"] for each in found),
        "instanceCPUMicroseconds": sum(
            each["serverCPUMicrosecondsPerRequest"] * each["requests"] for each in found
        )
        / max(1, sum(each["requests"] for each in found)),
        "failures": failures,
    }
    if redis:
        figures["redisCPUMicroseconds"] = spent / 1_000 / requests
        for name in COUNTERS:
            figures[name] = sum(now[name] - then[name] for then, now in zip(before, after)) / requests
    return figures


def place_command(redis):
    """The words by which an instance has Redis place an order."""
    with instances(1, redis, *LATER) as (instance,):
        monitor = subprocess.Popen(
            ["redis-cli", "-p", str(redis.port), "MONITOR"], stdout=subprocess.PIPE, text=True
        )
        monitor.stdout.readline()
        for _ in range(3):
            instance.place()
        time.sleep(0.3)
        monitor.terminate()
        found = []
        for line in monitor.stdout:
            if "lua]" in line:
                continue
            words = [ast.literal_eval("b" + word).decode() for word in re.findall(r'"(?:[^"\\]|\\.)*"', line)]
            if words and words[0].upper() == "EVALSHA" and any("AAPL" in word for word in words):
                found.append(words)
        return found[-1]


def placing(words, count):
    """The words that place so many orders at once: those for one are the last three."""
    return words[:-3] + count * words[-3:]


def script_limit(redis, words, orders_max):
    """How many orders a second Redis places, by clients, scripts in a packet and orders in a script."""
    found = {}
    for clients, depth, count in ((1, 1, 1), (64, 1, 1), (1, 64, 1), (1, 16, 4), (1, 4, 16), (1, 1, 64)):
        runs = (orders_max if depth * count > 1 else orders_max // 5) // count
        spent = redis.cpu_nanoseconds()
        done = subprocess.run(
            ["redis-benchmark", "-p", str(redis.port), "-n", str(runs), "-c", str(clients)]
            + ["-P", str(depth), "--csv", *placing(words, count)],
            capture_output=True,
            text=True,
            check=True,
            preexec_fn=pinned(LOAD_CORE),
        )
        row = list(csv.reader(done.stdout.strip().splitlines()))[-1]
        found[f"{clients} x {depth} x {count}"] = {
            "perSecond": float(row[1]) * count,
            "p50Microseconds": float(row[4]) * 1_000,
            "p99Microseconds": float(row[6]) * 1_000,
            "redisCPUMicroseconds": (redis.cpu_nanoseconds() - spent) / 1_000 / runs / count,
        }
    return found


def memory(runs):
    """Bytes in Redis for each order, and on its disk."""
    # Its file must not be written anew in the middle.
    with Redis("no", "--auto-aof-rewrite-percentage", "0") as redis:
        words = place_command(redis)
        first = int(redis.cli("HGET", "{tradeloop}:market", "orders"))
        before, on_disk = redis.info("used_memory"), redis.info("aof_current_size")
        run = ["redis-benchmark", "-p", str(redis.port), "-n", str(runs), "-c", "1", "-P", "64", "-q"]
        subprocess.run([*run, *words], stdout=subprocess.DEVNULL, check=True)
        orders = int(redis.cli("HGET", "{tradeloop}:market", "orders")) - first
        usage = {
            name: int(redis.cli("MEMORY", "USAGE", f"{{tradeloop}}:{name}", "SAMPLES", "0"))
            for name in ("due", "feed", "orders:3")
        }
        return {
            "orders": orders,
            "allBytes": (redis.info("used_memory") - before) / orders,
            "orderBytes": usage["orders:3"] / 128,
            "dueBytes": usage["due"] / int(redis.cli("ZCARD", "{tradeloop}:due")),
            "eventBytes": usage["feed"] / int(redis.cli("XLEN", "{tradeloop}:feed")),
            "diskBytes": (redis.info("aof_current_size") - on_disk) / orders,
        }


def spent_on(redis, words, orders_max, count):
    """Microseconds that Redis spends in the script for an order, and in each command that the script gives."""
    redis.cli("CONFIG", "RESETSTAT")
    run = ["redis-benchmark", "-p", str(redis.port), "-n", str(orders_max // count), "-c", "1", "-q"]
    run += ["-P", str(64 // count), *placing(words, count)]
    subprocess.run(run, stdout=subprocess.DEVNULL, check=True, preexec_fn=pinned(LOAD_CORE))
    text = redis.cli("INFO", "commandstats")
    return {
        name: int(microseconds) / orders_max
        for name, calls, microseconds in re.findall(r"^cmdstat_(\S+?):calls=(\d+),usec=(\d+)", text, re.M)
        if int(calls) >= orders_max // count
    }


def median_of(rounds):
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def heading(*cells):
    row(*cells)
    row(*["---"] * len(cells))


def tell(work, found):
    print(f"\n{work[1]}\n")
    heading(
        "store",
        "a second",
        "p50",
        "p99",
        "CPU of instances",
        "CPU of Redis",
        "commands",
        "writes",
        "bytes sent",
        "heard",
    )
    for name, figures in found.items():
        cells = [
            name,
            f"{figures['requestsPerSecond']:,.0f}",
            f"{figures['p50Microseconds'] / 1e3:.2f} ms",
            f"{figures['p99Microseconds'] / 1e3:.2f} ms",
            f"{figures['instanceCPUMicroseconds']:.2f} us",
        ]
        if "commands" in figures:
            cells += [
                f"{figures['redisCPUMicroseconds']:.2f} us",
                f"{figures['commands']:.2f}",
                f"{figures['writes']:.3f}",
                f"{figures['sent_bytes']:.0f}",
                f"{figures['received_bytes']:.0f}",
            ]
        row(*cells, *[""] * (10 - len(cells)))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3, help="how long each measurement takes (3)")
    parser.add_argument("--rounds", type=int, default=3, help="measurements, of which the median is taken (3)")
    parser.add_argument(
        "--fsync", default="no,everysec,always", help="off, no, everysec, always: the first for all"
    )
    parser.add_argument("--instances", default="1,2,4", help="how many (1,2,4)")
    parser.add_argument("--work", default=",".join(work[0] for work in WORKS), help="these works only")
    parser.add_argument("--runs", type=int, default=100_000, help="orders placed by redis-benchmark (100000)")
    parser.add_argument("--json", type=pathlib.Path, help="the figures, also to this file")
    options = parser.parse_args()
    options.instances = [int(word) for word in options.instances.split(",")]
    options.fsync = [None if word == "off" else word for word in options.fsync.split(",")]
    options.work = [work for work in WORKS if work[0] in options.work.split(",")]
    return options


def stores(options, work):
    """Each store that a work is measured at: its name, how many instances, Redis' appendfsync."""
    yield "memory", 1, None, False
    for count in options.instances:
        yield f"Redis, {count}", count, options.fsync[0], True
    if work[0] in ("post", "post-16"):
        for fsync in options.fsync[1:]:
            yield f"Redis, {options.instances[0]}, fsync {fsync}", options.instances[0], fsync, True


def main():
    options = arguments()
    os.sched_setaffinity(0, {LOAD_CORE})
    result = {"machine": machine.facts(), "works": {}}
    facts = result["machine"]
    print(f"{facts['cpuModel']}, {len(CORES)} cores, load average {facts['loadAverageAtStart']}")
    with Redis(options.fsync[0]) as redis:
        words = place_command(redis)
        print(f"\nThe script that places orders, {len(words)} words, {sum(map(len, words))} bytes:\n")
        result["script"] = script_limit(redis, words, options.runs)
        result["spentOn"] = {count: spent_on(redis, words, options.runs, count) for count in (1, 16)}
        heading("clients x scripts in a packet x orders", "orders a second", "p50", "p99", "CPU of Redis")
        for name, figures in result["script"].items():
            row(
                name,
                f"{figures['perSecond']:,.0f}",
                f"{figures['p50Microseconds'] / 1e3:.2f} ms",
                f"{figures['p99Microseconds'] / 1e3:.2f} ms",
                f"{figures['redisCPUMicroseconds']:.2f} us",
            )
    for count, found in result["spentOn"].items():
        told = ", ".join(f"{name} {value:.2f}" for name, value in found.items())
        print(f"\nus in Redis for an order, {count} in a script: {told}")
    result["memory"] = memory(2 * options.runs)
    print("\n" + ", ".join(f"{name} {value:,.1f}" for name, value in result["memory"].items()))
    for work in options.work:
        found = {}
        for number in range(options.rounds):
            every = list(stores(options, work))
            # Whoever goes first in one round goes last in the next.
            for name, count, fsync, is_shared in every if number % 2 == 0 else every[::-1]:
                with Redis(fsync) if is_shared else contextlib.nullcontext() as redis:
                    found.setdefault(name, []).append(measure(work, count, redis, options.seconds))
        result["works"][work[0]] = {name: median_of(rounds) for name, rounds in found.items()}
        tell(work, {name: result["works"][work[0]][name] for name, *_ in stores(options, work)})
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
