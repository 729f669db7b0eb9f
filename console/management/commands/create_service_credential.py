"""Creates a service credential for one of the platform's programs.

Prints the secret, and nothing else, on standard output. The secret cannot be displayed again.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actors import Actor
from accounts.errors import Conflict
from accounts.forms import NameFormField
from keys.credentials.services import create_credential


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the program that uses it, such as gateway")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = Actor.without_account("bin/manage create_service_credential")
        try:
            name = NameFormField().clean(options["name"])
        except ValidationError as error:
            raise CommandError(f"Invalid name: {' '.join(error.messages)}") from error
        try:
            issued = create_credential(actor=actor, name=name)
        except Conflict as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(issued.secret)
