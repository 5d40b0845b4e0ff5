"""Plots as inline SVG: no script, no outside resource; colours come from the page's variables."""

import math
from html import escape

from .table import quantity

WIDTH, HEIGHT = 560, 330
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 14, 46
#: A bar longer than this many of the shortest ones is cut, or the others could not be told apart.
BAR_LENGTHS_MAX = 24
#: Names at the ends of lines need this much room, and this much height each.
LABEL_WIDTH, LABEL_HEIGHT = 104, 13


def tick_text(text):
    """1.00 k is 1 k on an axis."""
    number, space, unit = text.partition(" ")
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return number + space + unit


class Axis:
    """Values along a length; logarithmic where they span decades."""

    def __init__(self, values, start, end, is_logarithmic, from_zero=False, step=10):
        self.start, self.end, self.is_logarithmic = start, end, is_logarithmic
        low, high = min(values), max(values)
        if is_logarithmic:
            self.low = math.floor(math.log10(low) + 1e-9) if step == 10 else math.log10(low)
            self.high = max(self.low + 0.3, math.log10(high))
        else:
            self.low = 0 if from_zero else low
            self.high = high * 1.05 if high > self.low else self.low + 1

    def at(self, value):
        place = math.log10(max(value, 1e-12)) if self.is_logarithmic else value
        share = (place - self.low) / (self.high - self.low)
        return self.start + (self.end - self.start) * share

    def ticks(self):
        if self.is_logarithmic:
            decades = range(math.ceil(self.low - 1e-9), math.floor(self.high + 1e-9) + 1)
            ticks = [10.0**decade for decade in decades]
            if len(ticks) < 3:
                more = [
                    factor * 10.0**decade
                    for decade in range(math.floor(self.low), math.ceil(self.high))
                    for factor in (1, 2, 5)
                ]
                ticks = [tick for tick in more if self.low - 1e-9 <= math.log10(tick) <= self.high + 1e-9]
            return ticks
        span = self.high - self.low
        step = 10 ** math.floor(math.log10(span / 4))
        step *= next(factor for factor in (1, 2, 5, 10) if span / (step * factor) <= 5)
        first = math.ceil(self.low / step) * step
        return [first + index * step for index in range(int((self.high - first) / step + 1e-9) + 1)]


def spread(labels, top, bottom):
    """Moves labels apart, in their order, so that none covers another: (y, text, class) each."""
    placed = sorted(labels)
    for index in range(1, len(placed)):
        y = max(placed[index][0], placed[index - 1][0] + LABEL_HEIGHT)
        placed[index] = (y, *placed[index][1:])
    overflow = placed[-1][0] - bottom if placed else 0
    limit = bottom
    for index in range(len(placed) - 1, -1, -1):
        if overflow <= 0 and placed[index][0] <= limit:
            break
        y = min(placed[index][0], limit)
        placed[index] = (max(top, y), *placed[index][1:])
        limit = y - LABEL_HEIGHT
    return placed


def lines(
    series, x_title, y_title, *, log_x=True, log_y=True, x_ticks=None, y_text=quantity, x_text=quantity
):
    """Lines over a number: series is a list of (name, css class, [(x, y)])."""
    series = [each for each in series if each[2]]
    if not series:
        return ""
    xs = [x for _, _, values in series for x, _ in values]
    ys = [y for _, _, values in series for _, y in values if y > 0]
    x_axis = Axis(xs, LEFT, WIDTH - RIGHT - LABEL_WIDTH, log_x, step=2)
    y_axis = Axis(ys or [1], HEIGHT - BOTTOM, TOP, log_y, from_zero=not log_y)
    out = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(y_title)} over {escape(x_title)}">'
    ]
    for tick in y_axis.ticks():
        y = y_axis.at(tick)
        out.append(
            f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT - LABEL_WIDTH}"/>'
            f'<text class="tick" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{tick_text(y_text(tick))}</text>"
        )
    for tick, text in x_ticks or [(tick, tick_text(x_text(tick))) for tick in sorted(set(xs))]:
        out.append(
            f'<text class="tick" x="{x_axis.at(tick):.1f}" y="{HEIGHT - BOTTOM + 18}" '
            f'text-anchor="middle">{text}</text>'
        )
    out.append(f'<path class="axis" d="M{LEFT} {HEIGHT - BOTTOM}H{WIDTH - RIGHT - LABEL_WIDTH}"/>')
    out.append(
        f'<text class="axis-title" x="{(LEFT + WIDTH - RIGHT - LABEL_WIDTH) / 2}" y="{HEIGHT - 8}" '
        f'text-anchor="middle">{escape(x_title)}</text>'
    )
    labels = []
    for name, css, values in series:
        places = [(x_axis.at(x), y_axis.at(y), x, y) for x, y in values if y > 0]
        if not places:
            continue
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y, _, _ in places)
        out.append(f'<g class="series {css}"><path class="line" d="M{path}"/>')
        for x, y, value_x, value_y in places:
            out.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"><title>{escape(name)}: {y_text(value_y)} '
                f"at {x_text(value_x)}</title></circle>"
            )
        out.append("</g>")
        labels.append((places[-1][1] + 4, name, css, places[-1][0]))
    for y, name, css, x in spread(labels, TOP + 4, HEIGHT - BOTTOM):
        out.append(f'<text class="label {css}" x="{x + 9:.1f}" y="{y:.1f}">{escape(name)}</text>')
    out.append("</svg>")
    return "".join(out)


def bars(rows, unit, reference=None):
    """Horizontal bars: rows of (name, css class, value, text); a reference line where one is given."""
    name_width, text_width, height = 128, 112, 26
    length = WIDTH - name_width - text_width
    high = min(max(value for _, _, value, _ in rows), min(value for _, _, value, _ in rows) * BAR_LENGTHS_MAX)
    total = len(rows) * height + 8
    out = [f'<svg viewBox="0 0 {WIDTH} {total}" role="img" aria-label="{escape(unit)}">']
    for index, (name, css, value, text) in enumerate(rows):
        y = index * height + 4
        width = max(2.0, min(1.0, value / high) * length)
        out.append(
            f'<text class="name {css}" x="{name_width - 10}" y="{y + 15}" text-anchor="end">'
            f"{escape(name)}</text>"
            f'<rect class="bar {css}" x="{name_width}" y="{y + 2}" width="{width:.1f}" height="18" rx="3">'
            f"<title>{escape(name)}: {escape(text)}</title></rect>"
            f'<text class="value" x="{name_width + width + 8:.1f}" y="{y + 15}">{escape(text)}</text>'
        )
        if value > high:
            cut = name_width + width - 22
            out.append(f'<path class="cut" d="M{cut} {y + 22}l6 -22h5l-6 22z"/>')
    if reference:
        x = name_width + reference / high * length
        out.append(f'<path class="reference" d="M{x:.1f} 2V{total - 4}"/>')
    out.append("</svg>")
    return "".join(out)
