"""Creates an organization and its Owner."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse

from accounts.actors import Actor
from accounts.forms import AddressFormField, NameFormField
from accounts.models import User
from accounts.organizations.services.organizations import add_owner, create_ownerless_organization


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the organization's name")
        parser.add_argument("owner_email", help="the email address of its Owner")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            name = NameFormField().clean(options["name"])
            email = AddressFormField().clean(options["owner_email"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        with transaction.atomic():
            organization = create_ownerless_organization(name)
            owner = User.objects.filter(email=email).first()
            password = "" if owner else secrets.token_urlsafe(18)
            if owner is None:
                owner = User.objects.create_user(
                    email, password, name=email.split("@")[0], home_organization=organization
                )
                owner.emailaddress_set.create(email=email, verified=True, primary=True)
            add_owner(organization, Actor.of_user(owner))
        self.stdout.write(f"Created the organization {organization.slug} with the Owner {email}.")
        if password:
            page = reverse("account_change_password")
            self.stdout.write(f"Initial password, to be changed at {page}: {password}")
