"""The report: one page of HTML with everything in it."""

import re
from html import escape
from pathlib import Path

from . import charts, table, works
from .table import lookup, quantity, shown, significant

STYLE = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
KNOWN = ("floor", "floor-each", "tradeloop", "nio", "node", "fastapi")
SHORT = {
    "floor": "C floor",
    "floor-each": "C floor, each",
    "nio": "SwiftNIO",
    "node": "Node",
    "fastapi": "FastAPI",
}
PERCENTILES = (50, 75, 90, 99, 99.9, 99.99)


class Page:
    """A run's figures, as the page draws them."""

    def __init__(self, result):
        self.result = result
        self.names = list(result["contestants"])
        others = [name for name in self.names if name not in KNOWN]
        self.classes = {name: name for name in KNOWN}
        self.classes.update({name: f"other-{index % 3}" for index, name in enumerate(others)})

    def short(self, name):
        return SHORT.get(name, self.result["contestants"][name])

    def over_points(self, work, key, only=None):
        """A line for each contestant: a figure over a work's points."""
        by_value = {point.label: point.value for point in self.work(work).points}
        found = self.result["works"].get(work, {}).get("medians", {})
        series = []
        for name in self.names:
            values = [
                (by_value[label], figures[name][key])
                for label, figures in found.items()
                if (only is None or only in label) and key in figures.get(name, {})
            ]
            series.append((self.short(name), self.classes[name], values))
        return series

    @staticmethod
    def work(name):
        return next(work for work in works.WORKS if work.name == name)

    def percentiles(self):
        """A line for each contestant: latency over the share of requests that were slower."""
        series = []
        for name in self.names:
            figures = lookup(self.result, "latency", "open loop").get(name, {})
            values = [
                (1 / (1 - percentile / 100), figures[f"latencyP{percentile}Microseconds"])
                for percentile in PERCENTILES
                if f"latencyP{percentile}Microseconds" in figures
            ]
            series.append((self.short(name), self.classes[name], values))
        return series

    def bars(self, work, label, key, unit):
        by_name = lookup(self.result, work, label)
        floor = by_name.get("floor", {}).get(key)
        rows = []
        for name in self.names:
            value = by_name.get(name, {}).get(key)
            if value is not None:
                times = table.ratio(value, floor) if name != "floor" else ""
                text = shown(value, unit) + (f"  ·  {times}" if times else "")
                rows.append((self.short(name), self.classes[name], value, text))
        return charts.bars(rows, label, floor) if rows else ""


def figure(title, caption, drawing):
    if not drawing:
        return ""
    return f"<figure><figcaption><h3>{escape(title)}</h3>{escape(caption)}</figcaption>{drawing}</figure>"


def section(title, text, figures):
    figures = [each for each in figures if each]
    if not figures:
        return ""
    plots = "".join(figures)
    return f'<h2>{escape(title)}</h2><p class="quiet">{escape(text)}</p><div class="plots">{plots}</div>'


def microseconds(value):
    return shown(value, "us")


def megabytes(value):
    return f"{value / 1e6:,.0f} MB" if value >= 1e7 else f"{significant(value / 1e6, 2)} MB"


