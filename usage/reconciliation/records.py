"""Reconciles usage: whether records, totals and all that shows them come to the same, to the last digit.

Sums are made in the database and met here one after the other in one order, so that memory stays flat.
"""

import datetime as dt
import heapq
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import DateField, Func, Value
from django.db.models.functions import Coalesce

from accounts.models import Organization
from usage.models import DailyTotal, HourlyTotal, UsageRecord
from usage.models.totals import Summed, TotalQuerySet

RECORDS, DAILY, HOURLY = "records", "daily totals", "hourly totals"


class UtcDay(Func):
    """The UTC day of a time. (Django's own is a Python call a row on SQLite.)"""

    output_field = DateField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST(%(expressions)s AT TIME ZONE 'UTC' AS date)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="substr(%(expressions)s, 1, 10)", **context
        )


class Key(NamedTuple):
    """What sums are made for: all that totals tell apart, on one day."""

    organization: int
    project: int
    day: dt.date
    line_item: int
    model: int
    meant_project: int
    api_key: int
    user: int
    reason: int
    unit_price: int


class Amounts(NamedTuple):
    """quantity in 10⁻⁶ units, cost in 10⁻¹⁰ USD."""

    quantity: int = 0
    cost: int = 0
    requests: int = 0


class Compared(NamedTuple):
    """What the sources say of one key, by their names; what they do not know is 0."""

    key: Key
    found: dict[str, Amounts]

    @property
    def differs(self) -> bool:
        return len(set(self.found.values())) > 1


class Scope(NamedTuple):
    """What is reconciled: one organization or all, from one UTC day on or for ever."""

    organization: Organization | None = None
    since: dt.date | None = None

    def filters(self, period: str) -> dict[str, Any]:
        """For a table whose time stands in `period`."""
        found: dict[str, Any] = {}
        if self.organization:
            found["organization"] = self.organization
        if self.since:
            start = dt.datetime.combine(self.since, dt.time(), dt.UTC)
            found[f"{period}__gte"] = self.since if period == "day" else start
        return found


def compared(scope: Scope) -> Iterator[Compared]:
    """Each key that records or totals have, with what each of them says; within `snapshot`."""
    streams = {RECORDS: of_records(scope), DAILY: of_days(scope), HOURLY: of_hours(scope)}
    keyed = [named(source, sums) for source, sums in streams.items()]
    for key, found in groupby(heapq.merge(*keyed, key=itemgetter(0)), itemgetter(0)):
        said = dict.fromkeys(streams, Amounts())
        yield Compared(Key(*key), said | {source: amounts for _, source, amounts in found})


def named(source: str, sums: Iterator[Summed]) -> Iterator[tuple[Any, str, Amounts]]:
    return ((one.key, source, Amounts(one.quantity, one.cost, one.requests)) for one in sums)


REST = ("line_item_id", "model_id")
TOTALS_KEY = (
    *("organization_id", "project_id", "utc_day", *REST),
    *("meant_project_id", "api_key_id", "user_id", "reason", "unit_price"),
)


def of_records(scope: Scope) -> Iterator[Summed]:
    rows = TotalQuerySet(UsageRecord).filter(**scope.filters("time"))
    keyed = rows.annotate(
        utc_day=UtcDay("time"),
        meant=Coalesce("meant_project_id", Value(0)),
        by_key=Coalesce("api_key_id", Value(0)),
        by_user=Coalesce("user_id", Value(0)),
    )
    place = ("organization_id", "project_id", "utc_day", *REST)
    found: Iterator[Summed] = keyed.each_summed(
        *place, "meant", "by_key", "by_user", "reason", "unit_price"
    )
    return found


def of_days(scope: Scope) -> Iterator[Summed]:
    key = ["day" if name == "utc_day" else name for name in TOTALS_KEY]
    return DailyTotal.objects.filter(**scope.filters("day")).each_summed(*key)


def of_hours(scope: Scope) -> Iterator[Summed]:
    rows = HourlyTotal.objects.filter(**scope.filters("hour"))
    found: Iterator[Summed] = rows.annotate(utc_day=UtcDay("hour")).each_summed(*TOTALS_KEY)
    return found


@contextmanager
def snapshot() -> Iterator[None]:
    """All that is read within is of one moment, however much is written meanwhile; nobody waits."""
    if connection.in_atomic_block:
        yield
        return
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    # Not Django's own transaction: that takes the place of whoever writes.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
