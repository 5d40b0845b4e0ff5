#!/usr/bin/env python3
"""Counts the instructions of each hot room, and compares them with Benchmarks/micro.json.

    Benchmarks/micro.py            build, count, compare: exit status 1 if a workload takes over 2 % more
    Benchmarks/micro.py --update   keep the figures as those to compare with
    Benchmarks/micro.py --time     nanoseconds as well, which depend on the machine and on what else it does
    Benchmarks/micro.py --allocations    instead, memory allocations in 100,000 whole requests

Each workload of tradeloop-micro runs twice under valgrind's callgrind, the second time with more operations: the
difference is what the operations took, without the start, and it is the same in every run of the same program. The
counts belong to one compiler and one kind of processor: after a change of either, --update them.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
KEPT = ROOT / "Benchmarks" / "micro.json"
OPERATIONS = 6_400
TOLERANCE = 0.02


def build():
    subprocess.run([ROOT / "scripts" / "build", "tradeloop-micro"], check=True)
    return ROOT / ".build" / "release" / "tradeloop-micro"


def instructions(program, workload, operations, folder):
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", program, workload,
         "--operations", str(operations)],
        capture_output=True, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", run.stderr).group(1))


def count(program, workloads):
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        # valgrind reads older debugging information than Swift writes; names are enough.
        stripped = pathlib.Path(folder) / "tradeloop-micro"
        subprocess.run(["strip", "-g", "-o", stripped, program], check=True)
        for workload in workloads:
            few = instructions(stripped, workload, OPERATIONS, folder)
            many = instructions(stripped, workload, 2 * OPERATIONS, folder)
            figures[workload] = round((many - few) / OPERATIONS)
    return figures


def count_allocations():
    """A program that is linked statically hides its malloc from valgrind, so this one is built apart."""
    subprocess.run(
        ["swift", "build", "-c", "release", "--product", "tradeloop-micro", "--scratch-path", ".build-micro"],
        cwd=ROOT, check=True, stdout=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        stripped = pathlib.Path(folder) / "tradeloop-micro"
        subprocess.run(["strip", "-g", "-o", stripped, ROOT / ".build-micro" / "release" / "tradeloop-micro"], check=True)
        for workload in ("session-get", "session-post"):
            counts = []
            # Whole deliveries of 64 requests; the difference leaves out the start.
            for operations in (64_000, 164_032):
                run = subprocess.run(
                    ["valgrind", stripped, workload, "--operations", str(operations)],
                    capture_output=True, text=True, check=True)
                counts.append(int(re.search(r"total heap usage: ([\d,]+)", run.stderr).group(1).replace(",", "")))
            print(f"{workload}: {counts[1] - counts[0]} allocations in 100,032 requests")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--time", action="store_true")
    parser.add_argument("--allocations", action="store_true")
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        sys.exit("micro.py: valgrind is needed to count instructions; install it (Debian: apt-get install valgrind).")
    if options.allocations:
        return count_allocations()
    program = build()
    listed = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout
    workloads = [line.split(":")[0] for line in listed.splitlines()]
    times = {}
    if options.time:
        timed = subprocess.run([program], capture_output=True, text=True, check=True).stdout
        times = dict(line.split() for line in timed.splitlines())
    figures = count(program, workloads)
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    slower = []
    print(f"{'workload':16}{'instructions':>14}{'kept':>10}{'change':>10}" + ("        ns" if times else ""))
    for workload, figure in figures.items():
        before = kept.get(workload)
        change = figure / before - 1 if before else 0
        if change > TOLERANCE:
            slower.append(workload)
        print(f"{workload:16}{figure:14}{before or '':>10}{change:>+10.1%}"
              + (f"{times[workload]:>10}" if times else ""))
    if options.update:
        KEPT.write_text(json.dumps(figures, indent=2) + "\n")
    elif slower:
        sys.exit(f"micro.py: slower by over {TOLERANCE:.0%}: {', '.join(slower)}")


if __name__ == "__main__":
    main()
