"""How fast usage is told, at 1 and at 10 million records: `.venv/bin/python -m bench.report`.

P6: thirty days of one organization by project, by key and by product, from the records, the hourly and
the daily totals, and the page's own report. P9: the file of all records beside the database's own way out
(COPY … TO STDOUT; on SQLite a cursor whose rows are joined by commas), with the memory it takes.
Medians of alternating rounds.
"""

import argparse
import datetime as dt
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from bench.usage_field import DATABASES, each_database, inside, prepare, verdict

START = dt.date(2026, 9, 1)
DAYS, KEYS, PROJECTS = 30, 100, 10
BY = {"project": "project_id", "key": "api_key_id", "product": "line_item_id"}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.report", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000, 10_000_000])
    return parser.parse_args()


class Field:
    """An organization with records, which are made by the database itself."""

    def __init__(self) -> None:
        self.organization, self.projects, self.keys = prepare(PROJECTS, KEYS)
        from django.db import connection

        from accounts.models import User
        from usage.ledger.sources import get_source
        from usage.models import LineItem, ModelName

        self.connection, self.size = connection, 0
        self.source = get_source("bench").pk
        self.viewer = User.objects.create_superuser("staff@bench.example", "x" * 20)
        items = LineItem.objects.filter(product__code="serverless-inference").order_by("pk")
        self.items = [item.pk for item in items]
        self.model = ModelName.objects.create(name="llama-3.3-70b").pk

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def fill(self, size: int) -> None:
        """Up to so many records; the totals are made of them as the console makes them of batches."""
        from console import triggers
        from usage.ledger.series_walk import assign_series

        triggers.drop(self.connection)
        values, numbers = self.values(size - 1)
        chosen = ", ".join(map(str, values.values()))
        self.execute(
            f"INSERT INTO usage_usagerecord ({', '.join(values)}) SELECT {chosen} FROM {numbers}"
        )
        self.roll_up()
        triggers.install(self.connection)
        assign_series(1, size)
        self.size = size
        if self.connection.vendor == "postgresql":
            self.execute("VACUUM ANALYZE usage_usagerecord")
        self.execute("ANALYZE")

    def dialect(self, last: int) -> tuple[str, str, str, str]:
        """The numbers up to `last`, a moment of the period for each, a digest, now."""
        seconds = f"(n * 7919) % {DAYS * 86_400}"
        if self.connection.vendor == "postgresql":
            numbers = f"generate_series({self.size}::bigint, {last}) AS n"
            moment = f"timestamptz '{START} 00:00Z' + ({seconds}) * interval '1 second'"
            return numbers, moment, "'\\x00'", "now()"
        counting = f"SELECT {self.size} UNION ALL SELECT n + 1 FROM c WHERE n < {last}"
        numbers = f"(WITH RECURSIVE c(n) AS ({counting}) SELECT n FROM c)"
        moment = f"datetime('{START}', '+' || ({seconds}) || ' seconds')"
        return numbers, moment, "x'00'", "datetime('now')"

    def values(self, last: int) -> tuple[dict[str, Any], str]:
        """The columns of a record in SQL, and what counts the records."""
        numbers, moment, digest, now = self.dialect(last)
        project = f"{min(one.pk for one in self.projects)} + n % {PROJECTS}"
        values = {
            "organization_id": self.organization.pk,
            "project_id": project,
            "meant_organization_id": self.organization.pk,
            "meant_project_id": project,
            "source_id": self.source,
            "event_id": "'req-' || (n * 48271 % 2147483647) || '-' || n",
            "digest": digest,
            "time": moment,
            "line_item_id": f"{self.items[0]} + n % 2",
            "model_id": self.model,
            "quantity": "(1 + n % 4000) * 1000000",
            "unit_price": 880_000,
            "cost": "(1 + n % 4000) * 8800",
            "api_key_id": f"{min(key.pk for key in self.keys)} + n % {KEYS}",
            "reason": 2,
            "kind": 1,
            "requests": "n % 2",
            "attributes": "''",
            "note": "''",
            "recorded_at": now,
        }
        return values, numbers

    def roll_up(self) -> None:
        postgres = self.connection.vendor == "postgresql"
        hour = "date_trunc('hour', time, 'UTC')" if postgres else "substr(time, 1, 13) || ':00:00'"
        day = "CAST(time AT TIME ZONE 'UTC' AS date)" if postgres else "substr(time, 1, 10)"
        key = "project_id, meant_project_id, line_item_id, model_id, api_key_id, reason, unit_price"
        sums = "sum(quantity), sum(cost), sum(requests), max(recorded_at)"
        for period, expression in (("hour", hour), ("day", day)):
            table = "usage_hourlytotal" if period == "hour" else "usage_dailytotal"
            self.execute(f"DELETE FROM {table}")
            self.execute(
                f"INSERT INTO {table} (organization_id, {period}, {key}, user_id, "
                "quantity, cost, requests, updated_at) "
                f"SELECT organization_id, {expression}, {key}, 0, {sums} "
                "FROM usage_usagerecord GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9"
            )

    def raw(self) -> None:
        end = START + dt.timedelta(days=DAYS)
        day = (
            "CAST(time AT TIME ZONE 'UTC' AS date)"
            if self.connection.vendor == "postgresql"
            else "substr(time, 1, 10)"
        )
        for column in BY.values():
            self.execute(
                f"SELECT {day}, {column}, sum(quantity), sum(cost) FROM usage_usagerecord "
                f"WHERE organization_id = {self.organization.pk} "
                f"AND time >= '{START} 00:00:00' AND time < '{end} 00:00:00' GROUP BY 1, 2"
            )

    def totals(self, table: Any, period: str) -> None:
        end = START + dt.timedelta(days=DAYS)
        start: Any = START
        if period == "hour":
            start, end = (dt.datetime.combine(one, dt.time(), dt.UTC) for one in (START, end))  # type: ignore[assignment]
        found = table.objects.filter(
            organization=self.organization, **{f"{period}__gte": start, f"{period}__lt": end}
        )
        for column in BY.values():
            found.sum_rows(period, column)

    def daily(self) -> None:
        from usage.models import DailyTotal

        self.totals(DailyTotal, "day")

    def hourly(self) -> None:
        from usage.models import HourlyTotal

        self.totals(HourlyTotal, "hour")

    def page(self) -> None:
        for group in ("project", "api_key", "product"):
            report = self.report(group)
            report.groups, report.sum_bars()

    def report(self, group: str) -> Any:
        from usage.enums import Dimension
        from usage.periods import Period
        from usage.reports.report import Report
        from usage.reports.scope import UsageScope

        period = Period(START, START + dt.timedelta(days=DAYS - 1))
        return Report(
            UsageScope(self.organization, self.viewer, sees_all=True),
            period,
            group_by=Dimension(group),
        )

    @property
    def timed_rows(self) -> int:
        """All of them; on SQLite, where each is some work for Python, a million."""
        return self.size if self.connection.vendor == "postgresql" else min(self.size, 1_000_000)

    def file(self) -> None:
        from usage.reports.files.records import download_records

        rows = 0
        for block in download_records("bench.csv", self.report("product")).streaming_content:
            rows += block.count(b"\n")
            if rows >= self.timed_rows:
                return

    def way_out(self) -> None:
        """All columns of all records, as the database itself hands them out."""
        with self.connection.cursor() as cursor:
            if self.connection.vendor == "postgresql":
                with cursor.copy("COPY usage_usagerecord TO STDOUT") as copy:
                    for _ in copy:
                        pass
                return
            cursor.execute(f"SELECT * FROM usage_usagerecord LIMIT {self.timed_rows}")
            while rows := cursor.cursor.fetchmany(1000):
                "".join(",".join(map(str, row)) + "\n" for row in rows)


