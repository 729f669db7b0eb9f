"""Finds the series of records that are about to be written, and creates those that are new."""

from collections.abc import Collection
from operator import attrgetter
from typing import NamedTuple

from django.db.models import Q, QuerySet

from usage.attribution import Location
from usage.enums import Reason, RecordKind
from usage.ids import (
    KeyId,
    LineItemId,
    ModelId,
    OrganizationId,
    ProjectId,
    SeriesId,
    UserId,
)
from usage.models import Series
from usage.row_cache import RowCache
from usage.triggers.records import SERIES_COLUMNS

NAMES = {field.column: field.attname for field in Series._meta.concrete_fields}
# As Django names them, in the order of SharedFields.
COLUMNS = tuple(NAMES[column] for column in SERIES_COLUMNS)
read_columns = attrgetter(*COLUMNS)


class SharedFields(NamedTuple):
    """What many records have in common, as a series stores it; `unit_price` is in 10⁻¹² USD."""

    organization: OrganizationId
    project: ProjectId
    intended_organization: OrganizationId
    intended_project: ProjectId | None
    line_item: LineItemId
    model: ModelId
    unit_price: int
    api_key: KeyId | None
    user: UserId | None
    reason: Reason
    kind: RecordKind = RecordKind.USAGE
    requests: int = 0

    @classmethod
    def of(cls, series: Series) -> "SharedFields":
        """Returns the fields of a stored series."""
        return cls(*read_columns(series))

    @property
    def location(self) -> Location:
        return Location(organization=self.organization, project=self.project)


# Triggers refuse to change or delete a series, so a worker remembers those it has seen.
CACHE: RowCache[SharedFields, SeriesId] = RowCache(after_commit=True)


def ensure_series(requested: Collection[SharedFields]) -> dict[SharedFields, SeriesId]:
    """Returns the ids of the series with these fields, creating those that are new.

    Locks what it creates, so it comes before any record is written.
    """
    return CACHE.fetch(requested, fetch_or_create_series)


def fetch_or_create_series(requested: Collection[SharedFields]) -> dict[SharedFields, SeriesId]:
    matches = fetch_series(requested)
    if new := sorted(set(requested) - matches.keys(), key=sort_key):
        Series.objects.bulk_create(
            [Series(**dict(zip(COLUMNS, shared, strict=True))) for shared in new],
            ignore_conflicts=True,
        )
        matches |= fetch_series(new)
    return matches


def sort_key(shared: SharedFields) -> tuple[int, ...]:
    """All writers create series in the same order, so that two wait for each other without a deadlock.

    The trigger for the version before has it as SQL: SERIES_ORDER in usage/triggers/records.py.
    """
    return tuple(value or 0 for value in shared)


def fetch_series(requested: Collection[SharedFields]) -> dict[SharedFields, SeriesId]:
    """Returns the ids of those that are stored."""
    rows = select_series(requested).values_list(*COLUMNS, "pk")
    matches = {SharedFields(*values): SeriesId(pk) for *values, pk in rows.iterator()}
    return {shared: matches[shared] for shared in requested if shared in matches}


NARROWING = (
    *("organization_id", "project_id", "line_item_id", "model_id", "unit_price", "kind"),
    *("api_key_id", "user_id"),
)


def select_series(requested: Collection[SharedFields]) -> QuerySet[Series]:
    """Returns these series and perhaps a few others, which combine their values differently."""
    condition = Q()
    for name, column in zip(COLUMNS, zip(*requested, strict=True), strict=True):
        if name in NARROWING:
            values = Q(**{f"{name}__in": set(column) - {None}})
            if None in column:
                values |= Q(**{name: None})
            condition &= values
    return Series.objects.filter(condition)