def tiles(page):
    """TradeLoop in a few numbers, beside the floor or the best peer that took part."""
    found = []

    def add(work, label, key, text, *, unit, is_more_better=False, against="floor"):
        by_name = lookup(page.result, work, label)
        own, other = by_name.get("tradeloop", {}).get(key), by_name.get(against, {}).get(key)
        if own is None:
            return
        peers = [
            figures[key]
            for name, figures in by_name.items()
            if name not in ("tradeloop", "floor", "floor-each") and key in figures
        ]
        parts = (
            [f"{table.ratio(own, other)} the {'floor' if against == 'floor' else 'one-send-a-frame floor'}"]
            if other
            else []
        )
        if peers:
            best = max(peers) if is_more_better else min(peers)
            parts.append(f"best peer {shown(best, unit)}")
        found.append(
            f'<div class="tile"><span>{escape(text)}</span><b>{shown(own, unit)}</b>'
            f"<span>{escape('; '.join(parts))}</span></div>"
        )

    cpu = "serverCPUMicrosecondsPerRequest"
    add("get", "64 connections", cpu, "CPU per GET", unit="us")
    add("post", "64 connections", cpu, "CPU per POST", unit="us")
    add("pipeline", "16 requests", cpu, "CPU per request, 16 pipelined", unit="us")
    add(
        "feed-saturation",
        "1,000 subscribers",
        "framesPerSecond",
        "frames/s to 1,000 subscribers",
        unit="rate",
        is_more_better=True,
        against="floor-each",
    )
    add(
        "feed-rate",
        "1,000 subscribers",
        "latencyP99Microseconds",
        "POST-to-frame p99, 100 orders/s",
        unit="us",
    )
    add("orders", "1,000,000 orders", "serverResidentBytesPerOrder", "bytes per pending order", unit="bytes")
    add(
        "idle",
        "10,000 WebSocket",
        "serverResidentBytesPerConnection",
        "bytes per idle WebSocket",
        unit="bytes",
    )
    add("start", "start", "startMilliseconds", "exec to first answer", unit="ms")
    return f'<div class="tiles">{"".join(found)}</div>' if found else ""


def cpu_section(page):
    cpu, frame = "serverCPUMicrosecondsPerRequest", "serverCPUMicrosecondsPerFrame"
    return section(
        "CPU per request and per frame",
        "What the kernel charged the server for one request or frame, in "
        "microseconds: the figure that decides. The dashed line is the floor, a C program that parses "
        "nothing.",
        [
            figure(
                "GET one order",
                "64 connections, one request at a time on each",
                page.bars("get", "64 connections", cpu, "us"),
            ),
            figure(
                "POST an order",
                "64 connections, one request at a time on each",
                page.bars("post", "64 connections", cpu, "us"),
            ),
            figure("GET, 16 pipelined", "64 connections", page.bars("pipeline", "16 requests", cpu, "us")),
            figure("GET, 64 pipelined", "64 connections", page.bars("pipeline", "64 requests", cpu, "us")),
            figure(
                "One frame to one subscriber",
                "1,000 subscribers, one order after another",
                page.bars("feed-saturation", "1,000 subscribers", frame, "us"),
            ),
            figure(
                "One frame to one subscriber, orders pipelined",
                "100 subscribers, 16 orders at a time",
                page.bars("feed-pipelined", "100 subscribers", frame, "us"),
            ),
        ],
    )


def request_section(page):
    cpu = "serverCPUMicrosecondsPerRequest"
    # 75 % is a point, but its tick would touch that of 50 %.
    nines = [
        (1 / (1 - percentile / 100), f"{percentile:g} %") for percentile in PERCENTILES if percentile != 75
    ]
    return section(
        "Requests",
        "With one core for the load, the load itself is what limits a fast server at depth 1; read "
        "throughput beside CPU.",
        [
            figure(
                "Throughput over connections",
                "GET requests per second; wrk, one at a time on each",
                charts.lines(page.over_points("get", "requestsPerSecond"), "connections", "requests/s"),
            ),
            figure(
                "Throughput over pipelining depth",
                "GET requests per second, 64 connections",
                charts.lines(
                    page.over_points("pipeline", "requestsPerSecond"), "requests pipelined", "requests/s"
                ),
            ),
            figure(
                "CPU over pipelining depth",
                "Server CPU per request, 64 connections",
                charts.lines(
                    page.over_points("pipeline", cpu),
                    "requests pipelined",
                    "CPU per request",
                    y_text=microseconds,
                ),
            ),
            figure(
                "Latency by percentile",
                f"GET at a constant {works.OPEN_LOOP_RATE:,} requests/s, 64 "
                "connections; each counted from when it was due",
                charts.lines(
                    page.percentiles(),
                    "percentile",
                    "latency",
                    x_ticks=nines,
                    y_text=microseconds,
                    x_text=lambda value: f"{100 - 100 / value:g} %",
                ),
            ),
        ],
    )


