"""A report of usage: what is requested, and the sums that answer it, exact to the last digit.

Reports by the day read only daily totals, reports by the hour only hourly ones.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from django.db.models import Case, IntegerField, Q, Value, When

from usage.amounts import Amounts
from usage.enums import Dimension, Measure, Step
from usage.ids import KeyId, LineItemId, ModelId, ProductId, ProjectId, UserId
from usage.models.totals import Total, TotalQuerySet
from usage.periods import Period, midnight
from usage.reports.periods import ChartStep, list_steps
from usage.reports.scope import (
    NO_ID,
    LineItems,
    ReportFilter,
    UsageScope,
    build_condition,
)

# So many groups are shown in the chart on their own; the rest are added up as "Other", with a color that no
# group has.
COLORS = 8


class ItemKey(NamedTuple):
    """What totals are summed by, if the report is grouped by product, line item or model."""

    line_item_id: LineItemId
    model_id: ModelId


class ProjectItemKey(NamedTuple):
    project_id: ProjectId
    line_item_id: LineItemId
    model_id: ModelId


class ApiKeyItemKey(NamedTuple):
    api_key_id: KeyId
    line_item_id: LineItemId
    model_id: ModelId


class CollaboratorItemKey(NamedTuple):
    user_id: UserId
    api_key_id: KeyId
    line_item_id: LineItemId
    model_id: ModelId


LineKey = ItemKey | ProjectItemKey | ApiKeyItemKey | CollaboratorItemKey
LINE_KEYS: dict[Dimension, type[LineKey]] = {
    Dimension.PRODUCT: ItemKey,
    Dimension.MODEL: ItemKey,
    Dimension.LINE_ITEM: ItemKey,
    Dimension.PROJECT: ProjectItemKey,
    Dimension.API_KEY: ApiKeyItemKey,
    Dimension.COLLABORATOR: CollaboratorItemKey,
}


class SeriesKey(NamedTuple):
    series: int


class ReportLine(NamedTuple):
    """A line of the table: what a group used of one line item and model.

    `group` is a primary key of the dimension that the report is grouped by.
    """

    group: int
    item: LineItemId
    model: ModelId
    amounts: Amounts


class ReportGroup(NamedTuple):
    """A group with all its lines; `series` is its place in the bars, COLORS for one of the others."""

    key: int
    amount: int
    series: int
    lines: list[ReportLine]

    @property
    def color(self) -> int:
        """The color: of the thing itself, so that neither a filter nor a change of amounts changes it."""
        return COLORS if self.series == COLORS else abs(self.key) % COLORS


@dataclass(frozen=True)
class Report:
    """What is requested. `unit` is the unit that a report in units counts, '' for the most expensive."""

    scope: UsageScope
    period: Period
    measure: Measure = Measure.COST
    step: Step = Step.DAY
    group_by: Dimension = Dimension.PRODUCT
    filter: ReportFilter = field(default_factory=ReportFilter)
    unit: str = ""

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

    def filter_counted_totals(self, period: Period | None = None) -> TotalQuerySet:
        """Returns the totals, in a report in units without those of other units."""
        return self.narrow_to_unit(self.filter_totals(period))

    def narrow_to_filter(self, rows: TotalQuerySet) -> TotalQuerySet:
        return rows.filter(self.filter.build_conditions(self.scope.organization))

    def narrow_to_unit(self, rows: TotalQuerySet) -> TotalQuerySet:
        if self.measure == Measure.UNITS:
            return rows.filter(line_item__in=self.items.with_unit(self.counted_unit))
        return rows

    def measure_amount(self, amounts: Amounts) -> int:
        return amounts.cost if self.measure == Measure.COST else amounts.quantity

    @property
    def line_key(self) -> type[LineKey]:
        return LINE_KEYS[self.group_by]

    @cached_property
    def all_lines(self) -> list[ReportLine]:
        """The lines of every unit, without those that come to nothing."""
        return list(self.merge_lines(self.filter_totals().sum_by(self.line_key)))

    def find_group(self, key: LineKey) -> int:
        """Returns the group that a sum belongs to."""
        if isinstance(key, ProjectItemKey):
            return key.project_id
        if isinstance(key, ApiKeyItemKey):
            return key.api_key_id
        if isinstance(key, CollaboratorItemKey):
            return key.user_id or self.scope.key_creators.get(key.api_key_id, NO_ID)
        if self.group_by == Dimension.PRODUCT:
            return self.items[key.line_item_id].product_id
        if self.group_by == Dimension.MODEL:
            return key.model_id
        return key.line_item_id

    def merge_lines(self, totals: Iterable[Total[LineKey]]) -> Iterator[ReportLine]:
        """Adds up the sums that belong to the same line: those of several keys of a person."""
        merged: dict[tuple[int, LineItemId, ModelId], Amounts] = defaultdict(Amounts)
        for total in totals:
            line = self.find_group(total.key), total.key.line_item_id, total.key.model_id
            merged[line] = merged[line].plus(total.amounts)
        for (group, item, model), amounts in merged.items():
            if any(amounts):
                yield ReportLine(group, item, model, amounts)

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
        if self.measure == Measure.COST:
            return self.all_lines
        unit = self.counted_unit
        return [line for line in self.all_lines if self.items[line.item].unit == unit]

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
        starts = [step.start for step in self.steps]
        bars: list[dict[int, int]] = [defaultdict(int) for _ in starts]
        if not self.groups:
            return bars
        rows = self.filter_counted_totals().annotate(series=self.build_series())
        for period, totals in rows.sum_by_period(self.period_column, SeriesKey):
            moment = period if self.by_hour else midnight(period)
            bar = bars[bisect_right(starts, moment) - 1]
            for total in totals:
                bar[total.key.series] += self.measure_amount(total.amounts)
        return [{series: amount for series, amount in bar.items() if amount} for bar in bars]

    def build_series(self) -> Case:
        """Returns the series of a total as an expression."""
        colored = [group for group in self.groups if group.series < COLORS]
        cases = [
            When(self.build_group_condition(group.key), then=Value(group.series))
            for group in colored
        ]
        return Case(*cases, default=Value(COLORS), output_field=IntegerField())

    def build_group_condition(self, group: int) -> Q:
        """Returns the condition for totals that belong to a group."""
        if self.group_by == Dimension.PRODUCT:
            product = ProductId(group)
            items = [pk for pk, item in self.items.by_id.items() if item.product_id == product]
            return Q(line_item__in=items)
        if self.group_by == Dimension.COLLABORATOR:
            keys = [key for key, creator in self.scope.key_creators.items() if creator == group]
            if group:
                return Q(user_id=group) | Q(user_id=NO_ID, api_key_id__in=keys)
            return Q(user_id=NO_ID) & ~Q(api_key_id__in=list(self.scope.key_creators))
        return build_condition(self.group_by, [group], self.scope.organization)
