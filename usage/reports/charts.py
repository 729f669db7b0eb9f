"""Draws stacked bars as inline SVG: a pure function of numbers and text, which `format_html` escapes.

The axis and the plot are two pictures side by side: the axis keeps its width, and the bars are positioned in
percent, so that text stays readable on any screen. Colors are classes (`s0` to `s7`, `s8` for the others).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

HEIGHT, TOP, FLOOR = 224, 10, 188  # pixels; the bars stand on FLOOR and reach up to TOP
LINES = 4
MAX_LABELS = 6
# With more bars there is no room for rounded corners and gaps between the parts.
MAX_ROOMY_BARS = 62

AXIS = """<svg class="axis" width="56" height="{}" aria-hidden="true">{}</svg>"""
AXIS_LABEL = '<text x="48" y="{}" text-anchor="end">{}</text>'
PLOT = """<svg class="plot{}" width="100%" height="{}" role="img" aria-label="{}">
{}{}{}</svg>"""
GRID = '<line x1="0" x2="100%" y1="{y}" y2="{y}"/>'
BAR = '<g class="bar"><title>{}</title><rect class="hit" x="{}%" width="{}%" y="0" height="{}"/>{}</g>\n'
PART = '<rect class="s{}" x="{}%" width="{}%" y="{}" height="{}"/>'
LABEL = '<text x="{}%" y="{}" text-anchor="{}">{}</text>'


@dataclass(frozen=True)
class ChartBar:
    """A bar: its label ('' for none), its tooltip, and its amounts by series from the floor up."""

    label: str
    title: str
    parts: Mapping[int, int]

    @property
    def amount(self) -> int:
        return sum(amount for amount in self.parts.values() if amount > 0)


def draw_chart(
    bars: Sequence[ChartBar], *, title: str, base: int, format_amount: Callable[[int], str]
) -> SafeString:
    """Returns the bars and their axis; `base` is one unit of the axis.

    A positive amount is at least a pixel high. A negative one, which sums never are, has no height.
    """
    top = choose_axis_top(max((bar.amount for bar in bars), default=0), base)
    return draw_axis(top, format_amount) + draw_plot(bars, top, title)


def choose_axis_top(largest: int, base: int) -> int:
    """Returns the lowest round number that the largest bar does not exceed and that LINES divides well."""
    if largest <= 0:
        return LINES * base
    step = Decimal(largest) / LINES
    size = Decimal(1).scaleb(step.adjusted())
    for factor in (
        Decimal(1),
        Decimal("1.5"),
        Decimal(2),
        Decimal("2.5"),
        Decimal(3),
        Decimal(4),
        Decimal(5),
        Decimal(6),
        Decimal(8),
        Decimal(10),
    ):
        if step <= size * factor:
            return max(LINES, int(size * factor * LINES))
    raise AssertionError("ten times the size is never below")


def scale_height(amount: int, top: int) -> Decimal:
    return max(Decimal(1), (Decimal(amount) * (FLOOR - TOP) / top).quantize(Decimal("0.01")))


def draw_axis(top: int, format_amount: Callable[[int], str]) -> SafeString:
    labels = [
        (FLOOR - (FLOOR - TOP) * line // LINES + 4, format_amount(top * line // LINES))
        for line in range(LINES + 1)
    ]
    return format_html(AXIS, HEIGHT, format_html_join("", AXIS_LABEL, labels))


def draw_plot(bars: Sequence[ChartBar], top: int, title: str) -> SafeString:
    lines = [{"y": f"{FLOOR - (FLOOR - TOP) * line / LINES + 0.5:g}"} for line in range(LINES + 1)]
    roomy = " roomy" if len(bars) <= MAX_ROOMY_BARS else ""
    drawn = [draw_bar(bar, position, len(bars), top) for position, bar in enumerate(bars)]
    grid = format_html_join("", GRID, lines)
    return format_html(
        PLOT,
        roomy,
        HEIGHT,
        title,
        grid,
        format_html_join("", "{}", [(bar,) for bar in drawn]),
        draw_labels(bars),
    )


def format_percent(part: float, whole: int) -> str:
    return f"{100 * part / whole:.3f}".rstrip("0").rstrip(".")


def draw_bar(bar: ChartBar, position: int, number: int, top: int) -> SafeString:
    gap = 0.11 if number <= MAX_ROOMY_BARS else 0.04
    x, width = format_percent(position + gap, number), format_percent(1 - 2 * gap, number)
    parts, y = [], Decimal(FLOOR)
    for series, amount in sorted(bar.parts.items()):
        if amount > 0:
            high = scale_height(amount, top)
            y -= high
            parts.append((series, x, width, y, high))
    slot = format_percent(position, number), format_percent(1, number), FLOOR
    return format_html(BAR, bar.title, *slot, format_html_join("", PART, parts))


def draw_labels(bars: Sequence[ChartBar]) -> SafeString:
    """Draws labels below the middle of their bars, so few that they do not touch on a phone."""
    labeled = [(position, bar.label) for position, bar in enumerate(bars) if bar.label]
    every = -(-len(labeled) // MAX_LABELS) or 1
    labels = [
        (
            format_percent(position + 0.5, len(bars)),
            FLOOR + 24,
            choose_anchor(position, len(bars)),
            label,
        )
        for position, label in labeled[::every]
    ]
    return format_html_join("", LABEL, labels)


def choose_anchor(position: int, number: int) -> str:
    """Returns `end` for the last labels: there is no room to the right of the plot."""
    return "end" if (position + 0.5) / number > 0.95 else "middle"
