"""Totals of usage by day and by hour, which pages, files and the billing API read."""

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, Self, TypeVar

from django.db import OperationalError, models
from django.db.models import Aggregate, BigIntegerField, F, Max, Q, Sum

from accounts.models import Organization
from projects.models import Project
from usage.amounts import LARGEST, Amounts
from usage.enums import Reason
from usage.models.catalogue import LineItem, ModelName

# SQLite fails when a sum exceeds 64 bits. The sum is then computed in two parts that both fit easily.
PART = 10**9
OVERFLOW = "integer overflow"
AMOUNTS = ("quantity", "cost", "requests")
PLAIN_SUMS = {f"sum_of_{name}": Sum(name) for name in AMOUNTS}
# A NamedTuple whose fields are the columns to group by.
Key = TypeVar("Key", bound=NamedTuple)


def within_64_bits(table: str) -> models.CheckConstraint:
    """Returns a constraint that keeps SQLite from storing a sum that is too large as a float."""
    fits = {
        f"{name}__{end}": value
        for name in ("quantity", "cost")
        for end, value in (("gte", -LARGEST), ("lte", LARGEST))
    }
    return models.CheckConstraint(condition=Q(**fits), name=f"{table}_within_64_bits")


class Total(NamedTuple, Generic[Key]):
    """A sum and the values it was grouped by."""

    key: Key
    quantity: int
    cost: int
    requests: int

    @property
    def amounts(self) -> Amounts:
        return Amounts(quantity=self.quantity, cost=self.cost, requests=self.requests)

    @property
    def is_empty(self) -> bool:
        """Whether it comes to nothing: moved and voided usage leaves totals of 0 behind."""
        return not (self.quantity or self.cost or self.requests)


class DayKey(NamedTuple):
    """The key of sums by the day, of daily totals."""

    day: dt.date


def build_part_sums() -> dict[str, Aggregate]:
    parts: dict[str, Aggregate] = {
        f"{name}_{end}": Sum(part, output_field=BigIntegerField())
        for name in ("quantity", "cost")
        for end, part in (("high", F(name) / PART), ("low", F(name) % PART))
    }
    return {**parts, "all_requests": Sum("requests")}


def join_parts(parts: tuple[Any, ...]) -> tuple[int, int, int]:
    """Returns the sums whose parts `build_part_sums` has computed."""
    high, low, cost_high, cost_low, requests = (int(part or 0) for part in parts)
    return high * PART + low, cost_high * PART + cost_low, requests


# Billed to another project than the intended one.
BILLED_ELSEWHERE = ~Q(intended_project_id=F("project_id")) & ~Q(intended_project_id=0)


