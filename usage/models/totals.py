"""Totals of usage by day and by hour: what pages, files and the billing API read."""

from collections.abc import Iterator
from typing import Any, NamedTuple, Self

from django.db import OperationalError, models
from django.db.models import BigIntegerField, F, Q, Sum

from accounts.models import Organization
from projects.models import Project
from usage.amounts import LARGEST
from usage.enums import Reason
from usage.models.catalogue import LineItem, ModelName

# Where a sum leaves 64 bits SQLite fails: it is then made in two parts that each stay far from that.
PART = 10**9
OVERFLOW = "integer overflow"
AMOUNTS = ("quantity", "cost", "requests")
PLAIN = {f"sum_of_{name}": Sum(name) for name in AMOUNTS}


def within_64_bits(table: str) -> models.CheckConstraint:
    """SQLite would make a float of a sum that is too large, which is then no integer of that size."""
    fits = {
        f"{name}__{end}": value
        for name in ("quantity", "cost")
        for end, value in (("gte", -LARGEST), ("lte", LARGEST))
    }
    return models.CheckConstraint(condition=Q(**fits), name=f"{table}_within_64_bits")


class Summed(NamedTuple):
    """A sum: `key` are the values it was grouped by, in that order."""

    key: tuple[Any, ...]
    quantity: int
    cost: int
    requests: int


def in_parts() -> dict[str, Sum]:
    parts = {
        f"{name}_{end}": Sum(part, output_field=BigIntegerField())
        for name in ("quantity", "cost")
        for end, part in (("high", F(name) / PART), ("low", F(name) % PART))
    }
    return {**parts, "asked": Sum("requests")}


# Meant for another project than it is billed to.
ELSEWHERE = ~Q(meant_project_id=F("project_id")) & ~Q(meant_project_id=0)


class TotalQuerySet(models.QuerySet[Any]):
    def elsewhere(self) -> Self:
        """What was meant for another project; the condition is that of the index."""
        return self.filter(ELSEWHERE)

    def summed(self, *by: str) -> list[Summed]:
        """The sums for each combination of the fields `by`, in their order; exact however large."""
        try:
            rows = self.rows(PLAIN, *by)
        except OperationalError as error:
            if OVERFLOW not in str(error):
                raise
            return [joined(row, len(by)) for row in self.rows(in_parts(), *by)]
        return [
            Summed(row[: len(by)], *(int(amount or 0) for amount in row[len(by) :])) for row in rows
        ]

    def each_summed(self, *by: str) -> Iterator[Summed]:
        """The same one after the other: for so many that they do not fit into memory."""
        found = self.grouped(in_parts(), *by)
        return (joined(row, len(by)) for row in found.iterator(chunk_size=2_000))

    def rows(self, sums: dict[str, Sum], *by: str) -> list[tuple[Any, ...]]:
        """Without `by` there is one row, also when nothing was found."""
        return list(self.grouped(sums, *by)) if by else [tuple(self.aggregate(**sums).values())]

    def grouped(self, sums: dict[str, Sum], *by: str) -> Any:
        return self.order_by(*by).values_list(*by).annotate(**sums)


def joined(row: tuple[Any, ...], keys: int) -> Summed:
    amounts = [int(part or 0) for part in row[keys:]]
    quantity, cost = amounts[0] * PART + amounts[1], amounts[2] * PART + amounts[3]
    return Summed(tuple(row[:keys]), quantity, cost, amounts[4])


class UsageTotal(models.Model):
    """The sum of the records with the same key; 0 stands for none where a foreign key could be none.

    `user` is the actor's; `api_key.created_by` is who made the key.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False, related_name="+")
    meant_project_id = models.BigIntegerField(default=0)
    line_item = models.ForeignKey(
        LineItem, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    model = models.ForeignKey(ModelName, on_delete=models.PROTECT, db_index=False, related_name="+")
    api_key_id = models.BigIntegerField(default=0)
    user_id = models.BigIntegerField(default=0)
    reason = models.PositiveSmallIntegerField(choices=Reason.choices)
    # Prices change by the day: it makes no more cells, and what was paid for a unit stays known.
    unit_price = models.BigIntegerField()
    quantity = models.BigIntegerField()
    cost = models.BigIntegerField()
    requests = models.BigIntegerField()
    updated_at = models.DateTimeField()

    objects = TotalQuerySet.as_manager()

    class Meta:
        abstract = True


DIMENSIONS = (
    *("project_id", "meant_project_id", "line_item_id", "model_id"),
    *("api_key_id", "user_id", "reason", "unit_price"),
)


class DailyTotal(UsageTotal):
    """The totals of a UTC day: what pages read."""

    pk = models.CompositePrimaryKey("organization_id", "day", *DIMENSIONS)
    day = models.DateField()

    class Meta:
        constraints = [within_64_bits("dailytotal")]
        indexes = [
            # What was meant for a project and is billed elsewhere.
            models.Index(
                fields=["meant_project_id", "day"],
                condition=ELSEWHERE,
                name="dailytotal_elsewhere",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}"


class HourlyTotal(UsageTotal):
    """The totals of a UTC hour, named by its beginning: for zooms and the billing API."""

    pk = models.CompositePrimaryKey("organization_id", "hour", *DIMENSIONS)
    hour = models.DateTimeField()

    class Meta:
        constraints = [within_64_bits("hourlytotal")]

    def __str__(self) -> str:
        return f"{self.hour}"