def milliseconds(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


@contextmanager
def watched() -> Iterator[list[float]]:
    """The most memory this process had meanwhile, above what it had before, in megabytes."""
    import psutil

    process, peak, over = psutil.Process(), [0.0], Event()
    before = process.memory_info().rss

    def watch() -> None:
        while not over.wait(0.05):
            peak[0] = max(peak[0], (process.memory_info().rss - before) / 1e6)

    watcher = Thread(target=watch)
    watcher.start()
    yield peak
    over.set()
    watcher.join()


def timed(field: Field, size: int, rounds: int) -> dict[str, float]:
    """Milliseconds of each way to three reports of thirty days, with so many records."""
    ways = {
        "records": field.raw,
        "hourly totals": field.hourly,
        "daily totals": field.daily,
        "the page's report": field.page,
    }
    field.fill(size)
    found: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds):
        for name, way in ways.items():
            if name != "records" or number < 2:  # it takes seconds
                found[name].append(milliseconds(way))
    times = {name: statistics.median(taken) for name, taken in found.items()}
    print(f"{inside()}, {size:,} records: ms for three reports of thirty days", flush=True)
    for name, taken in times.items():
        print(f"  {name:<20} {taken:10.1f}", flush=True)
    return times


def measure(field: Field, sizes: list[int], rounds: int) -> int:
    few, *_, many = [timed(field, size, rounds) for size in sizes]
    out = min(milliseconds(field.way_out) for _ in range(2))
    with watched() as peak:
        file = milliseconds(field.file)
    print(f"file of all records: {file / 1000:.1f} s; the way out {out / 1000:.1f} s")
    daily, page = "daily totals", "the page's report"
    growth = {name: many[name] / few[name] for name in (daily, page)}
    met = [
        verdict("P6, daily totals, ms a report", many[daily] / 3, 5, at_least=False),
        verdict("P6, daily totals, many / few", growth[daily], 1.3, at_least=False),
        verdict("P6, the page's report, many / few", growth[page], 1.3, at_least=False),
        verdict("P9, file, × the way out", out / file, 0.3, at_least=True),
        verdict("P9, memory of the file, MB", peak[0], 100, at_least=False),
    ]
    return 0 if all(met) else 1


def main() -> int:
    chosen = options()
    if inside() is None:
        return each_database("bench.report", chosen.database, sys.argv[1:])
    return measure(Field(), chosen.sizes, chosen.rounds)


if __name__ == "__main__":
    sys.exit(main())
