"""Fills the demo world; run again, it adds only what is missing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.actors import Actor
from accounts.enums import SupportRequestKind
from accounts.models import Invitation, Organization, User
from accounts.permissions import OrganizationRole, ProjectRole
from accounts.services.mail import queue_invitation
from accounts.services.organizations import (
    ask_support,
    change_limits,
    give_to_owner,
    make_organization,
)
from projects.models import Project
from projects.services.collaborators import add_collaborator
from projects.services.projects import change_project, create_project

PASSWORD = "demo-console-2026"  # noqa: S105  (the demo's published password)
SUPPORT = "support@console.example"
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
REASON = "We run training and inference apart and need a project for each."


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("seed_demo fills a demo only: set DEMO=1.")
        with transaction.atomic():
            seed_people()
            seed_projects()
            seed_waiting()
        self.stderr.write("The demo world is there.")


def actor(email: str) -> Actor:
    return Actor(User.objects.get(email=email))


def new_user(email: str, name: str, home: Organization) -> User:
    user = User.objects.create_user(email, PASSWORD, name=name, home_organization=home)
    user.emailaddress_set.create(email=email, verified=True, primary=True)  # type: ignore[attr-defined]
    return user


def seed_people() -> None:
    for slug, name, email, person in OWNERS:
        if not Organization.objects.filter(slug=slug).exists():
            organization = make_organization(name, slug)
            give_to_owner(organization, Actor(new_user(email, person, organization)))
    northwind = Organization.objects.get(slug="northwind")
    for email, person, role in NORTHWIND:
        if not User.objects.filter(email=email).exists():
            northwind.memberships.create(user=new_user(email, person, northwind), role=role)
    if not User.objects.filter(email=SUPPORT).exists():
        User.objects.create_superuser(SUPPORT, PASSWORD, name="Console Support")


def seed_projects() -> None:
    owner, northwind = actor("owner@northwind.example"), Organization.objects.get(slug="northwind")
    if northwind.project_limit == 1:
        change_limits(
            actor=actor(SUPPORT),
            organization=northwind,
            project_limit=5,
            external_collaborators_enabled=True,
            note="Signed the team plan.",
        )
    for slug in PROJECTS:
        if not Project.objects.filter(slug=slug).exists():
            create_project(actor=owner, organization=northwind, name=slug, slug=slug)
            list_people(owner, slug)


def list_people(owner: Actor, slug: str) -> None:
    """The people of a project just made; not again, because a demo's user may have removed some."""
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


def seed_waiting() -> None:
    """One pending invitation of Northwind, and Contoso's wish for more projects."""
    northwind = Organization.objects.get(slug="northwind")
    if not Invitation.objects.filter(email=INVITED).exists():
        owner = actor("owner@northwind.example")
        invitation = northwind.invitations.create(
            email=INVITED, role=OrganizationRole.MEMBER, invited_by=owner.person
        )
        queue_invitation(invitation)
    contoso = Organization.objects.get(slug="contoso")
    if not contoso.support_requests.exists():
        ask_support(
            actor=actor("partner@contoso.example"),
            organization=contoso,
            kind=SupportRequestKind.PROJECTS,
            reason=REASON,
        )
