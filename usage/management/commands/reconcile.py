"""Reconciles usage: whether records, totals and all that shows them come to the same, to the last digit.

Prints each difference; exit status 1 when there is one. It may run beside the console, from cron.
"""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Organization
from usage.reconcile import Scope, compared, snapshot
from usage.spoken import told


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="only this one's")
        parser.add_argument("--since", metavar="DAY", help="from this UTC day on: 2026-11-23")

    def handle(self, *args: Any, **options: Any) -> None:
        scope = Scope(organization_of(options["organization"]), day_of(options["since"]))
        sums = differences = 0
        with snapshot():
            for one in compared(scope):
                sums += 1
                if one.differs:
                    differences += 1
                    self.stdout.write(told(one))
        if differences:
            raise CommandError(f"{differences:,} of {sums:,} sums differ.")
        self.stdout.write(f"{sums:,} sums, difference 0.")


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
