#!/usr/bin/env python3
"""Measures TradeLoop beside its peers: one core for the server, one for the load, rounds interleaved.

Run it through scripts/bench, which builds what it needs. Figures are medians over the rounds.
"""

import argparse
import datetime
import json
import os
import shutil
import signal
import statistics
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from harness import contestants, machine, paired, report, table, works  # noqa: E402
from harness.load import Load  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
PLOT_ROUNDS_MAX = 3
EX_USAGE, EX_UNAVAILABLE = 64, 69


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


class Arguments(argparse.ArgumentParser):
    def error(self, message):
        usage(message)


def arguments():
    names = [work.name for work in works.WORKS]
    parser = Arguments(
        prog="scripts/bench", description=__doc__.splitlines()[0], epilog=f"Works: {', '.join(names)}."
    )
    parser.add_argument("--quick", action="store_true", help="three rounds of one second, fewer settings")
    parser.add_argument("--only", metavar="NAME,...", help="these contestants only")
    parser.add_argument("--work", metavar="NAME,...", help="these works only")
    parser.add_argument("--seconds", type=float, help="how long each measurement takes (3; quick: 1)")
    parser.add_argument("--rounds", type=int, help="measurements of which the median is taken (5; quick: 3)")
    parser.add_argument(
        "--server",
        metavar="'NAME=COMMAND with {port}'",
        action="append",
        default=[],
        help="one more contestant; may be given again",
    )
    parser.add_argument("--cores", default="0,1", metavar="SERVER,LOAD", help="the two cores (0,1)")
    parser.add_argument(
        "--report",
        type=Path,
        default=ROOT / ".build-bench" / "report.html",
        metavar="FILE",
        help="where the report goes (.build-bench/report.html); its figures go beside it",
    )
    # What scripts/bench asks before it builds anything: whether the options are right.
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--build", type=Path, default=ROOT / ".build-bench", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.seconds is None:
        options.seconds = 1 if options.quick else 3
    if options.rounds is None:
        options.rounds = 3 if options.quick else 5
    if not 0.1 <= options.seconds <= 600 or not 1 <= options.rounds <= 100:
        parser.error("--seconds must be from 0.1 to 600, and --rounds from 1 to 100")
    try:
        options.server_core, options.load_core = (int(part) for part in options.cores.split(","))
        options.extra = [contestants.from_option(text) for text in options.server]
    except ValueError as error:
        parser.error(str(error))
    return options


def usage(text):
    say(text)
    sys.exit(EX_USAGE)


def names_of(option, known, what):
    """The names in an option, or all of them where it is absent."""
    names = option.split(",") if option else known
    for name in names:
        if name not in known:
            usage(f"there is no {what} '{name}'; there are {', '.join(known)}.")
    return names


def chosen(options):
    """The contestants and the works that were asked for; of the former those that are here."""
    everyone = contestants.known(
        options.build, os.environ.get("TRADELOOP_BIN", ROOT / ".build" / "release" / "tradeloop")
    )
    everyone += options.extra
    wanted = names_of(options.only, [each.name for each in everyone], "contestant")
    names = names_of(options.work, [work.name for work in works.WORKS], "work")
    if options.check:
        sys.exit(0)
    present = []
    for each in everyone:
        if each.name in wanted or each in options.extra:
            if each.missing():
                say(f"{each.title} is left out: {each.missing()} is not there")
            else:
                present.append(each)
    if not present:
        sys.exit("bench: nobody is left to measure.")
    return present, [work for work in works.WORKS if work.name in names]


