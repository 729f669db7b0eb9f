"""Reconciles usage: compares records, totals, budgets, pages, files and the billing API to the last digit.

Prints each difference. Exit status 1 if there are any. It can run while the console serves, from cron.
"""

import datetime as dt
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Organization
from usage.reconciliation.budgets import compare_spends
from usage.reconciliation.messages import format_comparison, format_finding
from usage.reconciliation.records import ReconciliationScope, compare_totals, snapshot
from usage.reconciliation.surfaces import find_differences, list_months


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="only this organization")
        parser.add_argument("--since", metavar="DAY", help="from this UTC day on: 2026-11-23")

    def handle(self, *args: Any, **options: Any) -> None:
        scope = ReconciliationScope(
            find_organization(options["organization"]), parse_day(options["since"])
        )
        reconciliation = Reconciliation()
        with snapshot():
            for difference in reconciliation.run(scope):
                self.stdout.write(difference)
        compared, differences = reconciliation.describe(), reconciliation.differences
        if differences:
            raise CommandError(f"{differences:,} differences in {compared}.")
        self.stdout.write(f"{compared}: difference 0.")


class Reconciliation:
    """Counts what is compared and what differs."""

    def __init__(self) -> None:
        self.sums = self.months = self.spends = self.differences = 0

    def describe(self) -> str:
        budgets = f", {self.spends:,} periods of budgets" if self.spends else ""
        return f"{self.sums:,} sums of totals{budgets} and {self.months:,} months as they are shown"

    def run(self, scope: ReconciliationScope) -> Iterator[str]:
        """Yields the differences in words."""
        for comparison in compare_totals(scope):
            self.sums += 1
            if comparison.differs:
                self.differences += 1
                yield format_comparison(comparison)
        for compared in compare_spends(scope):
            self.spends += 1
            if compared.differs:
                self.differences += 1
                yield f"{compared}"
        for month in list_months(scope):
            self.months += 1
            for finding in find_differences(month):
                self.differences += 1
                yield format_finding(finding)


def find_organization(slug: str | None) -> Organization | None:
    if slug is None:
        return None
    organization = Organization.objects.filter(slug=slug).first()
    if organization is None:
        raise CommandError(f"--organization: there is no organization {slug}.", returncode=2)
    return organization


def parse_day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text is not None else None
    except ValueError as error:
        message = f"--since: {text} is not a day; write it as 2026-11-23."
        raise CommandError(message, returncode=2) from error
