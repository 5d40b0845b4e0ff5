"""Each contestant beside the floor, both kept running and asked in turn: a ratio for each pair of slices.

What neighbours take of a machine changes within seconds, and takes as much of the one as of the other that is asked a
second later. So the median of many such ratios says more of two servers that are nearly the same than the ratio of
two medians of rounds that lie a minute apart.
"""

import statistics

from . import machine
from .works import CONNECTIONS, CPU, Failure

SLICE_SECONDS = 1
SLICES_PER_ROUND = 4
#: A slice counts as disturbed when it took so many times what the quietest quarter of that server's took at most.
DISTURBED_TIMES = 1.3


def measure(bench, work, taking_part, rounds, failed):
    """A list of figures by contestant, one for each slice; `failed` is told of those who could not be measured."""
    floor = next((each for each in taking_part if each.name == "floor"), None)
    found = {}
    for contestant in taking_part:
        if floor is None or contestant is floor:
            continue
        try:
            undisturbed = quiet(list(slices(bench, work, floor, contestant, rounds * SLICES_PER_ROUND)))
            if not undisturbed:
                raise Failure(f"each pair of slices of {contestant.name} was disturbed: measure for longer.")
        except Failure as error:
            failed(contestant, error)
            continue
        for pair in undisturbed:
            for name, figures in pair.items():
                figures["pairs"] = len(undisturbed)
                found.setdefault(name, []).append(figures)
    return found


def quiet(pairs):
    """The pairs of which neither slice was disturbed, judged by each server's own slices."""
    limits = {
        name: DISTURBED_TIMES * sorted(pair[name][CPU.key] for pair in pairs)[len(pairs) // 4]
        for name in pairs[0]
    }
    return [pair for pair in pairs if all(pair[name][CPU.key] <= limits[name] for name in limits)]


def slices(bench, work, floor, contestant, count):
    """What both did, slice by slice."""
    is_post = work.mode == "post"
    with bench.serve(floor, work.mode) as reference, bench.serve(contestant, work.mode) as server:
        servers = {floor.name: reference, contestant.name: server}
        charged = {}
        for name, each in servers.items():
            bench.load.wrk(each, bench.warm_seconds, CONNECTIONS, is_post)
            charged[name] = machine.cpu_nanoseconds(each.pid)
        for number in range(count):
            pair = {}
            # Whoever is asked first is asked last the next time.
            for name in sorted(servers, reverse=number % 2 == 1):
                each = servers[name]
                pair[name] = bench.observed(
                    each, lambda: bench.load.wrk(each, SLICE_SECONDS, CONNECTIONS, is_post)
                )
                # All since its last slice: orders are executed while the other is asked, and that is work as well.
                cpu = machine.cpu_nanoseconds(each.pid)
                pair[name][CPU.key] = (cpu - charged[name]) / 1e3 / pair[name]["requests"]
                charged[name] = cpu
            for figures in pair.values():
                figures["timesFloor"] = figures[CPU.key] / pair[floor.name][CPU.key]
            yield pair


def standard_error(ratios):
    """Of the median of so many ratios."""
    return 1.25 * statistics.pstdev(ratios) / len(ratios) ** 0.5
