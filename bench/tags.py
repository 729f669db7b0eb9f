"""What tags cost a usage report: `.venv/bin/python -m bench.tags`.

Thirty days of one organization with a million records, whose projects and half of whose keys have tags:
the figures and bars of the usage page, by product, by tag, and filtered by tag, by the day and by the hour.
Medians of alternating rounds, with the number of queries.
"""

import argparse
import datetime as dt
import statistics
import sys
from functools import partial
from typing import Any

from bench.report import DAYS, START, Field, milliseconds
from bench.usage_field import DATABASES, each_database, inside, verdict

BEFORE = START - dt.timedelta(days=30)
CHANGED = START + dt.timedelta(days=DAYS // 2)
TEAMS, ENVIRONMENTS = 5, ("production", "staging")
TARGET = 3


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.tags", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--size", type=int, default=1_000_000)
    return parser.parse_args()


class TaggedField(Field):
    def add_tags(self) -> None:
        """Each project has a team; every second key an environment, and later a team of its own."""
        from console import triggers
        from keys.models import KeyTag
        from projects.models import ProjectTag, Tag

        triggers.drop(self.connection)
        teams = [self.make_tag(Tag, "team", f"team-{n}") for n in range(TEAMS)]
        environments = [self.make_tag(Tag, "env", value) for value in ENVIRONMENTS]
        ProjectTag.objects.bulk_create(
            ProjectTag(project=project, tag=teams[n % TEAMS], name="team", starts_on=BEFORE)
            for n, project in enumerate(self.projects)
        )
        for n, key in enumerate(self.keys[::2]):
            tag, team = environments[n % 2], teams[(n + 1) % TEAMS]
            KeyTag.objects.create(api_key=key, tag=tag, name="env", starts_on=BEFORE)
            KeyTag.objects.create(api_key=key, tag=team, name="team", starts_on=CHANGED)
        triggers.install(self.connection)
        self.execute("ANALYZE")

    def make_tag(self, model: Any, name: str, value: str) -> Any:
        return model.objects.create(organization=self.organization, name=name, value=value)

    def show(self, query: str) -> None:
        """Reads what the page with this query shows of the period and of the one before."""
        from django.http import QueryDict
        from django.utils import timezone

        from usage.reports.forms import ReportForm
        from usage.reports.scope import UsageScope

        scope = UsageScope(self.organization, self.viewer, sees_all=True)
        last = START + dt.timedelta(days=DAYS - 1)
        period = f"start={START}&end={last}&{query}"
        form = ReportForm(QueryDict(period), scope=scope, today=last)
        assert form.is_valid(), form.errors
        report = form.build_report(timezone.now())
        assert report.groups, query
        report.sum_bars()

    def count_queries(self, query: str) -> int:
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(self.connection) as queries:
            self.show(query)
        return len(queries)


QUERIES = {
    "by product": "group_by=product",
    "by key": "group_by=api_key",
    "by team": "group_by=tag:team",
    "of a team": "tag:team=team-1",
    "of no environment": "tag:env=none",
    "by team, of an environment": "group_by=tag:team&tag:env=staging",
}


def measure(field: TaggedField, size: int, rounds: int) -> int:
    field.fill(size)
    field.add_tags()
    print(f"{inside()}, {size:,} records: a report of thirty days", flush=True)
    met = []
    for step in ("day", "hour"):
        days = f"&granularity={step}"
        taken: dict[str, list[float]] = {name: [] for name in QUERIES}
        for _ in range(rounds):
            for name, query in QUERIES.items():
                taken[name].append(milliseconds(partial(field.show, query + days)))
        times = {name: statistics.median(each) for name, each in taken.items()}
        for name, query in QUERIES.items():
            queries = field.count_queries(query + days)
            print(
                f"  {name} by the {step:<4} {times[name]:10.1f} ms {queries:4} queries", flush=True
            )
        ratio = times["by team"] / times["by product"]
        met.append(verdict(f"by team / by product, by the {step}", ratio, TARGET, at_least=False))
    return 0 if all(met) else 1


def main() -> int:
    chosen = options()
    if inside() is None:
        return each_database("bench.tags", chosen.database, sys.argv[1:])
    return measure(TaggedField(), chosen.size, chosen.rounds)


if __name__ == "__main__":
    sys.exit(main())
