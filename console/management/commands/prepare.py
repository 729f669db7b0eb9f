"""`prepare`: migrations, cache table, static files and the demo world, without serving."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from console.operations.preparation import is_fresh, prepare


class Command(BaseCommand):
    help = "Bring the database, static files and (with DEMO=1) the demo world up to this version."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-fresh", action="store_true", help="do nothing unless the database is empty"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["if_fresh"] or is_fresh():
            prepare()
