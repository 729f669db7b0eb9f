"""Lists who had access to an organization and its projects on a day, as CSV."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Organization
from accounts.web.csv_files import format_line
from projects.services.periods import list_access


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("organization", metavar="SLUG")
        parser.add_argument("day", metavar="YYYY-MM-DD", help="a day in UTC")

    def handle(self, *args: Any, organization: str, day: str, **options: Any) -> None:
        tenant = Organization.objects.filter(slug=organization).first()
        if tenant is None:
            raise CommandError(f"There is no organization with the slug {organization}.")
        try:
            date = dt.date.fromisoformat(day)
        except ValueError as error:
            raise CommandError(f"{day} is not a date. Use the form 2026-11-30.") from error
        self.write_line("email", "role", "project", "from (UTC)", "until (UTC)")
        for access in list_access(tenant, date):
            until = access.ended_at.isoformat(timespec="seconds") if access.ended_at else ""
            started = access.started_at.isoformat(timespec="seconds")
            self.write_line(access.email, access.role, access.project, started, until)

    def write_line(self, *cells: str) -> None:
        self.stdout.write(format_line(cells), ending="")