class TotalQuerySet(models.QuerySet[Any]):
    def billed_elsewhere(self) -> Self:
        """Usage that was intended for another project; the condition is that of the index."""
        return self.filter(BILLED_ELSEWHERE)

    def sum_all(self) -> Amounts:
        """Returns the sums of all rows, exact however large they are."""
        return Amounts(*self.sum_rows()[0])

    def sum_by(self, key: type[Key]) -> list[Total[Key]]:
        """Returns the sums by the fields of `key` and in their order, exact however large they are."""
        columns = key._fields
        count = len(columns)
        return [Total(key._make(row[:count]), *row[count:]) for row in self.sum_rows(*columns)]

    def sum_by_period(self, period: str, key: type[Key]) -> Iterator[tuple[Any, list[Total[Key]]]]:
        """Yields each value of the column `period` with its sums by the fields of `key`."""
        columns = (period, *key._fields)
        count = len(columns)
        for value, rows in groupby(self.sum_rows(*columns), itemgetter(0)):
            yield value, [Total(key._make(row[1:count]), *row[count:]) for row in rows]

    def iterate_sums(self, key: type[Key]) -> Iterator[Total[Key]]:
        """Yields the sums one after the other, where they may not fit into memory together."""
        columns = key._fields
        count = len(columns)
        for row in self.group(build_part_sums(), *columns).iterator(chunk_size=2_000):
            yield Total(key._make(row[:count]), *join_parts(row[count:]))

    def sum_days(self) -> list[tuple[dt.date, Amounts, dt.datetime]]:
        """Returns the days of daily totals in order, with their sums and when they last changed."""
        rows = self.sum_rows("day", more={"changed_at": Max("updated_at")})
        return [(day, Amounts(*amounts), changed_at) for day, changed_at, *amounts in rows]

    def sum_rows(
        self,
        *columns: str,
        most: int | None = None,
        more: Mapping[str, Aggregate] = MappingProxyType({}),
    ) -> list[tuple[Any, ...]]:
        """Returns the values of the columns, those of `more`, then quantity, cost and requests.

        At most `most` rows.
        """
        count = len(columns) + len(more)
        try:
            rows = self.fetch_rows({**more, **PLAIN_SUMS}, *columns, most=most)
        except OperationalError as error:
            if OVERFLOW not in str(error):
                raise
            rows = self.fetch_rows({**more, **build_part_sums()}, *columns, most=most)
            return [(*row[:count], *join_parts(row[count:])) for row in rows]
        return [(*row[:count], *(int(amount or 0) for amount in row[count:])) for row in rows]

    def fetch_rows(
        self, sums: dict[str, Aggregate], *columns: str, most: int | None = None
    ) -> list[tuple[Any, ...]]:
        """Returns the groups. Without columns there is one row, even if nothing matches."""
        if columns:
            return list(self.group(sums, *columns)[:most])
        return [tuple(self.aggregate(**sums).values())]

    def group(self, sums: dict[str, Aggregate], *columns: str) -> Any:
        return self.order_by(*columns).values_list(*columns).annotate(**sums)


class UsageTotal(models.Model):
    """The sum of the records with the same key. 0 stands for a foreign key that a record does not have.

    `user_id` is the user of the events; the creator of a key is `api_key.created_by`.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False, related_name="+")
    intended_project_id = models.BigIntegerField(default=0, db_column="meant_project_id")
    line_item = models.ForeignKey(
        LineItem, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    model = models.ForeignKey(ModelName, on_delete=models.PROTECT, db_index=False, related_name="+")
    api_key_id = models.BigIntegerField(default=0)
    user_id = models.BigIntegerField(default=0)
    reason = models.PositiveSmallIntegerField(choices=Reason.choices)
    # Prices change by the day, so this adds no rows, and keeps what was paid for a unit.
    unit_price = models.BigIntegerField()
    quantity = models.BigIntegerField()
    cost = models.BigIntegerField()
    requests = models.BigIntegerField()
    updated_at = models.DateTimeField()

    objects = TotalQuerySet.as_manager()

    class Meta:
        abstract = True


DIMENSIONS = (
    *("project_id", "intended_project_id", "line_item_id", "model_id"),
    *("api_key_id", "user_id", "reason", "unit_price"),
)
DIMENSION_COLUMNS = tuple(
    "meant_project_id" if name == "intended_project_id" else name for name in DIMENSIONS
)


class DailyTotal(UsageTotal):
    """The totals of a UTC day."""

    pk = models.CompositePrimaryKey("organization_id", "day", *DIMENSIONS)
    day = models.DateField()

    class Meta:
        constraints = [within_64_bits("dailytotal")]
        indexes = [
            models.Index(
                fields=["intended_project_id", "day"],
                condition=BILLED_ELSEWHERE,
                name="dailytotal_elsewhere",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}"


class HourlyTotal(UsageTotal):
    """The totals of a UTC hour, named by its start: for reports by the hour and the billing API."""

    pk = models.CompositePrimaryKey("organization_id", "hour", *DIMENSIONS)
    hour = models.DateTimeField()

    class Meta:
        constraints = [within_64_bits("hourlytotal")]

    def __str__(self) -> str:
        return f"{self.hour}"
