"""Small charts in rows of a table, as the path of an SVG; the numbers are beside them."""

from collections.abc import Sequence

WIDTH, HEIGHT = 96, 20  # pixels
MOST_BARS = 62


def draw_spark(amounts: Sequence[int]) -> str:
    """Returns the path of the bars, each row to its own scale; '' if there is nothing or a single bar.

    Bars that would be too thin are added up. A positive amount is at least a pixel high.
    """
    per_bar = -(-len(amounts) // MOST_BARS) or 1
    bars = [sum(amounts[at : at + per_bar]) for at in range(0, len(amounts), per_bar)]
    largest = max(bars, default=0)
    if len(bars) < 2 or largest <= 0:
        return ""
    slot = WIDTH / len(bars)
    width = slot * 0.7
    return "".join(
        f"M{position * slot:.1f} {HEIGHT}v-{max(1, HEIGHT * amount / largest):.1f}h{width:.1f}V{HEIGHT}"
        for position, amount in enumerate(bars)
        if amount > 0
    )
