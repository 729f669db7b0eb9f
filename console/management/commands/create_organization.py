"""Creates an organization and its Owner, who is emailed.

Running it again with the same name and Owner changes nothing and fails.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse

from accounts.actors import Actor
from accounts.forms import AddressFormField, NameFormField
from accounts.models import Organization, User
from accounts.organizations.services.organizations import add_owner, create_ownerless_organization
from accounts.outbox import queue_mail


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the organization's name")
        parser.add_argument("owner_email", help="the email address of its Owner")
        parser.add_argument(
            "--again", action="store_true", help="create another one with that name and Owner"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            name = NameFormField().clean(options["name"])
            email = AddressFormField().clean(options["owner_email"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        with transaction.atomic():
            owner = User.objects.select_for_update(no_key=True).filter(email=email).first()
            if owner and not options["again"]:
                refuse_second(name, owner)
            organization = create_ownerless_organization(name)
            password = "" if owner else secrets.token_urlsafe(18)
            owner = owner or create_owner(email, password, organization)
            add_owner(organization, Actor.of_user(owner))
            email_owner(owner, organization, has_password=not password)
        self.stdout.write(f"Created the organization {organization.slug} with the Owner {email}.")
        if password:
            self.describe_password(password)

    def describe_password(self, password: str) -> None:
        page = reverse("account_change_password")
        if not settings.NO_MAIL:
            self.stdout.write(
                "They get an email about how to choose a password. If they can't receive it, "
                "tell them the initial password in person:"
            )
        self.stdout.write(f"Initial password, to be changed at {page}: {password}")


def refuse_second(name: str, owner: User) -> None:
    """Raises CommandError if the person owns an organization of that name."""
    same = Organization.objects.owned_by(owner).filter(name__iexact=name).first()
    if same:
        raise CommandError(
            f"{owner.email} already owns an organization named {same.name} ({same.slug}). "
            "To create another one, add --again."
        )


def create_owner(email: str, password: str, home: Organization) -> User:
    name = email.partition("@")[0]
    owner = User.objects.create_user(email, password, name=name, home_organization=home)
    owner.emailaddress_set.create(email=owner.email, verified=True, primary=True)
    return owner


def email_owner(owner: User, organization: Organization, *, has_password: bool) -> None:
    if settings.NO_MAIL:
        return
    queue_mail(
        owner.email,
        f"Your organization {organization.name}",
        "accounts/mail/organization_created.txt",
        user=owner,
        organization=organization,
        has_password=has_password,
    )
