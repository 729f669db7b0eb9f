"""Compares the daily and hourly totals with the records they are made of, to the last digit.

The database makes the sums. They are read one after the other in the same order, so that memory stays flat.
"""

import datetime as dt
import heapq
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import DateField, F, Func, Value
from django.db.models.functions import Coalesce

from accounts.models import Organization
from usage.amounts import Amounts
from usage.ids import KeyId, LineItemId, ModelId, OrganizationId, ProjectId, UserId
from usage.models import DailyTotal, HourlyTotal, UsageRecord
from usage.models.totals import Total, TotalQuerySet

# What sums of records take from the series as it is.
SERIES_FIELDS = (
    *("organization_id", "project_id", "line_item_id", "model_id"),
    *("reason", "unit_price", "requests"),
)
RECORDS, DAILY, HOURLY = "records", "daily totals", "hourly totals"


class UtcDay(Func):
    """The UTC day of a time. (Django's own TruncDate calls Python for each row on SQLite.)"""

    output_field = DateField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST(%(expressions)s AT TIME ZONE 'UTC' AS date)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="substr(%(expressions)s, 1, 10)", **context
        )


class ReconciledKey(NamedTuple):
    """What sums are made by: the key of a daily total. The names differ from those of the columns."""

    organization_id: OrganizationId
    project_id: ProjectId
    utc_day: dt.date
    line_item_id: LineItemId
    model_id: ModelId
    intended: ProjectId
    key: KeyId
    actor: UserId
    reason: int
    unit_price: int


class Comparison(NamedTuple):
    """The amounts that each source has for a key, 0 where it has none."""

    key: ReconciledKey
    amounts: dict[str, Amounts]

    @property
    def differs(self) -> bool:
        return len(set(self.amounts.values())) > 1


class ReconciliationScope(NamedTuple):
    """What is reconciled: one organization or all of them, from a UTC day on or from the beginning."""

    organization: Organization | None = None
    since: dt.date | None = None

    def build_filters(self, period: str) -> dict[str, Any]:
        """Returns filters for a table whose time is in the column `period`."""
        filters: dict[str, Any] = {}
        if self.organization:
            filters["organization"] = self.organization
        if self.since:
            start = dt.datetime.combine(self.since, dt.time(), dt.UTC)
            filters[f"{period}__gte"] = self.since if period == "day" else start
        return filters


def compare_totals(scope: ReconciliationScope) -> Iterator[Comparison]:
    """Yields each key of records or totals with the amounts of both. Runs within `snapshot`."""
    sources = {
        RECORDS: sum_records(scope),
        DAILY: sum_daily_totals(scope),
        HOURLY: sum_hourly_totals(scope),
    }
    streams = [add_source(source, sums) for source, sums in sources.items()]
    merged = heapq.merge(*streams, key=itemgetter(0))
    for key, group in groupby(merged, itemgetter(0)):
        amounts = dict.fromkeys(sources, Amounts())
        yield Comparison(key, amounts | {source: total for _, source, total in group})


def add_source(
    source: str, sums: Iterator[Total[ReconciledKey]]
) -> Iterator[tuple[ReconciledKey, str, Amounts]]:
    return ((total.key, source, total.amounts) for total in sums)


def sum_records(scope: ReconciliationScope) -> Iterator[Total[ReconciledKey]]:
    filters = scope.build_filters("time")
    if "organization" in filters:
        filters["series__organization"] = filters.pop("organization")
    rows: TotalQuerySet = TotalQuerySet(UsageRecord).filter(**filters)
    rows = rows.annotate(
        **{name: F(f"series__{name}") for name in SERIES_FIELDS},
        utc_day=UtcDay("time"),
        intended=Coalesce("series__intended_project_id", Value(0)),
        key=Coalesce("series__api_key_id", Value(0)),
        actor=Coalesce("series__user_id", Value(0)),
    )
    return rows.iterate_sums(ReconciledKey)


def sum_daily_totals(scope: ReconciliationScope) -> Iterator[Total[ReconciledKey]]:
    rows: TotalQuerySet = DailyTotal.objects.filter(**scope.build_filters("day"))
    rows = rows.annotate(
        utc_day=F("day"),
        intended=F("intended_project_id"),
        key=F("api_key_id"),
        actor=F("user_id"),
    )
    return rows.iterate_sums(ReconciledKey)


def sum_hourly_totals(scope: ReconciliationScope) -> Iterator[Total[ReconciledKey]]:
    rows: TotalQuerySet = HourlyTotal.objects.filter(**scope.build_filters("hour"))
    rows = rows.annotate(
        utc_day=UtcDay("hour"),
        intended=F("intended_project_id"),
        key=F("api_key_id"),
        actor=F("user_id"),
    )
    return rows.iterate_sums(ReconciledKey)


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything read within is as of one moment, and blocks no writer."""
    if connection.in_atomic_block:
        yield
        return
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    # Django's own transaction would lock SQLite for writing.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
