"""Draws stacked bars as inline SVG: a pure function of numbers and words, which `format_html` escapes.

Two pictures side by side: the axis keeps its width, the bars are placed in percent, so that the words
stay readable on any screen. Colours are classes (`s0` to `s7`, `s8` for the others).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

HEIGHT, TOP, FLOOR = 224, 10, 188  # pixels; the bars stand on FLOOR and reach up to TOP
LINES = 4
WORDS = 6  # below the bars
# With more bars than these there is no room for rounded corners and gaps between the parts.
ROOMY = 62

AXIS = """<svg class="axis" width="56" height="{}" aria-hidden="true">{}</svg>"""
AXIS_WORD = '<text x="48" y="{}" text-anchor="end">{}</text>'
PLOT = """<svg class="plot{}" width="100%" height="{}" role="img" aria-label="{}">
{}{}{}</svg>"""
GRID = '<line x1="0" x2="100%" y1="{y}" y2="{y}"/>'
BAR = '<g class="bar"><title>{}</title><rect class="hit" x="{}%" width="{}%" y="0" height="{}"/>{}</g>\n'
PART = '<rect class="s{}" x="{}%" width="{}%" y="{}" height="{}"/>'
WORD = '<text x="{}%" y="{}" text-anchor="{}">{}</text>'


@dataclass(frozen=True)
class Bar:
    """One step: its word below ('' for none), what hovering says, its amounts by series from the floor up."""

    word: str
    title: str
    parts: Mapping[int, int]

    @property
    def amount(self) -> int:
        return sum(amount for amount in self.parts.values() if amount > 0)


def chart(
    bars: Sequence[Bar], *, title: str, base: int, spoken: Callable[[int], str]
) -> SafeString:
    """The bars with an axis; `base` is one unit of the axis, `spoken` says an amount on it.

    A positive amount is at least a pixel high; a negative one, which sums never are, has no height.
    """
    top = axis_top(max((bar.amount for bar in bars), default=0), base)
    return axis(top, spoken) + plot(bars, top, title)


def axis_top(largest: int, base: int) -> int:
    """The lowest round number that is not below the largest bar, and that LINES divides well."""
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


def height(amount: int, top: int) -> Decimal:
    return max(Decimal(1), (Decimal(amount) * (FLOOR - TOP) / top).quantize(Decimal("0.01")))


def axis(top: int, spoken: Callable[[int], str]) -> SafeString:
    words = [
        (FLOOR - (FLOOR - TOP) * line // LINES + 4, spoken(top * line // LINES))
        for line in range(LINES + 1)
    ]
    return format_html(AXIS, HEIGHT, format_html_join("", AXIS_WORD, words))


def plot(bars: Sequence[Bar], top: int, title: str) -> SafeString:
    lines = [{"y": f"{FLOOR - (FLOOR - TOP) * line / LINES + 0.5:g}"} for line in range(LINES + 1)]
    roomy = " roomy" if len(bars) <= ROOMY else ""
    drawn = [draw_bar(bar, place, len(bars), top) for place, bar in enumerate(bars)]
    grid = format_html_join("", GRID, lines)
    return format_html(
        PLOT,
        roomy,
        HEIGHT,
        title,
        grid,
        format_html_join("", "{}", [(one,) for one in drawn]),
        words(bars),
    )


def percent(part: float, whole: int) -> str:
    return f"{100 * part / whole:.3f}".rstrip("0").rstrip(".")


def draw_bar(bar: Bar, place: int, number: int, top: int) -> SafeString:
    gap = 0.11 if number <= ROOMY else 0.04
    x, width = percent(place + gap, number), percent(1 - 2 * gap, number)
    parts, y = [], Decimal(FLOOR)
    for series, amount in sorted(bar.parts.items()):
        if amount > 0:
            high = height(amount, top)
            y -= high
            parts.append((series, x, width, y, high))
    slot = percent(place, number), percent(1, number), FLOOR
    return format_html(BAR, bar.title, *slot, format_html_join("", PART, parts))


def words(bars: Sequence[Bar]) -> SafeString:
    """At most so many words that they stay apart on a phone, each below the middle of its bar."""
    worded = [(place, bar.word) for place, bar in enumerate(bars) if bar.word]
    every = -(-len(worded) // WORDS) or 1
    placed = [
        (percent(place + 0.5, len(bars)), FLOOR + 24, anchor(place, len(bars)), word)
        for place, word in worded[::every]
    ]
    return format_html_join("", WORD, placed)


def anchor(place: int, number: int) -> str:
    """Beside the first bar there is the axis, but nothing beside the last one."""
    return "end" if (place + 0.5) / number > 0.95 else "middle"