def feed_section(page):
    def over(key, title, caption, **options):
        return figure(
            title,
            caption,
            charts.lines(page.over_points("feed-saturation", key), "subscribers", title, **options),
        )

    return section(
        "The feed",
        "Orders are placed one after another, and every subscriber hears of each: PENDING at once, "
        "EXECUTED when it falls due.",
        [
            over("framesPerSecond", "Frames per second over subscribers", "all subscribers together"),
            over(
                "ordersPerSecond", "Orders per second over subscribers", "what is left for who places orders"
            ),
            over(
                "latencyP50Microseconds",
                "POST to frame, p50",
                "from sending an order to each subscriber's frame",
                y_text=microseconds,
            ),
            over(
                "latencyP99Microseconds",
                "POST to frame, p99",
                "the same, the slowest of a hundred",
                y_text=microseconds,
            ),
            figure(
                "POST to frame at 100 orders/s, p99",
                "1,000 subscribers, open loop",
                page.bars("feed-rate", "1,000 subscribers", "latencyP99Microseconds", "us"),
            ),
        ],
    )


def memory_section(page):
    per_connection, per_order = "serverResidentBytesPerConnection", "serverResidentBytesPerOrder"
    return section(
        "Memory and start",
        "Resident memory as the kernel counts it, less what the server took before.",
        [
            figure(
                "Memory over pending orders",
                "More resident memory than with 500 orders",
                charts.lines(
                    [
                        (
                            name,
                            css,
                            [
                                (figures["orders"], figures["serverResidentBytes"])
                                for figures in order_figures(page, name)
                            ],
                        )
                        for name, css in own_classes(page)
                    ],
                    "orders",
                    "resident",
                    y_text=megabytes,
                    x_ticks=[(count, quantity(count, 1)) for count in (10_000, 100_000, 1_000_000)],
                ),
            ),
            figure(
                "Bytes per pending order",
                "of 1,000,000, or of as many as were placed in time",
                page.bars("orders", "1,000,000 orders", per_order, "bytes"),
            ),
            *(
                figure(
                    f"Memory over idle {kind} connections",
                    "Resident, the program itself included",
                    charts.lines(
                        page.over_points("idle", "serverResidentBytes", kind),
                        "connections",
                        "resident",
                        y_text=megabytes,
                    ),
                )
                for kind in ("HTTP", "WebSocket")
            ),
            *(
                figure(
                    f"Bytes per idle {kind} connection",
                    "of 10,000",
                    page.bars("idle", f"10,000 {kind}", per_connection, "bytes"),
                )
                for kind in ("HTTP", "WebSocket")
            ),
            figure(
                "From exec to the first answer",
                "median",
                page.bars("start", "start", "startMilliseconds", "ms"),
            ),
            figure(
                "System calls per GET",
                "64 connections; strace",
                page.bars("syscalls", "GET", "systemCallsPerRequest", ""),
            ),
        ],
    )


def own_classes(page):
    return [(page.short(name), page.classes[name]) for name in page.names]


def order_figures(page, short):
    name = next(name for name in page.names if page.short(name) == short)
    found = page.result["works"].get("orders", {}).get("medians", {})
    return [figures[name] for figures in found.values() if name in figures]


def summary_table(page):
    rows = table.summary_rows(page.result)
    if len(rows) < 2:
        return ""
    classes = [""] + [page.classes[name] if name == "tradeloop" else "" for name in page.names]
    head = "".join(f'<th class="{css}">{escape(cell)}</th>' for cell, css in zip(rows[0], classes))
    body = "".join(
        "<tr>"
        + "".join(f'<td class="{css}">{escape(cell)}</td>' for cell, css in zip(row, classes))
        + "</tr>"
        for row in rows[1:]
    )
    return (
        '<h2>The figures in one table</h2><div class="table summary">'
        f"<table><tr>{head}</tr>{body}</table></div>"
    )


