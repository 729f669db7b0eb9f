"""Creates an admin API key for an organization.

Prints the secret, and nothing else, on standard output. The secret cannot be displayed again.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actors import Actor
from accounts.errors import Conflict
from accounts.forms import NameFormField
from accounts.models import Organization
from keys.admin_keys.services import create_admin_key_for_operator


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", help="the organization's slug")
        parser.add_argument("name", help="the program that uses it, such as Terraform")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organization {options['organization']}.")
        actor = Actor.without_account("bin/manage create_admin_key")
        try:
            name = NameFormField().clean(options["name"])
        except ValidationError as error:
            raise CommandError(f"Invalid name: {' '.join(error.messages)}") from error
        try:
            issued = create_admin_key_for_operator(
                actor=actor, organization=organization, name=name
            )
        except Conflict as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(issued.secret)
