"""Reports: sums by every dimension, filters, and which totals they are read from."""

import datetime as dt
from typing import Any

import pytest

from tests.support.pages import queries
from tests.usage.helpers.factories import used
from tests.world import World, issued
from usage.enums import Dimension, Measure, Step
from usage.models import DailyTotal, HourlyTotal, LineItem
from usage.periods import Period
from usage.reports.periods import list_presets, list_steps
from usage.reports.report import Report
from usage.reports.scope import NO_ID, ReportFilter, UsageScope

pytestmark = pytest.mark.django_db
FIRST, SECOND = dt.date(2026, 11, 1), dt.date(2026, 11, 2)
NOVEMBER = Period(FIRST, dt.date(2026, 11, 30))


def report(world: World, **given: Any) -> Report:
    return Report(UsageScope(world.organization, world.owner), **{"period": NOVEMBER, **given})


def amounts(found: Report) -> dict[int, int]:
    return {group.key: group.amount for group in found.groups}


def fill(world: World) -> None:
    used(world.key, FIRST)
    used(world.key, SECOND, item="input_tokens", quantity=500_000)
    used(world.key, SECOND, product="volumes", item="gb_hours", quantity=7, project=world.default)
    production = issued(world.production, world.owner, "deploy").key
    used(production, SECOND, quantity=2_000_000)
    used(world.external, SECOND, project=world.research, quantity=250_000)
    used(world.other_key, FIRST, quantity=9_000_000)


def test_it_adds_up_by_each_dimension_and_to_the_same_total(world: World) -> None:
    fill(world)
    expected = {
        Dimension.PROJECT: {
            world.research.pk: 15_400_000_000,
            world.production.pk: 17_600_000_000,
            world.default.pk: 70_000_000_000,
        },
        Dimension.COLLABORATOR: {
            world.project_member.pk: 83_200_000_000,
            world.owner.pk: 17_600_000_000,
            world.external.pk: 2_200_000_000,
        },
    }
    for dimension, groups in expected.items():
        assert amounts(report(world, group_by=dimension)) == groups
    for dimension in Dimension:
        found = report(world, group_by=dimension)
        assert found.total == 103_000_000_000
        assert sum(sum(bar.values()) for bar in found.sum_bars()) == found.total


def test_a_project_has_its_own_alone(world: World) -> None:
    fill(world)
    scope = UsageScope(world.organization, world.owner, world.research)
    assert Report(scope, NOVEMBER).total == 15_400_000_000


def test_filters_let_through_and_leave_out(world: World) -> None:
    fill(world)

    def total(**given: ReportFilter) -> int:
        return report(world, **given).total

    key, storage = (
        [world.key.pk],
        [LineItem.objects.get(code="gb_hours", product__code="volumes").pk],
    )
    only = ReportFilter({Dimension.API_KEY: key}, {Dimension.PRODUCT: storage})
    assert total(filter=only) == 13_200_000_000
    assert total(filter=ReportFilter({}, {Dimension.API_KEY: key})) == 19_800_000_000
    assert total(filter=ReportFilter({Dimension.API_KEY: [NO_ID]})) == 2_200_000_000
    person = [world.project_member.pk]
    assert total(filter=ReportFilter({Dimension.COLLABORATOR: person})) == 83_200_000_000
    assert total(filter=ReportFilter({}, {Dimension.COLLABORATOR: person})) == 19_800_000_000
    assert total(filter=ReportFilter({Dimension.COLLABORATOR: [NO_ID]})) == 0


def test_units_of_different_kinds_are_not_added_up(world: World) -> None:
    fill(world)
    found = report(world, measure=Measure.UNITS)
    assert found.units == ["gb-hour", "token"]
    assert found.counted_unit == "gb-hour"
    assert found.total == 7_000_000
    tokens = report(world, measure=Measure.UNITS, unit="token")
    assert tokens.total == 3_750_000 * 10**6
    assert sum(sum(bar.values()) for bar in tokens.sum_bars()) == tokens.total


@pytest.mark.parametrize(
    ("step", "read", "unread"),
    [(Step.DAY, DailyTotal, HourlyTotal), (Step.HOUR, HourlyTotal, DailyTotal)],
)
def test_days_are_read_from_daily_totals_and_hours_from_hourly_ones(
    world: World, step: Step, read: Any, unread: Any
) -> None:
    fill(world)
    with queries() as captured:
        found = report(world, step=step)
        assert len(found.sum_bars()) == (30 if step == Step.DAY else 720)
        assert found.total == 103_000_000_000
    asked = " ".join(query["sql"] for query in captured.captured_queries)
    assert read._meta.db_table in asked
    assert unread._meta.db_table not in asked
    assert "usage_usagerecord" not in asked


def test_the_ninth_group_and_those_after_share_a_color(world: World) -> None:
    for number in range(10):
        key = issued(world.research, world.owner, f"key {number}").key
        used(key, FIRST, quantity=1_000_000 * (number + 1))
    found = report(world, group_by=Dimension.API_KEY)
    assert [group.series for group in found.groups] == [*range(8), 8, 8]
    assert found.sum_bars()[0][8] == sum(group.amount for group in found.groups[8:])


def test_a_group_keeps_its_color_whatever_is_filtered_and_however_large_it_is(world: World) -> None:
    keys = [issued(world.research, world.owner, f"key {number}").key for number in range(4)]
    for number, key in enumerate(keys):
        used(key, FIRST, quantity=1_000_000 * (number + 1))

    def colors(**given: Any) -> dict[int, int]:
        found = report(world, group_by=Dimension.API_KEY, **given)
        return {group.key: group.color for group in found.groups}

    everything = colors()
    assert len(set(everything.values())) == 4
    without_largest = ReportFilter({}, {Dimension.API_KEY: [keys[-1].pk]})
    assert colors(filter=without_largest).items() <= everything.items()
    used(keys[0], SECOND, quantity=90_000_000)
    assert colors() == everything


def test_sums_beyond_64_bits_are_exact(world: World) -> None:
    most = (2**63 - 1) // 10**6
    for key in (world.key, issued(world.research, world.owner, "second").key):
        used(key, FIRST, quantity=most)
    assert report(world, measure=Measure.UNITS).total == 2 * most * 10**6


def test_voided_usage_has_no_line(world: World) -> None:
    used(world.key, FIRST, quantity=0)
    assert [line.amounts.requests for line in report(world).lines] == [1]
    DailyTotal.objects.update(requests=0)
    assert report(world).lines == []


def test_periods_have_bars_that_fit_their_length() -> None:
    day = dt.date(2026, 11, 25)
    assert len(list_steps(Period(day, day), Step.HOUR)) == 24
    weeks = list_steps(Period(dt.date(2026, 1, 1), day), Step.WEEK)
    assert (weeks[0].name, weeks[1].label) == ("1 – 4 Jan 2026", "5 Jan")
    months = list_steps(Period(dt.date(2024, 1, 15), day), Step.MONTH)
    assert (len(months), months[0].label) == (35, "Jan 2024")
    named = {one.label: one.period for one in list_presets(day)}
    assert named["This month"] == NOVEMBER
    assert named["Last month"] == Period(dt.date(2026, 10, 1), dt.date(2026, 10, 31))
    assert named["Last 7 days"] == Period(dt.date(2026, 11, 19), day)