def measure(bench, work, present, options, errors):
    """All rounds of one work: a list of figures by point and contestant."""
    every = [point for point in work.points if point.in_quick or not options.quick]
    found = {point.label: {} for point in every}
    rounds = min(options.rounds, work.rounds_max)
    taking_part = [each for each in present if works.takes_part(work, each)]

    def failed(contestant, error):
        say(str(error))
        errors.append({"work": work.name, "contestant": contestant.name, "error": str(error)})

    if work.is_paired:
        say(f"{work.name}, {rounds * paired.SLICES_PER_ROUND} slices of each")
        found[every[0].label] = paired.measure(bench, work, taking_part, rounds, failed)
        return found
    for number in range(rounds):
        wanted = [point for point in every if point.in_table or number < PLOT_ROUNDS_MAX]
        # Whoever goes first in one round goes last in the next: what the machine drifts by favours nobody.
        for contestant in taking_part if number % 2 == 0 else taking_part[::-1]:
            say(f"{work.name}, round {number + 1} of {rounds}: {contestant.title}")
            try:
                for label, figures in work.run(bench, contestant, wanted).items():
                    found[label].setdefault(contestant.name, []).append(figures)
            except works.Failure as error:
                failed(contestant, error)
    return found


def medians(found):
    """Over the rounds, each figure by itself."""
    return {
        label: {name: medians_of(rounds) for name, rounds in by_name.items()}
        for label, by_name in found.items()
    }


def medians_of(rounds):
    figures = {
        key: statistics.median(figures[key] for figures in rounds if key in figures) for key in rounds[0]
    }
    if "timesFloor" in figures:
        figures["timesFloorError"] = paired.standard_error([each["timesFloor"] for each in rounds])
    return figures


def check_machine(options):
    if not sys.platform.startswith("linux"):
        say("the measuring needs Linux: processes are pinned to cores, and their CPU time is read in /proc.")
        sys.exit(EX_UNAVAILABLE)
    allowed = os.sched_getaffinity(0)
    if options.server_core == options.load_core or not {options.server_core, options.load_core} <= allowed:
        usage(f"--cores must be two of the cores {sorted(allowed)}, not {options.cores}.")


def main():
    options = arguments()
    check_machine(options)
    present, chosen_works = chosen(options)
    tradeloop_load = os.environ.get("TRADELOOP_LOAD_BIN", ROOT / ".build" / "release" / "tradeloop-load")
    for tool in (str(tradeloop_load), "wrk"):
        if shutil.which(tool) is None:
            say(f"{tool} is not there: run scripts/bench, which gets it.")
            sys.exit(EX_UNAVAILABLE)
    if shutil.which("strace") is None:
        say("strace is not there: system calls are not counted")
        chosen_works = [work for work in chosen_works if work.name != "syscalls"]
    # A signal ends the program as an exception does, through every `finally` that ends a process.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    os.sched_setaffinity(0, {options.load_core})
    bench = works.Bench(
        Load(tradeloop_load, options.load_core),
        options.server_core,
        options.load_core,
        options.seconds,
        options.quick,
    )
    result = {
        "startedAt": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine.facts(),
        "options": {
            "seconds": options.seconds,
            "rounds": options.rounds,
            "quick": options.quick,
            "serverCore": options.server_core,
            "loadCore": options.load_core,
        },
        "contestants": {each.name: each.title for each in present},
        "works": {},
        "errors": [],
    }
    try:
        for work in chosen_works:
            found = measure(bench, work, present, options, result["errors"])
            result["works"][work.name] = {"rounds": found, "medians": medians(found)}
            print(table.block(work, result), flush=True)
    except KeyboardInterrupt:
        say("interrupted: what has been measured is reported")
        result["interrupted"] = True
    foreign = bench.foreign_percents or [0.0]
    result["machine"]["loadAverageAtEnd"] = round(os.getloadavg()[0], 2)
    result["machine"]["foreignPercentMedian"] = statistics.median(foreign)
    result["machine"]["foreignPercentMax"] = max(foreign)
    print(table.machine_line(result))
    print()
    print(table.summary(result))
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(report.page(result), encoding="utf-8")
    figures = options.report.with_suffix(".json")
    figures.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    say(f"the report is {options.report}, its figures {figures}")
    return 1 if result["errors"] or result.get("interrupted") else 0


if __name__ == "__main__":
    sys.exit(main())
