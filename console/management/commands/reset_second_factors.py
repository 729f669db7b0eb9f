"""Resets a person's second factors in 24 hours, unless they cancel it with the link in their email.

For support staff whom no colleague can help, such as the only superuser. The worker does the reset.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actors import Actor
from accounts.email_addresses import normalize_email
from accounts.errors import Conflict
from accounts.models import User
from accounts.models.factor_reset import NOTE_LENGTH
from accounts.support.services.factor_resets import start_factor_reset


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the person's email address")
        parser.add_argument("note", help="how you verified their identity, for the audit log")

    def handle(self, *args: Any, **options: Any) -> None:
        email, note = normalize_email(options["email"]), options["note"].strip()
        if not note or len(note) > NOTE_LENGTH:
            raise CommandError(f"The note must have 1 to {NOTE_LENGTH} characters.")
        user = User.objects.filter(email=email, is_active=True).first()
        if user is None:
            raise CommandError(f"No active account has the email address {email}.")
        actor = Actor.without_account("reset_second_factors")
        try:
            reset = start_factor_reset(actor=actor, user=user, note=note)
        except Conflict as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"The second factors of {email} will be reset at {reset.due_at:%Y-%m-%d %H:%M} UTC."
        )
