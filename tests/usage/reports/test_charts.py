"""The chart as a picture: heights, colors, words, and nothing that a name could break out of."""

import re
from xml.etree import ElementTree as ET

from django.template.loader import render_to_string

from usage.reports.charts import FLOOR, TOP, ChartBar, build_chart, choose_axis_top


def drawn(*bars: ChartBar) -> str:
    chart = build_chart(
        bars, title="Cost by day", base=100, format_amount=lambda amount: f"${amount}"
    )
    picture = render_to_string("usage/reports/_plot.jinja", {"chart": chart}, using="jinja2")
    ET.fromstring(f"<p>{picture}</p>")  # noqa: S314  (ours)
    return picture


def parts(picture: str) -> list[tuple[str, float, float]]:
    found = re.findall(r'<rect class="p(\d) s\d" [^>]*y="([\d.]+)" height="([\d.]+)"', picture)
    return [(series, float(y), float(height)) for series, y, height in found]


def test_parts_stand_on_each_other_and_are_as_high_as_their_amounts() -> None:
    found = parts(drawn(ChartBar("1 Nov", "1 Nov: $400", {1: 100, 0: 300})))
    room = FLOOR - TOP
    assert found == [("0", FLOOR - room * 0.75, room * 0.75), ("1", TOP, room * 0.25)]


def test_what_is_little_is_seen_and_what_is_nothing_is_not_drawn() -> None:
    assert [height for _, _, height in parts(drawn(ChartBar("", "", {0: 10**9, 1: 1, 2: 0})))][
        1:
    ] == [1]
    assert parts(drawn(ChartBar("1 Nov", "", {}))) == []


def test_the_axis_ends_at_a_round_number_that_is_not_below_the_largest() -> None:
    assert [choose_axis_top(one, 100) for one in (0, 175, 400, 401, 999)] == [
        400,
        200,
        400,
        600,
        1000,
    ]
    assert choose_axis_top(1, 100) == 4
    picture = drawn(ChartBar("1 Nov", "", {0: 230}))
    assert re.findall(r'text-anchor="end">([^<]*)<', picture)[:5] == [
        "$0",
        "$60",
        "$120",
        "$180",
        "$240",
    ]


def test_every_bar_says_what_it_is_and_names_cannot_break_out() -> None:
    picture = drawn(ChartBar("1 Nov", '1 Nov: <script>"&', {0: 1}))
    assert "<title>1 Nov: &lt;script&gt;&#34;&amp;</title>" in picture
    assert 'role="group" aria-label="Cost by day"' in picture


def test_words_below_stay_apart() -> None:
    picture = drawn(*(ChartBar(f"{day} Nov", "", {0: 1}) for day in range(1, 31)))
    assert re.findall(r">(\d+ Nov)</text>", picture) == [
        "1 Nov", "6 Nov", "11 Nov", "16 Nov", "21 Nov", "26 Nov",
    ]  # fmt: skip
    assert "style=" not in picture
