"""Lays out bar charts: from amounts to positions that `templates/usage/reports/*.jinja` draw as SVG.

Bars are positioned in percent of the width, so that text stays readable on any screen, and in pixels of the
height. Colors are classes (`s0` to `s7`, `s8` for the others), and so are the parts that the legend hides
(`p0` to `p8`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

AXIS_LINES = 4
MAX_LABELS = 6
# With more bars there is no room for rounded corners and gaps between the parts.
MAX_ROOMY_BARS = 62


@dataclass(frozen=True, slots=True)
class ChartBar:
    """A bar: its label ('' for none), its tooltip, and its amounts by series.

    The tooltip may have a line for each amount, in their order, below its first line. `colors` are those of
    the series; a series without one has its own number. `url` leads into the bar. `before` is the amount in
    the period before, which the last line of the tooltip names; None if nothing is compared.
    """

    label: str
    title: str
    parts: Mapping[int, int]
    colors: Mapping[int, int] = field(default_factory=dict)
    url: str = ""
    before: int | None = None

    @property
    def amount(self) -> int:
        return sum(amount for amount in self.parts.values() if amount > 0)


@dataclass(frozen=True, slots=True)
class BarArea:
    """Where bars are drawn: they stand on `floor` and reach up to `top`, both in pixels.

    `gap` is the share of a bar's slot that stays empty on either side.
    """

    top: int
    floor: int
    gap: float

    @property
    def height(self) -> int:
        return self.floor - self.top


@dataclass(frozen=True, slots=True)
class PlacedPart:
    series: int
    color: int
    y: Decimal
    height: Decimal


@dataclass(frozen=True, slots=True)
class PlacedBefore:
    x: str
    width: str
    y: Decimal
    height: Decimal


@dataclass(frozen=True, slots=True)
class PlacedBar:
    """A bar with positions; its slot, in which the tooltip appears, is wider and as high as the area.

    `line_colors` are those of the lines of its tooltip. `before` is what is compared, drawn behind it.
    """

    title: str
    line_colors: tuple[int, ...]
    url: str
    x: str
    width: str
    slot_x: str
    slot_width: str
    parts: tuple[PlacedPart, ...]
    is_compared: bool = False
    before: PlacedBefore | None = None


def lay_out_bars(bars: Sequence[ChartBar], area: BarArea, top_amount: int) -> list[PlacedBar]:
    """Returns the bars side by side; `top_amount` would reach the top of the area.

    A positive amount is at least a pixel high. A negative one, which sums never are, has no height.
    """
    count = len(bars)
    return [
        PlacedBar(
            title=bar.title,
            line_colors=tuple(bar.colors.get(series, series) for series in bar.parts),
            url=bar.url,
            x=format_percent(position + area.gap, count),
            width=format_percent(1 - 2 * area.gap, count),
            slot_x=format_percent(position, count),
            slot_width=format_percent(1, count),
            parts=tuple(stack_parts(bar, area, top_amount)),
            is_compared=bar.before is not None,
            before=place_before(bar, area, top_amount, position, count),
        )
        for position, bar in enumerate(bars)
    ]


def place_before(
    bar: ChartBar, area: BarArea, top_amount: int, position: int, count: int
) -> PlacedBefore | None:
    """Returns where the amount of the period before is drawn: on the floor, wider than the bar."""
    if not bar.before or bar.before < 0:
        return None
    height = scale(bar.before, area, top_amount)
    gap = area.gap / 4
    return PlacedBefore(
        x=format_percent(position + gap, count),
        width=format_percent(1 - 2 * gap, count),
        y=area.floor - height,
        height=height,
    )


def scale(amount: int, area: BarArea, top_amount: int) -> Decimal:
    """Returns the height of a positive amount, which is at least a pixel."""
    scaled = (Decimal(amount) * area.height / top_amount).quantize(Decimal("0.01"))
    return max(Decimal(1), scaled)


def stack_parts(bar: ChartBar, area: BarArea, top_amount: int) -> list[PlacedPart]:
    parts, y = [], Decimal(area.floor)
    for series, amount in sorted(bar.parts.items()):
        if amount > 0:
            height = scale(amount, area, top_amount)
            y -= height
            color = bar.colors.get(series, series)
            parts.append(PlacedPart(series=series, color=color, y=y, height=height))
    return parts


@dataclass(frozen=True, slots=True)
class AxisLine:
    """A line of the grid with its text on the axis."""

    y: str
    text_y: int
    text: str


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    x: str
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of stacked bars with an axis; `height` includes the labels below the floor."""

    title: str
    height: int
    floor: int
    label_y: int
    is_roomy: bool
    lines: list[AxisLine]
    bars: list[PlacedBar]
    labels: list[PlacedLabel]


HEIGHT, TOP, FLOOR = 224, 10, 188  # pixels


def build_chart(
    bars: Sequence[ChartBar], *, title: str, base: int, format_amount: Callable[[int], str]
) -> Chart:
    """Returns the layout of a chart; `base` is one unit of the axis."""
    is_roomy = len(bars) <= MAX_ROOMY_BARS
    area = BarArea(top=TOP, floor=FLOOR, gap=0.11 if is_roomy else 0.04)
    largest = max((max(bar.amount, bar.before or 0) for bar in bars), default=0)
    top = choose_axis_top(largest, base)
    return Chart(
        title=title,
        height=HEIGHT,
        floor=FLOOR,
        label_y=FLOOR + 24,
        is_roomy=is_roomy,
        lines=[
            AxisLine(
                y=f"{FLOOR - area.height * line / AXIS_LINES + 0.5:g}",
                text_y=FLOOR - area.height * line // AXIS_LINES + 4,
                text=format_amount(top * line // AXIS_LINES),
            )
            for line in range(AXIS_LINES + 1)
        ],
        bars=lay_out_bars(bars, area, top),
        labels=lay_out_labels(bars),
    )


def choose_axis_top(largest: int, base: int) -> int:
    """Returns the lowest round number that the largest bar does not exceed and AXIS_LINES divides well."""
    if largest <= 0:
        return AXIS_LINES * base
    step = Decimal(largest) / AXIS_LINES
    size = Decimal(1).scaleb(step.adjusted())
    for factor in ("1", "1.5", "2", "2.5", "3", "4", "5", "6", "8", "10"):
        if step <= size * Decimal(factor):
            return max(AXIS_LINES, int(size * Decimal(factor) * AXIS_LINES))
    raise AssertionError("ten times the size is never below the step")


def format_percent(part: float, whole: int) -> str:
    return f"{100 * part / whole:.3f}".rstrip("0").rstrip(".")


def lay_out_labels(bars: Sequence[ChartBar]) -> list[PlacedLabel]:
    """Returns labels below the middle of their bars, so few that they do not touch on a phone."""
    labeled = [(position, bar.label) for position, bar in enumerate(bars) if bar.label]
    every = -(-len(labeled) // MAX_LABELS) or 1
    return [
        PlacedLabel(
            x=format_percent(position + 0.5, len(bars)),
            # There is no room to the right of the plot.
            anchor="end" if (position + 0.5) / len(bars) > 0.95 else "middle",
            text=label,
        )
        for position, label in labeled[::every]
    ]
