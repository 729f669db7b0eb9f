"""Reconciles usage: whether records, totals and all that shows them come to the same, to the last digit.

Prints each difference; exit status 1 when there is one. It may run beside the console, from cron.
"""

import datetime as dt
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Organization
from usage.reconciliation.messages import told, told_shown
from usage.reconciliation.records import Scope, compared, snapshot
from usage.reconciliation.surfaces import differing, months


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="only this one's")
        parser.add_argument("--since", metavar="DAY", help="from this UTC day on: 2026-11-23")

    def handle(self, *args: Any, **options: Any) -> None:
        scope = Scope(organization_of(options["organization"]), day_of(options["since"]))
        found = Found()
        with snapshot():
            for difference in found.all(scope):
                self.stdout.write(difference)
        if found.differences:
            raise CommandError(f"{found.differences:,} differences in {found.said}.")
        self.stdout.write(f"{found.said}: difference 0.")


class Found:
    """Counts what is compared, and what of it differs."""

    def __init__(self) -> None:
        self.sums = self.months = self.differences = 0

    @property
    def said(self) -> str:
        return f"{self.sums:,} sums of totals and {self.months:,} months as they are shown"

    def all(self, scope: Scope) -> Iterator[str]:
        """The differences in words."""
        for one in compared(scope):
            self.sums += 1
            if one.differs:
                self.differences += 1
                yield told(one)
        for month in months(scope):
            self.months += 1
            for shown in differing(month):
                self.differences += 1
                yield told_shown(shown)


def organization_of(slug: str | None) -> Organization | None:
    if slug is None:
        return None
    organization = Organization.objects.filter(slug=slug).first()
    if organization is None:
        raise CommandError(f"--organization: there is no organization {slug}.", returncode=2)
    return organization


def day_of(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text is not None else None
    except ValueError as error:
        told = f"--since: {text} is no day; write it as 2026-11-23."
        raise CommandError(told, returncode=2) from error
