"""Reports of usage: what is asked for, as a value, and the sums that answer it, exact to the last digit.

By the day they read daily totals alone, by the hour hourly ones.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Case, IntegerField, Q, Value, When

from keys.models import ApiKey
from usage.enums import Dimension, Granularity, Measure
from usage.models.totals import Summed, TotalQuerySet
from usage.reports.periods import Period, Step, midnight, steps
from usage.reports.scope import NOBODY, Filter, Items, Scope, condition

# So many groups have a colour of their own in the chart; the rest are one more, called "Other".
COLOURS = 8


# The columns of the totals that tell a group from another; those of the line item are always there.
COLUMNS: dict[Dimension, tuple[str, ...]] = {
    Dimension.PROJECT: ("project_id",),
    Dimension.API_KEY: ("api_key_id",),
    Dimension.COLLABORATOR: ("user_id", "api_key_id"),
}
CELL = ("line_item_id", "model_id")


class Line(NamedTuple):
    """A line of the table: what a group used of one line item and model."""

    group: int
    item: int
    model: int
    quantity: int
    cost: int
    requests: int


class Group(NamedTuple):
    """A group with all of its lines; `series` is its colour, COLOURS for one of the others."""

    key: int
    amount: int
    series: int
    lines: list[Line]


@dataclass(frozen=True)
class Report:
    """What is asked for. `unit` is the one unit that a report in units counts; without one there is none."""

    scope: Scope
    period: Period
    measure: Measure = Measure.COST
    granularity: Granularity = Granularity.DAY
    group_by: Dimension = Dimension.PRODUCT
    filter: Filter = field(default_factory=Filter)
    unit: str = ""

    @property
    def items(self) -> Items:
        return self.scope.items

    @property
    def by_hour(self) -> bool:
        return self.granularity == Granularity.HOUR

    @property
    def period_column(self) -> str:
        return "hour" if self.by_hour else "day"

    def totals(self, period: Period | None = None) -> TotalQuerySet:
        """The totals it adds up, of all its period or of a part; of every unit."""
        period = period or self.period
        scope = self.scope
        rows = scope.hours(*period.moments) if self.by_hour else scope.days(period)
        return rows.filter(self.filter.conditions(scope.organization))

    def counted(self, period: Period | None = None) -> TotalQuerySet:
        """The totals without those of other units, in a report in units."""
        rows = self.totals(period)
        if self.measure == Measure.UNITS:
            return rows.filter(line_item__in=self.items.with_unit(self.counted_unit))
        return rows

    def amount(self, row: Line | Summed) -> int:
        return row.cost if self.measure == Measure.COST else row.quantity

    @cached_property
    def all_lines(self) -> list[Line]:
        """The lines of every unit; those that come to nothing are left out."""
        sums = self.totals().summed(*COLUMNS.get(self.group_by, ()), *CELL)
        return list(self.merged(sums, 0))

    @cached_property
    def creators(self) -> dict[int, int]:
        """Who made the keys of the organization, by primary key; read when grouped by collaborator."""
        keys = ApiKey.objects.in_organization(self.scope.organization)
        return dict(keys.filter(created_by__isnull=False).values_list("pk", "created_by"))

    def group_of(self, key: tuple[Any, ...]) -> int:
        """The group of a sum, from the values of its columns and then the line item and model."""
        item = key[-2]
        if self.group_by == Dimension.PRODUCT:
            return self.items[item].product_id
        if self.group_by == Dimension.LINE_ITEM:
            return int(item)
        if self.group_by == Dimension.COLLABORATOR:
            return int(key[-4]) or self.creators.get(key[-3], NOBODY)
        return int(key[-3])

    def merged(self, sums: Iterable[Summed], skip: int) -> Iterator[Line]:
        """The sums as lines; `skip` columns stand before those of the group."""
        found: dict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
        for one in sums:
            key = one.key[skip:]
            amounts = found[self.group_of(key), key[-2], key[-1]]
            amounts[0] += one.quantity
            amounts[1] += one.cost
            amounts[2] += one.requests
        for (group, item, model), amounts in found.items():
            if any(amounts):
                yield Line(group, item, model, *amounts)

    @cached_property
    def units(self) -> list[str]:
        """The units of the lines, that with the highest cost first."""
        costs: dict[str, int] = defaultdict(int)
        for line in self.all_lines:
            costs[self.items[line.item].unit] += line.cost
        return sorted(costs, key=lambda unit: (-costs[unit], unit))

    @cached_property
    def counted_unit(self) -> str:
        """Units of different kinds are never added up: a report in units counts one of them."""
        return self.unit or next(iter(self.units), "")

    @cached_property
    def lines(self) -> list[Line]:
        if self.measure == Measure.COST:
            return self.all_lines
        unit = self.counted_unit
        return [line for line in self.all_lines if self.items[line.item].unit == unit]

    @cached_property
    def total(self) -> int:
        return sum(map(self.amount, self.lines))

    @cached_property
    def groups(self) -> list[Group]:
        """The largest first, each with its lines, the largest first."""
        lines: dict[int, list[Line]] = defaultdict(list)
        for line in self.lines:
            lines[line.group].append(line)
        amounts = {key: sum(map(self.amount, of_group)) for key, of_group in lines.items()}
        ordered = sorted(lines, key=lambda key: (-amounts[key], key))
        # A ninth alone has the colour of the others, and its own name.
        return [
            Group(key, amounts[key], min(place, COLOURS), sorted(lines[key], key=self.line_order))
            for place, key in enumerate(ordered)
        ]

    def line_order(self, line: Line) -> tuple[int, int, int]:
        return -self.amount(line), line.item, line.model

    @cached_property
    def steps(self) -> list[Step]:
        return steps(self.period, self.granularity)

    def bars(self) -> list[dict[int, int]]:
        """The amount of each series in each step; what comes to nothing is left out."""
        starts = [step.start for step in self.steps]
        found: list[dict[int, int]] = [defaultdict(int) for _ in starts]
        if not self.groups:
            return found
        rows = self.counted().annotate(series=self.series())
        for one in rows.summed(self.period_column, "series"):
            moment = one.key[0] if self.by_hour else midnight(one.key[0])
            found[bisect_right(starts, moment) - 1][one.key[1]] += self.amount(one)
        return [{series: amount for series, amount in bar.items() if amount} for bar in found]

    def series(self) -> Case:
        """Which colour a total has, as the database works it out."""
        coloured = [group for group in self.groups if group.series < COLOURS]
        cases = [When(self.within(group.key), then=Value(group.series)) for group in coloured]
        return Case(*cases, default=Value(COLOURS), output_field=IntegerField())

    def within(self, group: int) -> Q:
        """What belongs to a group."""
        if self.group_by == Dimension.PRODUCT:
            items = [pk for pk, one in self.items.all.items() if one.product_id == group]
            return Q(line_item__in=items)
        if self.group_by == Dimension.COLLABORATOR:
            keys = [key for key, creator in self.creators.items() if creator == group]
            if group:
                return Q(user_id=group) | Q(user_id=NOBODY, api_key_id__in=keys)
            return Q(user_id=NOBODY) & ~Q(api_key_id__in=list(self.creators))
        return condition(self.group_by, [group], self.scope.organization)
