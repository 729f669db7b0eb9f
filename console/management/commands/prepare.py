"""`prepare`: brings the database and the static files up to this version, without serving."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from console.management.commands.seed_demo import describe_demo
from console.operations.preparation import prepare

FIRST_ACCOUNTS = """\
First support staff: bin/manage createsuperuser (they sign in at /admin/)
First customer:      bin/manage create_organization NAME OWNER_EMAIL"""


class Command(BaseCommand):
    help = "Bring the database and the static files up to this version."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--for-run",
            action="store_true",
            help="as bin/run does: with DEMO=1 fill the demo world, then say how to sign in",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        prepare(with_demo=options["for_run"] and settings.DEMO)
        if options["for_run"]:
            self.stdout.write(describe_demo() if settings.DEMO else FIRST_ACCOUNTS)
