"""How fast usage goes in, beside the limit and a peer: `.venv/bin/python -m bench.ingest`.

P4: validate, deduplicate, record and roll up in process, in batches of 10,000 with about 100 and about 800
groups. P5: the same over HTTP, 1,000 records a request, two workers. The limit is COPY (on SQLite: one
`executemany`) of the same records as rows of 22 columns, as they were stored before there were series, with
the same indexes, without triggers and checks (bench/wide_row.py); the peer is Django's `bulk_create` without
any roll-up. Medians of alternating rounds.
"""

import argparse
import http.client
import random
import secrets
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from bench import wide_row
from bench.usage_field import DATABASES, each_database, inside, prepare, verdict

BATCH, REQUEST = 10_000, 1_000
Bodies = list[bytes]


class Wanted(NamedTuple):
    """Ratios to the limit: in process with about 100 and about 800 groups, over HTTP."""

    few: float
    many: float
    http: float


WANTED = {"postgresql": Wanted(0.50, 0.42, 0.28), "sqlite": Wanted(0.40, 0.35, 0.20)}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.ingest", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--port", type=int, default=8140)
    return parser.parse_args()


class Field:
    """What is put in, and the ways to do it; each gives records per second."""

    def __init__(self, port: int) -> None:
        self.organization, self.projects, self.keys = prepare(10, 800)
        from accounts.actors import Actor
        from accounts.models import User
        from keys.credentials.services import create_credential
        from usage.ledger.sources import get_source

        staff = User.objects.create_superuser("staff@bench.example", secrets.token_hex(16))
        self.secret = create_credential(actor=Actor.of_user(staff), name="bench").secret
        self.source = get_source("bench")
        self.port, self.site = port, self.started(port)
        self.cpu = 0.0

    def started(self, port: int) -> Any:
        from bench.verify.sites import Site

        site = Site("ours", "console.wsgi:application", {})
        site.start(port)
        return site

    def bodies(self, number: int, size: int, groups: int) -> Bodies:
        """JSON bodies with that many events of an hour, by so many keys."""
        import msgspec
        from django.utils import timezone

        time_text = timezone.now().replace(minute=0, second=0).isoformat()
        keys = [key.public_id for key in self.keys[:groups]]
        return [
            msgspec.json.encode(
                {
                    "events": [
                        {
                            "id": f"req-{secrets.token_hex(8)}:output",
                            "time": time_text,
                            "product": "serverless-inference",
                            "line_item": "output_tokens",
                            "quantity": str(random.randint(1, 4_000)),
                            "unit": "token",
                            "api_key_id": random.choice(keys),
                            "dimensions": {"model": "llama-3.3-70b"},
                        }
                        for _ in range(size)
                    ]
                }
            )
            for _ in range(number)
        ]

    def ours(self, groups: int) -> float:
        import msgspec

        from usage.ingest.events import EventList
        from usage.ingest.services.recording import record_usage

        decoder = msgspec.json.Decoder(EventList)
        bodies = self.bodies(3, BATCH, groups)

        def put_in() -> None:
            for body in bodies:
                record_usage(source=self.source, events=decoder.decode(body).events)

        began = time.process_time()
        rate = timed(put_in, 3 * BATCH)
        self.cpu = (time.process_time() - began) / (3 * BATCH) * 1e6
        return rate

    def over_http(self) -> float:
        bodies = self.bodies(20, REQUEST, 100)

        def send(part: Bodies) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port)
            for body in part:
                headers = {
                    "Authorization": f"Bearer {self.secret}",
                    "Content-Type": "application/json",
                }
                connection.request("POST", "/v1/usage/events", body, headers)
                answer = connection.getresponse().read()
                assert b'"accepted": 1000' in answer or b'"accepted":1000' in answer, answer[:300]
            connection.close()

        def put_in() -> None:
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(send, [bodies[0::2], bodies[1::2]]))

        return timed(put_in, 20 * REQUEST)

    def drafts(self, number: int) -> list[Any]:
        """The same records as ours come to."""
        import msgspec

        from usage.ingest.events import EventList
        from usage.ingest.rating import build_case, rate_cases
        from usage.ingest.services.recording import build_draft

        (body,) = self.bodies(1, number, 100)
        events = msgspec.json.decode(body, type=EventList).events
        decisions = rate_cases({build_case(event) for event in events}, None)
        return [build_draft(event, decisions[build_case(event)].shared) for event in events]

    def limit(self) -> float:
        """Into the table of wide rows, with its indexes alone."""
        from django.db import connection, transaction
        from django.utils import timezone

        drafts = self.drafts(BATCH)
        with connection.cursor() as cursor:
            wide_row.create_table(cursor, connection.vendor)
            if connection.vendor == "postgresql":
                lines = wide_row.build_copy_text(self.source.pk, drafts, timezone.now())
                statement = f"COPY bench_limit ({wide_row.COLUMNS}) FROM STDIN"

                def put_in() -> None:
                    with cursor.copy(statement) as copy:
                        copy.write(lines)

            else:
                rows = wide_row.build_rows(self.source.pk, drafts, timezone.now())
                into = f"INSERT INTO bench_limit ({wide_row.COLUMNS})"
                statement = f"{into} VALUES ({wide_row.PLACEHOLDERS})"

                def put_in() -> None:
                    with transaction.atomic():
                        cursor.executemany(statement, rows)

            # Its indexes are as large as those of the records before it is timed.
            wide_row.fill(cursor, connection.vendor, self.count_records())
            return timed(put_in, BATCH)

    def count_records(self) -> int:
        from usage.models import UsageRecord

        return UsageRecord.objects.count()

    def bulk_create(self) -> float:
        import msgspec
        from django.utils import timezone

        from usage.ledger.series import ensure_series
        from usage.models import UsageRecord

        drafts, now = self.drafts(BATCH), timezone.now()
        series = ensure_series({draft.shared for draft in drafts})
        rows = []
        for draft in drafts:
            values = msgspec.structs.asdict(draft)
            shared = values.pop("shared")
            row = UsageRecord(
                series_id=series[shared],
                intended_organization_id=shared.intended_organization,
                source_id=self.source.pk,
                recorded_at=now,
                **values,
            )
            rows.append(row)
        return timed(lambda: UsageRecord.objects.bulk_create(rows), BATCH)

    def memory(self) -> float:
        """Megabytes of the server's workers."""
        workers = self.site.server.children()
        return sum(worker.memory_info().rss for worker in workers) / 1e6