def details(page):
    """All that every work has measured."""
    out = []
    for work in works.WORKS:
        medians = page.result["works"].get(work.name, {}).get("medians")
        if not medians:
            continue
        head = "".join(f"<th>{escape(column.heading)}</th>" for column in work.columns)
        rows = [f"<tr><th></th>{head}</tr>"]
        for label, by_name in medians.items():
            if not by_name:
                continue
            rows.append(f'<tr class="point"><td colspan="{len(work.columns) + 1}">{escape(label)}</td></tr>')
            for name, figures in by_name.items():
                cells = "".join(
                    f"<td>{shown(figures.get(column.key), column.unit)}</td>" for column in work.columns
                )
                rows.append(
                    f'<tr class="{page.classes[name] if name == "tradeloop" else ""}">'
                    f"<td>{escape(page.result['contestants'][name])}</td>{cells}</tr>"
                )
        out.append(
            f"<details><summary>{escape(work.title)}</summary>"
            f'<div class="table"><table>{"".join(rows)}</table></div></details>'
        )
    return "<h2>All medians</h2>" + "".join(out) if out else ""


METHOD = """<h2>How it was measured</h2><dl>
<dt>One core each</dt><dd>The server keeps to one core and the load to another. Rounds are interleaved:
every contestant has its turn before any has its next, each with a fresh process and a warm-up. Figures are
medians over the rounds.</dd>
<dt>CPU</dt><dd>From the kernel's own accounting (/proc/PID/task/*/schedstat, nanoseconds, user and system),
divided by the requests answered or the frames received meanwhile. It barely depends on how fast the load
is; throughput does.</dd>
<dt>Latency</dt><dd>With a constant rate the load is open-loop: a request counts from when it was due, so a
stall cannot hide behind requests that were not sent. As fast as answers come, a latency tells mostly how
much was in flight.</dd>
<dt>Floor</dt><dd>C on libuv that counts the ends of heads and answers with constant bytes. For the feed
there are two: one sends every frame by itself, as most servers do; the other sends all frames of a loop's
turn at once.</dd>
</dl>
"""


def header(page):
    result = page.result
    machine, options = result["machine"], result["options"]
    started = result["startedAt"].replace("T", " ").replace("+00:00", " UTC")
    line = (
        f"{machine['cpuModel']} · {machine['cores']} cores · {machine['memoryBytes'] / 2**30:.0f} GiB · "
        f"{machine['kernel']} {machine['architecture']} · {started} · medians of {options['rounds']} "
        f"rounds of {options['seconds']:g} s · server on core {options['serverCore']}, load on core "
        f"{options['loadCore']}"
    )
    out = (
        "<h1>TradeLoop beside its peers</h1>"
        '<p class="lead">Placing orders over HTTP and hearing of them over WebSocket: the same work for '
        f'every server, on one core.</p><p class="machine">{escape(line)}</p>'
    )
    if machine.get("foreignPercentMedian", 0) >= 3 or options["quick"]:
        out += (
            '<p class="machine warning">'
            + ("A quick run: expect noise. " if options["quick"] else "")
            + f"Other programs used {machine['foreignPercentMedian']:.0f} % of the server's core meanwhile "
            f"(at most {machine['foreignPercentMax']:.0f} %).</p>"
        )
    for error in result["errors"]:
        sentence = f"{error['work']}, {result['contestants'][error['contestant']]}: {error['error']}"
        out += f'<p class="machine warning">{escape(sentence)}</p>'
    return out


def page(result):
    """The whole page."""
    own = Page(result)
    parts = [
        header(own),
        tiles(own),
        cpu_section(own),
        request_section(own),
        feed_section(own),
        memory_section(own),
        summary_table(own),
        details(own),
        METHOD,
    ]
    body = re.sub(r"(?<=\d) (us|x)\b", lambda unit: " µs" if unit[1] == "us" else " ×", "".join(parts))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>TradeLoop beside its peers</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )
