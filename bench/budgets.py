"""What budgets cost: `.venv/bin/python -m bench.budgets`.

Verification of an API key with ten budgets that have something left, beside 20,000 blocks of others, compared
with the same without the part of its query that looks for blocks. Ingestion into an organization with ten
budgets, compared with one that has none, in batches of 10,000 events with about 100 groups. Medians of
alternating rounds.
"""

import argparse
import secrets
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from bench.usage_field import DATABASES, each_database, inside, prepare, verdict

BATCH, GROUPS = 10_000, 100
BLOCKS, TIMES = 20_000, 1_000
# No more than this times the query without budgets; no less than this times ingestion without them.
VERIFY, INGEST = 1.1, 0.9
WITHOUT, BESIDE = "without budgets", "beside blocks"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.budgets", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--rounds", type=int, default=7)
    return parser.parse_args()


class Field:
    """Two organizations: one with ten budgets and one without any."""

    def __init__(self) -> None:
        self.budgeted, projects, self.keys = prepare(10, GROUPS)
        from accounts.organizations.services.organizations import create_ownerless_organization
        from keys.models import ApiKey
        from usage.ledger.sources import get_source

        self.source = get_source("bench")
        self.free = create_ownerless_organization("Free")
        self.free.project_limit = 11
        self.free.save(update_fields=["project_limit"])
        others = [self.free.projects.create(name=f"Free {n}", slug=f"free-{n}") for n in range(10)]
        rows = [ApiKey(project=others[n % 10], name=f"Free {n}") for n in range(GROUPS)]
        self.free_keys = ApiKey.objects.bulk_create(rows)
        self.create_budgets(projects)
        self.secret = self.create_secret()

    def create_budgets(self, projects: list[Any]) -> None:
        """Ten that are far from spent: four of the organization, three of projects, three of keys."""
        from keys.enums import SpendScope
        from usage.models import Budget, BudgetAlert

        targets = [
            *[(SpendScope.ORGANIZATION, {})] * 4,
            *[(SpendScope.PROJECT, {"project": projects[0]})] * 3,
            *[(SpendScope.API_KEY, {"api_key": self.keys[0]})] * 3,
        ]
        for number, (scope, column) in enumerate(targets):
            [target] = column.values() or [self.budgeted]
            budget = Budget.objects.create(
                organization=self.budgeted,
                scope=scope,
                target=target.pk,
                period=("day", "week", "month", "total")[number % 4],
                kind="hard_stop",
                amount=10**17,
                starts_on="2026-01-01",
                **column,
            )
            BudgetAlert.objects.create(budget=budget, threshold="percent", value=80)

    def create_secret(self) -> str:
        """Returns a secret of the key with budgets."""
        from keys.formats import Prefix, new_secret
        from keys.models import KeySecret

        text = new_secret(Prefix.PROJECT_KEY)
        row = KeySecret(api_key=self.keys[0], may_read_usage=True)
        row.set_secret(text)
        row.save()
        return text

    def create_blocks(self) -> None:
        """Blocks of other organizations, whose projects and keys have the same numbers as ours or others."""
        from django.utils import timezone

        from keys.models import SpendBlock

        now = timezone.now()
        SpendBlock.objects.bulk_create(
            [
                SpendBlock(
                    organization=self.free,
                    scope=2 + number % 4,
                    target=1 + number // 4,
                    budget=f"budget_{number:020}",
                    starts_at=now,
                )
                for number in range(BLOCKS)
            ],
            batch_size=2_000,
        )

    def time_query(self) -> float:
        """Microseconds of one verification, without HTTP."""
        from keys.verification.verdicts import verify_key

        return find_median(lambda: verify_key(self.secret))

    def answer(self) -> None:
        """Answers /v1/auth, from the server's call of the application on."""
        from django.test import RequestFactory

        from console.wsgi import application

        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            assert status.startswith("200 "), status

        factory = RequestFactory(headers={"Authorization": f"Bearer {self.secret}"})
        environ = factory.get("/v1/auth", headers={"Host": "127.0.0.1"}).environ
        application(environ, start_response)

    def time_answer(self) -> float:
        """Microseconds of one answer."""
        return find_median(self.answer)

    def count_queries(self) -> int:
        """The queries of one answer, once the connection is open."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        self.answer()
        with CaptureQueriesContext(connection) as queries:
            self.answer()
        return len(queries)

    def time_ingestion(self, keys: list[Any]) -> float:
        """Events a second."""
        import msgspec

        from usage.ingest.events import EventList
        from usage.ingest.services.recording import record_usage

        bodies = [msgspec.json.decode(build_body(keys), type=EventList) for _ in range(2)]

        def put_in() -> None:
            for body in bodies:
                record_usage(source=self.source, events=body.events)

        return 2 * BATCH / timed(put_in)


def build_body(keys: list[Any]) -> bytes:
    """Returns the JSON of a batch of events, dealt to the keys in turn."""
    import msgspec
    from django.utils import timezone

    now = timezone.now().replace(minute=0, second=0).isoformat()
    return msgspec.json.encode(
        {
            "events": [
                {
                    "id": f"req-{secrets.token_hex(8)}",
                    "time": now,
                    "product": "serverless-inference",
                    "line_item": "output_tokens",
                    "quantity": f"{number % 4_000 + 1}",
                    "unit": "token",
                    "api_key_id": keys[number % len(keys)].public_id,
                    "dimensions": {"model": "llama-3.3-70b"},
                }
                for number in range(BATCH)
            ]
        }
    )


def find_median(act: Callable[[], Any]) -> float:
    """Returns how many microseconds one of many calls takes."""
    return statistics.median(timed(act) for _ in range(TIMES)) * 1e6


def timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def measure_verification(field: Field, rounds: int) -> dict[str, tuple[float, float]]:
    """Microseconds of a query and of an answer: without the part for budgets, with it, beside many blocks."""
    from django.db import connection

    from keys.models import SpendBlock
    from keys.verification import verdicts

    whole = verdicts.BLOCK
    times: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def ask(case: str, block: str) -> None:
        verdicts.BLOCK, verdicts.TIMES = block, 2 + block.count("?")
        verdicts.statement.cache_clear()
        times[case].append((field.time_query(), field.time_answer()))

    for _ in range(rounds):
        ask(WITHOUT, "NULL")
        ask("no blocks", whole)
        field.create_blocks()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        ask(BESIDE, whole)
        ask(WITHOUT, "NULL")
        SpendBlock.objects.all().delete()
    field.create_blocks()
    return {
        case: (
            statistics.median(query for query, _ in taken),
            statistics.median(a for _, a in taken),
        )
        for case, taken in times.items()
    }


def measure_ingestion(field: Field, rounds: int) -> tuple[float, float]:
    """Events a second with ten budgets, and without any."""
    rates: tuple[list[float], list[float]] = [], []
    for keys in (field.keys, field.free_keys):
        field.time_ingestion(keys)
    for number in range(rounds):
        pairs = list(zip(rates, (field.keys, field.free_keys), strict=True))
        for rate, keys in pairs if number % 2 else reversed(pairs):
            rate.append(field.time_ingestion(keys))
    return statistics.median(rates[0]), statistics.median(rates[1])


def main(rounds: int) -> int:
    field = Field()
    taken = measure_verification(field, rounds)
    for case, (query, answer) in taken.items():
        print(f"verification, {case}: query {query:.0f} µs, answer {answer:.0f} µs")
    with_budgets, without = measure_ingestion(field, rounds)
    print(
        f"ingestion: {with_budgets:,.0f} events a second with ten budgets, {without:,.0f} without"
    )
    times = taken[BESIDE][1] / taken[WITHOUT][1]
    met = [
        verdict("queries of a verification", field.count_queries(), 1, at_least=False),
        verdict("verification / without budgets", times, VERIFY, at_least=False),
        verdict("ingestion / without budgets", with_budgets / without, INGEST, at_least=True),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    chosen = options()
    if inside():
        print(f"\n{inside()}")
        sys.exit(main(chosen.rounds))
    sys.exit(each_database("bench.budgets", chosen.database, sys.argv[1:]))
