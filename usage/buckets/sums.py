"""Sums of usage by days or hours and by several things at once, as OpenAI's Usage API reports them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import Q
from django.db.models.functions import Coalesce

from usage.amounts import Amounts
from usage.ids import LineItemId, ModelId
from usage.models.totals import TotalQuerySet
from usage.periods import Period, midnight
from usage.reports.scope import NO_ID, UsageScope

# A page ends early, at the end of a bucket, rather than with more rows than this.
MAX_ROWS = 50_000


class BucketWidth(StrEnum):
    HOUR = "1h"
    DAY = "1d"

    @property
    def duration(self) -> dt.timedelta:
        return dt.timedelta(hours=1) if self is BucketWidth.HOUR else dt.timedelta(days=1)

    def find_bucket(self, time: dt.datetime) -> dt.datetime:
        """Returns the first moment of the bucket that `time` is in."""
        hour = time.replace(minute=0, second=0, microsecond=0)
        return hour if self is BucketWidth.HOUR else hour.replace(hour=0)


class Group(StrEnum):
    """What sums can be grouped by, with the columns of the totals, or the canonical model of them."""

    LINE_ITEM = "line_item_id"
    MODEL = "canonical_model_id"
    PROJECT = "project_id"
    API_KEY = "api_key_id"
    USER = "user_id"


class BucketKey(NamedTuple):
    """Primary keys of what a sum belongs to. NO_ID where it is not grouped by that, or has none."""

    project: int = NO_ID
    user: int = NO_ID
    api_key: int = NO_ID
    line_item: LineItemId = LineItemId(NO_ID)
    model: ModelId = ModelId(NO_ID)


Sums = dict[BucketKey, Amounts]


class BucketSums(NamedTuple):
    """The sums of one day or hour, without those that come to nothing."""

    start: dt.datetime
    sums: Sums


class SumsPage(NamedTuple):
    """Buckets without gaps, the first first, and where the next page begins (None after the last)."""

    buckets: list[BucketSums]
    next_start: dt.datetime | None


@dataclass(frozen=True)
class BucketReport:
    """What is requested. `start` and `end` are the first moments of buckets, `end` is exclusive."""

    scope: UsageScope
    width: BucketWidth
    start: dt.datetime
    end: dt.datetime
    groups: frozenset[Group]
    condition: Q

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that totals are summed by, after the time."""
        columns = {*self.groups, *((Group.API_KEY,) if Group.USER in self.groups else ())}
        return tuple(group.value for group in Group if group in columns)

    def read_page(self, limit: int) -> SumsPage:
        """Returns the first `limit` buckets, or fewer if they have very many sums."""
        end = min(self.end, self.start + limit * self.width.duration)
        end, rows = self.fetch_rows(end)
        sums = dict(self.sum_buckets(rows))
        buckets = [BucketSums(start, sums.get(start, {})) for start in self.list_starts(end)]
        return SumsPage(buckets, end if end < self.end else None)

    def list_starts(self, end: dt.datetime) -> Iterator[dt.datetime]:
        start = self.start
        while start < end:
            yield start
            start += self.width.duration

    def fetch_rows(self, end: dt.datetime) -> tuple[dt.datetime, list[tuple[Any, ...]]]:
        """Returns the end of what was read, which is `end` or earlier, and its rows by time."""
        columns = (self.width_column, *self.columns)
        rows = self.filter_totals(end).sum_rows(*columns, most=MAX_ROWS + 1)
        if len(rows) <= MAX_ROWS:
            return end, rows
        cut = to_moment(rows[-1][0])
        if cut == self.start:  # a page has at least one bucket
            end = self.start + self.width.duration
            return end, self.filter_totals(end).sum_rows(*columns)
        return cut, [row for row in rows if to_moment(row[0]) < cut]

    @property
    def width_column(self) -> str:
        return "hour" if self.width is BucketWidth.HOUR else "day"

    def filter_totals(self, end: dt.datetime) -> TotalQuerySet:
        if self.width is BucketWidth.HOUR:
            totals = self.scope.hourly_totals(self.start, end)
        else:
            last = end - self.width.duration
            totals = self.scope.daily_totals(Period(self.start.date(), last.date()))
        totals = totals.filter(self.condition)
        if Group.MODEL in self.groups:
            totals = totals.annotate(canonical_model_id=Coalesce("model__canonical_id", "model_id"))
        return totals

    def sum_buckets(self, rows: list[tuple[Any, ...]]) -> Iterator[tuple[dt.datetime, Sums]]:
        """Yields the sums of each bucket that has any."""
        for time, bucket_rows in groupby(rows, itemgetter(0)):
            sums: Sums = defaultdict(Amounts)
            for row in bucket_rows:
                key = self.make_key(dict(zip(self.columns, row[1:-3], strict=True)))
                sums[key] = sums[key].plus(Amounts(*row[-3:]))
            yield to_moment(time), {key: amounts for key, amounts in sums.items() if any(amounts)}

    def make_key(self, values: dict[str, int]) -> BucketKey:
        """Returns what a row belongs to; usage without a user belongs to the creator of its key."""
        api_key = values.get("api_key_id", NO_ID)
        user = values.get("user_id", NO_ID)
        if Group.USER in self.groups and not user:
            user = self.scope.key_creators.get(api_key, NO_ID)
        return BucketKey(
            project=values.get("project_id", NO_ID),
            user=user,
            api_key=api_key if Group.API_KEY in self.groups else NO_ID,
            line_item=LineItemId(values.get("line_item_id", NO_ID)),
            model=ModelId(values.get(Group.MODEL.value, NO_ID)),
        )


def to_moment(time: dt.date) -> dt.datetime:
    """Returns the first moment of a day, or of an hour."""
    return time if isinstance(time, dt.datetime) else midnight(time)
