"""Figures as text."""


def quantity(value, digits=3):
    """Three digits and a letter: 136 k, 2.58 M."""
    for limit, letter in ((1e9, " G"), (1e6, " M"), (1e4, " k")):
        if abs(value) >= limit:
            return significant(value / (1e3 if letter == " k" else limit), digits) + letter
    return f"{value:,.0f}" if abs(value) >= 1_000 else significant(value, digits)


def significant(value, digits=3):
    if value == 0:
        return "0"
    magnitude = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    if magnitude >= digits:
        return f"{value:,.0f}"
    return f"{value:.{max(0, min(3, digits - magnitude))}f}"


def shown(value, unit):
    if value is None:
        return ""
    if unit == "us":
        if value >= 1e6:
            return f"{significant(value / 1e6)} s"
        return f"{significant(value / 1e3)} ms" if value >= 1_000 else f"{significant(value)} us"
    if unit == "ms":
        return shown(value * 1e3, "us")
    if unit == "%":
        return f"{value:.0f} %"
    if unit == "x":
        return ratio(value, 1)
    if unit == "rate":
        return quantity(value)
    if unit == "bytes":
        return f"{value / 1e6:,.1f} MB" if abs(value) >= 1e6 else f"{value:,.0f}"
    if unit == "count":
        return f"{value:,.0f}"
    return significant(value)


def ratio(value, reference):
    if value is None or not reference:
        return ""
    times = value / reference
    return f"{times:.2f} x" if times < 10 else f"{significant(times)} x"


def aligned(rows, numeric_from=1):
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if index < numeric_from else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def block(work, result):
    """All that one work has measured, for the terminal."""
    lines = ["", work.title]
    medians = result["works"][work.name]["medians"]
    for label, by_name in medians.items():
        if not by_name:
            continue
        columns = [
            column for column in work.columns if any(column.key in figures for figures in by_name.values())
        ]
        decisive = columns[0]
        floor = by_name.get("floor", {}).get(decisive.key)
        # At a given rate the frames are as many as the orders ask for, whoever sends them.
        is_given = work.name == "feed-rate"
        each = None if is_given else by_name.get("floor-each", {}).get("framesPerSecond")
        head = [label, decisive.heading, "x floor"] + [column.heading for column in columns[1:]]
        if work.is_paired:
            head.remove("x floor")
        rows = [head + (["x one send a frame"] if each else [])]
        for name, figures in by_name.items():
            row = [result["contestants"][name], shown(figures.get(decisive.key), decisive.unit)]
            if not work.is_paired:
                row.append(ratio(figures.get(decisive.key), floor))
            row += [shown(figures.get(column.key), column.unit) for column in columns[1:]]
            if each:
                row.append(ratio(figures.get("framesPerSecond"), each))
            rows.append(row)
        lines += [""] + ["  " + line for line in aligned(rows)]
    return "\n".join(lines)


def machine_line(result):
    machine, options = result["machine"], result["options"]
    return (
        f"\n{machine['cpuModel']}, {machine['cores']} cores, {machine['kernel']} {machine['architecture']}; "
        f"server on core {options['serverCore']}, load on core {options['loadCore']}; "
        f"medians of {options['rounds']} rounds of {options['seconds']:g} s; "
        f"others used {machine['foreignPercentMedian']:.0f} % of the server's core "
        f"(at most {machine['foreignPercentMax']:.0f} %)"
    )


def lookup(result, work, label):
    return result["works"].get(work, {}).get("medians", {}).get(label, {})


def cpu_cell(work, label, rate, cpu):
    def cell(result, name):
        by_name = lookup(result, work, label)
        figures = by_name.get(name)
        if not figures:
            return ""
        times = ratio(figures[cpu], by_name.get("floor", {}).get(cpu))
        return f"{quantity(figures[rate])}, {significant(figures[cpu])} us" + (f" ({times})" if times else "")

    return cell


def request_cell(work, label):
    return cpu_cell(work, label, "requestsPerSecond", "serverCPUMicrosecondsPerRequest")


def frame_cell(work, label):
    return cpu_cell(work, label, "framesPerSecond", "serverCPUMicrosecondsPerFrame")


