"""A report of usage: what is requested, and the sums that answer it, exact to the last digit.

Reports by the day read only daily totals, reports by the hour only hourly ones.
"""

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain

from django.db.models import Case, F, IntegerField, Value, When

from usage.amounts import Amounts
from usage.enums import Dimension, Measure, Step
from usage.models.totals import HourlyTotal, Total, TotalQuerySet
from usage.periods import Period, midnight
from usage.reports.figures.comparison import PeriodComparison
from usage.reports.figures.groups import build_group_condition, find_group
from usage.reports.lines import (
    COLORS,
    LINE_KEYS,
    LineKey,
    LinePlace,
    ReportGroup,
    ReportLine,
    SeriesKey,
    TagItemKey,
    find_model,
)
from usage.reports.periods import ChartStep, list_steps
from usage.reports.scope import LineItems, ReportFilter, UsageScope
from usage.reports.tags import AnyDimension, TagDimension, join_tags


@dataclass(frozen=True)
class Report:
    """What is requested. `unit` is the unit that a report in units counts, '' for the most expensive.

    With a `comparison`, the period before is read by the same queries.
    """

    scope: UsageScope
    period: Period
    measure: Measure = Measure.COST
    step: Step = Step.DAY
    group_by: AnyDimension = Dimension.PRODUCT
    filter: ReportFilter = field(default_factory=ReportFilter)
    unit: str = ""
    comparison: PeriodComparison | None = None

    @property
    def items(self) -> LineItems:
        return self.scope.items

    @property
    def by_hour(self) -> bool:
        return self.step == Step.HOUR

    @property
    def period_column(self) -> str:
        return "hour" if self.by_hour else "day"

    def filter_totals(self, period: Period | None = None) -> TotalQuerySet:
        """Returns the totals of every unit in the period or in a part of it."""
        period = period or self.period
        scope = self.scope
        rows = scope.hourly_totals(*period.moments) if self.by_hour else scope.daily_totals(period)
        return self.narrow_to_filter(rows)

    def filter_compared_totals(self) -> TotalQuerySet:
        """Returns the totals of the period and of what it is compared with, marked as `is_before`."""
        if self.comparison is None:
            totals: TotalQuerySet = self.filter_totals().annotate(is_before=Value(0))
            return totals
        rows = self.comparison.find_totals(self.scope, by_hour=self.by_hour)
        return self.narrow_to_filter(rows)

    def filter_counted_totals(self, period: Period | None = None) -> TotalQuerySet:
        """Returns the totals, in a report in units without those of other units."""
        return self.narrow_to_unit(self.filter_totals(period))

    def narrow_to_filter(self, rows: TotalQuerySet) -> TotalQuerySet:
        organization = self.scope.organization
        moment = "hour" if rows.model is HourlyTotal else "day"
        rows, tags = join_tags(rows, self.tags, organization, moment)
        if isinstance(self.group_by, TagDimension):
            rows = rows.annotate(tag_id=tags[self.group_by].build_id())
        conditions = self.filter.build_conditions(organization)
        return rows.filter(conditions & self.filter.build_tag_conditions(tags))

    @property
    def tags(self) -> list[TagDimension]:
        """The tags that the report is grouped or filtered by."""
        dimensions = (self.group_by, *self.filter.included, *self.filter.excluded)
        return list(dict.fromkeys(each for each in dimensions if isinstance(each, TagDimension)))

    def narrow_to_unit(self, rows: TotalQuerySet) -> TotalQuerySet:
        if self.measure == Measure.UNITS:
            return rows.filter(line_item__in=self.items.with_unit(self.counted_unit))
        return rows

    def measure_amount(self, amounts: Amounts) -> int:
        return amounts.cost if self.measure == Measure.COST else amounts.quantity

    @property
    def line_key(self) -> type[LineKey]:
        return LINE_KEYS[self.group_by] if isinstance(self.group_by, Dimension) else TagItemKey

    @cached_property
    def sums(self) -> dict[int, list[Total[LineKey]]]:
        """The sums of every unit: 0 for those of the period, 1 for those of the period before."""
        return dict(self.filter_compared_totals().sum_by_period("is_before", self.line_key))

    @cached_property
    def line_sums(self) -> dict[int, list[ReportLine]]:
        """The lines of every unit, likewise."""
        return {
            is_before: list(self.merge_lines(totals)) for is_before, totals in self.sums.items()
        }

    @cached_property
    def spellings(self) -> dict[int, set[int]]:
        """The models that were sent, by the canonical ones."""
        spellings: dict[int, set[int]] = defaultdict(set)
        for total in chain(*self.sums.values()):
            spellings[find_model(total.key)[0]].add(total.key.model_id)
        return spellings

    @property
    def all_lines(self) -> list[ReportLine]:
        """The lines of every unit, without those that come to nothing."""
        return self.line_sums.get(0, [])

    @cached_property
    def last_lines_before(self) -> list[ReportLine]:
        """The lines of the hours before the moment up to which is compared, if that is within a day."""
        hours = None
        if self.comparison and not self.by_hour:
            hours = self.comparison.find_last_hours(self.scope)
        if hours is None:
            return []
        return list(self.merge_lines(self.narrow_to_filter(hours).sum_by(self.line_key)))

    @cached_property
    def amounts_before(self) -> dict[LinePlace, Amounts]:
        """What the lines came to in the period before, in a report in units only those of its unit."""
        before: dict[LinePlace, Amounts] = defaultdict(Amounts)
        for line in self.select_counted(self.line_sums.get(1, []) + self.last_lines_before):
            before[line.place] = before[line.place].plus(line.amounts)
        return before

    def merge_lines(self, totals: Iterable[Total[LineKey]]) -> Iterator[ReportLine]:
        """Adds up the sums of the same line: those of several keys of a person or names of a model."""
        merged: dict[tuple[LinePlace, str], Amounts] = defaultdict(Amounts)
        for total in totals:
            model, name = find_model(total.key)
            group = find_group(total.key, self.group_by, self.scope)
            line = (group, total.key.line_item_id, model), name
            merged[line] = merged[line].plus(total.amounts)
        for (place, name), amounts in merged.items():
            if any(amounts):
                yield ReportLine(*place, name, amounts)

    @cached_property
    def units(self) -> list[str]:
        """The units of the lines, the most expensive first."""
        costs: dict[str, int] = defaultdict(int)
        for line in self.all_lines:
            costs[self.items[line.item].unit] += line.amounts.cost
        return sorted(costs, key=lambda unit: (-costs[unit], unit))

    @cached_property
    def counted_unit(self) -> str:
        """The unit that a report in units counts: different units are never added up."""
        return self.unit or next(iter(self.units), "")

    @cached_property
    def lines(self) -> list[ReportLine]:
        return self.select_counted(self.all_lines)

    def select_counted(self, lines: list[ReportLine]) -> list[ReportLine]:
        """Returns the lines, in a report in units without those of other units."""
        if self.measure == Measure.COST:
            return lines
        unit = self.counted_unit
        return [line for line in lines if self.items[line.item].unit == unit]

    @cached_property
    def total(self) -> int:
        return sum(self.measure_amount(line.amounts) for line in self.lines)

    @property
    def requests(self) -> int:
        return sum(line.amounts.requests for line in self.lines)

    @cached_property
    def groups(self) -> list[ReportGroup]:
        """The groups and their lines, both the largest first."""
        lines: dict[int, list[ReportLine]] = defaultdict(list)
        for line in self.lines:
            lines[line.group].append(line)
        amounts = {
            key: sum(self.measure_amount(line.amounts) for line in group)
            for key, group in lines.items()
        }
        ordered = sorted(lines, key=lambda key: (-amounts[key], key))
        # If there are nine, the ninth is shown like the others, but has its own name.
        return [
            ReportGroup(
                key=key,
                amount=amounts[key],
                series=min(position, COLORS),
                lines=sorted(lines[key], key=self.sort_key),
            )
            for position, key in enumerate(ordered)
        ]

    def sort_key(self, line: ReportLine) -> tuple[int, int, int]:
        return -self.measure_amount(line.amounts), line.item, line.model

    @cached_property
    def steps(self) -> list[ChartStep]:
        return list_steps(self.period, self.step)

    def sum_bars(self) -> list[dict[int, int]]:
        """Returns the amounts of each bar of the chart by series, without those that are 0."""
        return self.bar_sums[0]

    @cached_property
    def bar_sums(self) -> tuple[list[dict[int, int]], list[int]]:
        """The amounts of each bar by series, and its amount in the period before."""
        bars: list[dict[int, int]] = [defaultdict(int) for _ in self.steps]
        before = [0] * len(self.steps)
        if not self.groups:
            return bars, before
        rows = self.narrow_to_unit(self.filter_compared_totals())
        rows = rows.annotate(series=self.build_series())
        for period, totals in rows.sum_by_period(self.period_column, SeriesKey):
            moment = period if self.by_hour else midnight(period)
            if moment < self.period.moments[0]:
                self.add_before(before, moment, sum(map(self.measure_total, totals)))
                continue
            bar = bars[self.find_bar(moment)]
            for total in totals:
                bar[self.find_series(total.key)] += self.measure_total(total)
        if self.comparison and self.last_lines_before:
            lines = self.select_counted(self.last_lines_before)
            last = sum(self.measure_amount(line.amounts) for line in lines)
            self.add_before(before, midnight(self.comparison.until.date()), last)
        return [
            {series: amount for series, amount in bar.items() if amount} for bar in bars
        ], before

    def find_bar(self, moment: dt.datetime) -> int:
        return bisect_right([step.start for step in self.steps], moment) - 1

    def add_before(self, before: list[int], moment: dt.datetime, amount: int) -> None:
        """Adds an amount of the period before to its bar, if this period is long enough to have one."""
        assert self.comparison is not None
        now = moment + self.comparison.shift
        if now < self.period.moments[1]:
            before[self.find_bar(now)] += amount

    def measure_total(self, total: Total[SeriesKey]) -> int:
        return self.measure_amount(total.amounts)

    @cached_property
    def series_by_group(self) -> dict[int, int]:
        return {group.key: group.series for group in self.groups}

    def find_series(self, key: SeriesKey) -> int:
        """Returns the place in the bars that `build_series` stands for."""
        is_tag = isinstance(self.group_by, TagDimension)
        return self.series_by_group.get(key.series, COLORS) if is_tag else key.series

    def build_series(self) -> Case | F:
        """Returns the series of a total as an expression, or its tag, which is looked up only once then."""
        if isinstance(self.group_by, TagDimension):
            return F("tag_id")
        colored = [group for group in self.groups if group.series < COLORS]
        build = partial(build_group_condition, self.group_by, self.scope, self.spellings)
        cases = [When(build(group.key), then=Value(group.series)) for group in colored]
        return Case(*cases, default=Value(COLORS), output_field=IntegerField())