def timed(act: Callable[[], Any], number: int) -> float:
    began = time.perf_counter()
    act()
    return number / (time.perf_counter() - began)


def measure(field: Field, rounds: int) -> int:
    cases: dict[str, Callable[[], float]] = {
        "limit": field.limit,
        "bulk_create without roll-up": field.bulk_create,
        "ours, about 100 groups": lambda: field.ours(100),
        "ours, about 800 groups": lambda: field.ours(800),
        "ours over HTTP": field.over_http,
    }
    found: dict[str, list[float]] = {name: [] for name in cases}
    cpu = []
    field.over_http()
    before = field.memory()
    for _ in range(rounds):
        for name, case in cases.items():
            found[name].append(case())
            if name == "ours, about 100 groups":
                cpu.append(field.cpu)
    rates = {name: statistics.median(rates) for name, rates in found.items()}
    print(f"\n{inside()}: records/s, medians of {rounds} rounds")
    for name, rate in rates.items():
        print(f"{name:<40} {rate:10,.0f} {rate / rates['limit']:6.2f} × limit")
    memory = field.memory() / before
    return 0 if judged(rates, statistics.median(cpu), memory) else 1


def judged(rates: dict[str, float], cpu: float, memory: float) -> bool:
    """Prints each target; whether all are met."""
    times = {name: rate / rates["limit"] for name, rate in rates.items()}
    wanted = WANTED[inside() or ""]
    few, many, http = "ours, about 100 groups", "ours, about 800 groups", "ours over HTTP"
    return all(
        [
            verdict("P4, about 100 groups, × limit", times[few], wanted.few, at_least=True),
            verdict("P4, about 800 groups, × limit", times[many], wanted.many, at_least=True),
            verdict("P5, over HTTP, × limit", times[http], wanted.http, at_least=True),
            verdict("P5, CPU of the process, µs a record", cpu, 6.5, at_least=False),
            verdict("P5, memory of the workers after / before", memory, 1.05, at_least=False),
        ]
    )


def main() -> int:
    chosen = options()
    if inside() is None:
        return each_database("bench.ingest", chosen.database, sys.argv[1:])
    field = Field(chosen.port)
    try:
        return measure(field, chosen.rounds)
    finally:
        field.site.stop()


if __name__ == "__main__":
    sys.exit(main())
