"""Fills the demo world. Running it again adds what is missing."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import SupportRequestKind
from accounts.invitations.services.mailing import queue_invitation
from accounts.models import Invitation, Organization, User
from accounts.organizations.services.organizations import (
    add_owner,
    create_ownerless_organization,
)
from accounts.permissions import OrganizationRole, ProjectRole
from accounts.support.services.limits import change_limits
from accounts.support.services.requests import request_support
from console.demo.budgets import create_demo_budgets
from console.demo.keys import create_demo_keys
from console.demo.limits import create_demo_limits
from console.demo.service_accounts import create_demo_accounts
from console.demo.sign_ins import SIGN_INS
from console.demo.tags import set_demo_tags
from console.demo.usage import record_demo_usage
from console.environment import DEMO_SUPPORT
from projects.models import Project, ProjectSlug
from projects.services.additions import add_collaborator
from projects.services.projects import change_project, create_project
from usage.catalogue.presets import INFERENCE_PLATFORM
from usage.catalogue.services.presets import add_products

PASSWORD = "demo-console-2026"  # noqa: S105  (the demo's published password)
OWNERS = [
    ("northwind", "Northwind Labs", "owner@northwind.example", "Maya Okafor"),
    ("contoso", "Contoso", "partner@contoso.example", "Priya Nair"),
    ("fabrikam", "Fabrikam", "stranger@fabrikam.example", "Jonas Weber"),
]
NORTHWIND = [
    ("admin@northwind.example", "Tomás Rivera", OrganizationRole.ADMIN),
    ("member@northwind.example", "Ines Haddad", OrganizationRole.MEMBER),
]
PROJECTS = ["ml-research", "production"]
LISTED = [
    ("ml-research", "admin@northwind.example", ProjectRole.ADMIN),
    ("ml-research", "member@northwind.example", ProjectRole.MEMBER),
    ("production", "admin@northwind.example", ProjectRole.ADMIN),
]
EXTERNAL = ("ml-research", "partner@contoso.example")
INVITED = "new.hire@northwind.example"
# Before the demo's usage, and before history that is imported to try it.
CATALOGUE_START = dt.date(2020, 1, 1)
REASON = "We run training and inference apart and need a project for each."


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("seed_demo works only in a demo. Set DEMO=1.")
        with transaction.atomic():
            seed_people()
            seed_projects()
            seed_pending()
            seed_keys()
            seed_catalogue()
            record_demo_usage()
            seed_budgets()
        if options["verbosity"]:
            self.stdout.write("The demo world is complete.")


def describe_demo() -> str:
    """Returns the text about the demo that bin/run prints."""
    people = "\n".join(f"  {email:<27} {role}" for email, role in SIGN_INS.items())
    mail = settings.DATA_DIR / "mail"
    return (
        f"Sign in with the password {PASSWORD} as one of\n{people}\n\n"
        f"Emails are kept in {mail}, the log in {settings.LOG_FILE or 'this output'}."
    )


def find_owner(organization: Organization) -> Actor:
    """Returns the current Owner. In a demo, too, people transfer ownership and delete accounts."""
    return Actor.of_user(organization.memberships.owner().user)


def find_active(slug: str) -> Organization | None:
    """Returns the organization, unless it has been closed or suspended."""
    organization = Organization.objects.get(slug=slug)
    return organization if organization.is_active else None


def create_user(email: str, name: str, home: Organization) -> User:
    user = User.objects.create_user(email, PASSWORD, name=name, home_organization=home)
    user.emailaddress_set.create(email=email, verified=True, primary=True)
    return user


def seed_people() -> None:
    for slug, name, email, person in OWNERS:
        if not Organization.objects.filter(slug=slug).exists():
            organization = create_ownerless_organization(name, slug)
            add_owner(organization, Actor.of_user(create_user(email, person, organization)))
    northwind = Organization.objects.get(slug="northwind")
    for email, person, role in NORTHWIND:
        if not User.objects.filter(email=email).exists():
            northwind.memberships.create(user=create_user(email, person, northwind), role=role)
    if not User.objects.filter(email=DEMO_SUPPORT).exists():
        User.objects.create_superuser(DEMO_SUPPORT, PASSWORD, name="Console Support")


def seed_projects() -> None:
    if not (northwind := find_active("northwind")):
        return
    if northwind.project_limit == 1:
        change_limits(
            actor=Actor.of_user(User.objects.get(email=DEMO_SUPPORT)),
            organization=northwind,
            project_limit=5,
            external_collaborators_enabled=True,
            note="Signed the team plan.",
        )
    owner = find_owner(northwind)
    for slug in PROJECTS:
        # Includes former slugs.
        if not ProjectSlug.objects.filter(slug=slug).exists():
            create_project(actor=owner, organization=northwind, name=slug, slug=slug)
            add_people(owner, slug)


def add_people(owner: Actor, slug: str) -> None:
    """Adds the collaborators of a new project. Later starts do not, since users may have removed some."""
    project = Project.objects.get(slug=slug)
    for listed, email, role in LISTED:
        if listed == slug:
            add_collaborator(actor=owner, project=project, email=email, role=role)
    if EXTERNAL[0] == slug:
        change_project(
            actor=owner, project=project, name=project.name, allow_external_collaborators=True
        )
        partner = User.objects.get(email=EXTERNAL[1])
        project.collaborators.create(
            user=partner,
            role=ProjectRole.MEMBER,
            added_by=owner.person,
            vouched_by=owner.person,
        )


def seed_catalogue() -> None:
    actor = Actor.without_account("bin/manage seed_demo")
    add_products(actor=actor, products=INFERENCE_PLATFORM, starts_on=CATALOGUE_START)


def seed_keys() -> None:
    for slug in PROJECTS:
        projects = Project.objects.filter(slugs__slug=slug).select_related("organization")
        for project in projects.unarchived():
            if project.organization.is_active:
                owner = find_owner(project.organization)
                create_demo_keys(project, slug, owner)
                create_demo_accounts(project, slug, owner)
                set_demo_tags(project, slug, owner)


def seed_budgets() -> None:
    if northwind := find_active("northwind"):
        create_demo_budgets(northwind, find_owner(northwind))
        create_demo_limits(northwind, find_owner(northwind))


def seed_pending() -> None:
    """Creates a pending invitation of Northwind and Contoso's request for more projects."""
    northwind, contoso = find_active("northwind"), find_active("contoso")
    if northwind and not Invitation.objects.filter(email=INVITED).exists():
        # The moment is given because tests seed the demo at another one, which field defaults ignore.
        invitation = northwind.invitations.create(
            email=INVITED,
            role=OrganizationRole.MEMBER,
            invited_by=find_owner(northwind).person,
            sent_at=timezone.now(),
        )
        queue_invitation(invitation)
    if contoso and not contoso.support_requests.exists():
        request_support(
            actor=find_owner(contoso),
            organization=contoso,
            kind=SupportRequestKind.PROJECTS,
            reason=REASON,
        )