def plain_cell(work, *fields):
    """Several figures with slashes: (label, key, unit) each."""

    def cell(result, name):
        parts = []
        for label, key, unit in fields:
            value = lookup(result, work, label).get(name, {}).get(key)
            if value is not None:
                parts.append(shown(value, unit))
        return " / ".join(parts)

    return cell


def saturation_cell(result, name):
    by_name = lookup(result, "feed-saturation", "1,000 subscribers")
    if name not in by_name:
        return ""
    figures, each = by_name[name], by_name.get("floor-each", {})
    times = ratio(figures["framesPerSecond"], each.get("framesPerSecond"))
    return (
        f"{quantity(figures['framesPerSecond'])}"
        + (f" ({times})" if times else "")
        + f", {quantity(figures['ordersPerSecond'])}, {shown(figures['latencyP50Microseconds'], 'us')}"
    )


def paired_cell(result, name):
    """The ratios of GET and POST to a floor that was asked in turn."""
    parts = []
    for method in ("get", "post"):
        figures = lookup(result, f"{method}-paired", "64 connections").get(name)
        if figures:
            parts.append(f"{ratio(figures['timesFloor'], 1)} ± {significant(figures['timesFloorError'], 2)}")
    return " / ".join(parts)


def orders_cell(result, name):
    figures = lookup(result, "orders", "1,000,000 orders").get(name)
    if not figures:
        return ""
    text = shown(figures["serverResidentBytesPerOrder"], "bytes")
    return text if figures["orders"] >= 1_000_000 else f"{text} (at {quantity(figures['orders'])})"


SUMMARY = (
    (
        "get",
        "GET one order, 64 connections: requests/s, CPU per request (x floor)",
        request_cell("get", "64 connections"),
    ),
    *(
        ("pipeline", f"the same, {depth} pipelined", request_cell("pipeline", f"{depth} requests"))
        for depth in (16, 64, 128, 256)
    ),
    (
        "post",
        "POST, 64 connections: requests/s, CPU per request (x floor)",
        request_cell("post", "64 connections"),
    ),
    (
        "post-paired",
        "GET / POST beside the floor, both kept running and asked in turn: CPU, x floor",
        paired_cell,
    ),
    (
        "syscalls",
        "system calls per request: GET / POST",
        plain_cell("syscalls", ("GET", "systemCallsPerRequest", ""), ("POST", "systemCallsPerRequest", "")),
    ),
    (
        "feed-saturation",
        "1,000 WebSocket clients, one order after another: frames/s (x one send a frame), "
        "orders/s, POST-to-frame p50",
        saturation_cell,
    ),
    (
        "feed-rate",
        "1,000 clients, 100 orders/s: POST-to-frame p50 / p99",
        plain_cell(
            "feed-rate",
            ("1,000 subscribers", "latencyP50Microseconds", "us"),
            ("1,000 subscribers", "latencyP99Microseconds", "us"),
        ),
    ),
    (
        "feed-rate",
        "the same: POST p99 with 0 clients / with 1,000",
        plain_cell(
            "feed-rate",
            ("0 subscribers", "postP99Microseconds", "us"),
            ("1,000 subscribers", "postP99Microseconds", "us"),
        ),
    ),
    (
        "feed-pipelined",
        "100 clients, 16 orders pipelined: frames/s, CPU per frame (x floor)",
        frame_cell("feed-pipelined", "100 subscribers"),
    ),
    (
        "idle",
        "resident bytes per idle connection of 10,000: HTTP / WebSocket",
        plain_cell(
            "idle",
            ("10,000 HTTP", "serverResidentBytesPerConnection", "bytes"),
            ("10,000 WebSocket", "serverResidentBytesPerConnection", "bytes"),
        ),
    ),
    ("orders", "resident bytes per pending order of 1,000,000", orders_cell),
    ("start", "exec to first answer", plain_cell("start", ("start", "startMilliseconds", "ms"))),
)


def summary_rows(result):
    """Headings, and a row for each figure that decides."""
    names = list(result["contestants"])
    rows = [["", *(result["contestants"][name] for name in names)]]
    for work, title, cell in SUMMARY:
        cells = [cell(result, name) for name in names] if work in result["works"] else []
        if any(cells):
            rows.append([title, *cells])
    return rows


def summary(result):
    """The summary in Markdown."""
    rows = summary_rows(result)
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines)
