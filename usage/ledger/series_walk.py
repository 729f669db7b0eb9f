"""Finds the series of the records that the version before wrote (docs/decisions/0028).

`migrate` does it while that version serves. Each batch of records is one transaction, which also saves the
progress, so that the next `migrate` continues an interrupted walk. Records that arrive at the same time get
their series from the trigger `usagerecord_finds_series`.
"""

import datetime as dt
import time

from django.db import connection, transaction
from django.utils import timezone

from usage.models import SeriesWalk, UsageRecord
from usage.triggers.records import IS_ITS_SERIES, RECORD, SERIES, SERIES_COLUMNS, SERIES_ORDER

BATCH = 2_000
# Between two batches. A connection that waits for SQLite tries again every 0.1 s at least, so all get a turn.
PAUSE_SECONDS = 0.15
REPLACED_WITHIN = dt.timedelta(days=1)
BEFORE_ALL = dt.datetime.min.replace(tzinfo=dt.UTC)
# `unread_since`: from when on no node reads the former columns. It stays the same once the walk is finished.
CACHE: dict[str, dt.datetime] = {}


def is_walk_unfinished() -> bool:
    """Whether records may still have no series, so that this version must not serve yet."""
    return SeriesWalk.objects.filter(finished_at__isnull=True).exists()


def are_former_columns_read() -> bool:
    """Whether nodes of the version before may serve beside this one, and read what it writes.

    They are replaced one by one after `migrate`, which a day should be enough for.
    """
    if "unread_since" not in CACHE:
        if is_walk_unfinished():
            return True
        finished_at = SeriesWalk.objects.values_list("finished_at", flat=True).first()
        CACHE["unread_since"] = finished_at + REPLACED_WITHIN if finished_at else BEFORE_ALL
    return timezone.now() < CACHE["unread_since"]


def find_all_series() -> int:
    """Gives every record its series, and returns how many records had none."""
    changed = 0
    while is_walk_unfinished():
        changed += walk_batch()
        if connection.vendor == "sqlite" and is_walk_unfinished():
            time.sleep(PAUSE_SECONDS)
    return changed


@transaction.atomic
def walk_batch() -> int:
    """Gives the records of the next batch their series, and returns how many had none."""
    walk = SeriesWalk.objects.select_for_update(no_key=True).get()
    following = UsageRecord.objects.filter(pk__gt=walk.reached).order_by("pk")
    batch = list(following.values_list("pk", flat=True)[:BATCH])
    if not batch and not walk.reached:  # a new database, without a version before
        walk.delete()
        return 0
    changed = assign_series(batch[0], batch[-1]) if batch else 0
    walk.reached = batch[-1] if batch else walk.reached
    walk.finished_at = timezone.now() if len(batch) < BATCH else None
    walk.save(update_fields=["reached", "finished_at"])
    return changed


def assign_series(first: int, last: int) -> int:
    """Gives the records from one primary key to another their series, and returns how many had none."""
    columns = ", ".join(SERIES_COLUMNS)
    batch = "r.id BETWEEN %s AND %s AND r.series_id IS NULL"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {SERIES} ({columns}) SELECT {columns} FROM {RECORD} r WHERE {batch} "
            f"GROUP BY {columns} ORDER BY {SERIES_ORDER} ON CONFLICT DO NOTHING",
            [first, last],
        )
        cursor.execute(
            f"UPDATE {RECORD} AS r SET series_id = s.id FROM {SERIES} s "
            f"WHERE {batch} AND {IS_ITS_SERIES.format(row='r')}",
            [first, last],
        )
        return int(cursor.rowcount)
