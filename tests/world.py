"""A small shared world: Northwind with somebody in every role, and Contoso with the same kinds of rows.

Contoso is there so that there is data that could leak. Everything is made by the console's own
services, so that a world that the rules forbid cannot be built.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.enums import SupportRequestKind
from accounts.invitations.services.lifecycle import accept_invitation
from accounts.models import Invitation, Organization, OwnershipOffer, SupportRequest, User
from accounts.organizations.services.organizations import (
    add_owner,
    create_ownerless_organization,
)
from accounts.ownership.services import offer_ownership
from accounts.people.services.people import sign_up
from accounts.permissions import OrganizationRole, ProjectRole
from accounts.support.services.limits import change_limits
from accounts.support.services.requests import request_support
from keys.api_keys.services import IssuedKey, create_key
from keys.models import ApiKey
from projects.models import Collaborator, Project
from projects.services.additions import add_collaborator
from projects.services.collaborators import remove_collaborator
from projects.services.projects import change_project, create_project
from tests.support.mail import deliver_notifications
from tests.support.staff_factors import add_staff_app
from tests.support.world_snapshot import remembered

PASSWORD = "northwind and contoso are made up"
ADMIN, MEMBER = ProjectRole.ADMIN, ProjectRole.MEMBER


@dataclass(frozen=True)
class World:
    """Names are what somebody is at Northwind; `other_…` is of Contoso. `key` is one of `research`,
    made by `project_member`.

    `owner`, `admin` and `member` are listed in no project. `research` has all others and takes
    externals; `production` has `project_member` alone and takes none.
    """

    staff: User
    owner: User
    admin: User
    member: User
    project_admin: User
    project_member: User
    external: User
    external_admin: User
    former: User
    stranger: User
    other_member: User
    other_external: User
    organization: Organization
    default: Project
    research: Project
    production: Project
    other_organization: Organization
    other_default: Project
    other_project: Project
    project_admin_row: Collaborator
    project_member_row: Collaborator
    external_row: Collaborator
    external_admin_row: Collaborator
    other_row: Collaborator
    other_external_row: Collaborator
    invitation: Invitation
    member_invitation: Invitation
    other_invitation: Invitation
    other_member_invitation: Invitation
    support_request: SupportRequest
    other_support_request: SupportRequest
    key: ApiKey
    key_secret: str
    other_key: ApiKey
    other_key_secret: str


@transaction.atomic
def person(email: str, name: str = "", *, verified: bool = True) -> User:
    """Somebody who signed up by themselves: with an organization of their own as home."""
    user = User(email=email, name=name or name_of(email))
    user.set_password(PASSWORD)
    sign_up(actor=Actor.without_account(), user=user, invitation=None)
    prove(user, verified=verified)
    return user


def staff_member(email: str = "support@console.example") -> User:
    return add_staff_app(User.objects.create_superuser(email, PASSWORD, name=name_of(email)))


def name_of(email: str) -> str:
    return email.split("@", maxsplit=1)[0].replace(".", " ").title()


def prove(user: User, *, verified: bool = True) -> None:
    """Gives the account its address, as sign-up does; verified when they have entered the code."""
    user.emailaddress_set.create(email=user.email, verified=verified, primary=True)  # type: ignore[attr-defined]


@transaction.atomic
def company(name: str, owner_email: str, staff: User, *, limit: int = 5) -> Organization:
    """An organization whose Owner has it as home, with externals enabled and room for projects."""
    organization = create_ownerless_organization(name)
    owner = User(email=owner_email, name=name_of(owner_email), home_organization=organization)
    owner.set_password(PASSWORD)
    owner.save()
    prove(owner)
    add_owner(organization, Actor.of_user(owner))
    set_limits(organization, staff, limit=limit)
    return organization


def set_limits(
    organization: Organization, staff: User, *, limit: int, externals: bool = True
) -> None:
    change_limits(
        actor=Actor.of_user(staff),
        organization=organization,
        project_limit=limit,
        external_collaborators_enabled=externals,
        note="So that the tests have room.",
    )
    organization.refresh_from_db()


def owner_of(organization: Organization) -> User:
    return organization.memberships.owner().user


def invited_member(
    organization: Organization, email: str, role: OrganizationRole = OrganizationRole.MEMBER
) -> Invitation:
    """A pending invitation to the organization, from its Owner."""
    return Invitation.objects.create(
        organization=organization, email=email, role=role, invited_by=owner_of(organization)
    )


@transaction.atomic
def join(
    organization: Organization, email: str, role: OrganizationRole = OrganizationRole.MEMBER
) -> User:
    """Somebody who signed up through an invitation to the organization and accepted it."""
    invitation = invited_member(organization, email, role)
    user = User(email=email, name=name_of(email))
    user.set_password(PASSWORD)
    sign_up(actor=Actor.without_account(), user=user, invitation=invitation)
    prove(user)
    accept(invitation, user)
    return user


def accept(invitation: Invitation, user: User) -> Invitation:
    return accept_invitation(
        actor=Actor.of_user(user), invitation=invitation, generation=invitation.generation
    )


def project_with_externals(organization: Organization, name: str) -> Project:
    owner = Actor.of_user(owner_of(organization))
    project = create_project(actor=owner, organization=organization, name=name)
    change_project(
        actor=owner, project=project, name=project.name, allow_external_collaborators=True
    )
    project.refresh_from_db()
    return project


def listed(project: Project, user: User, role: ProjectRole = MEMBER) -> Collaborator:
    """The row of a member of the organization, added by its Owner."""
    actor = Actor.of_user(owner_of(project.organization))
    add_collaborator(actor=actor, project=project, email=user.email, role=role)
    return project.collaborators.get(user=user)


def invited(project: Project, email: str, role: ProjectRole = MEMBER) -> Invitation:
    """A pending invitation of an outsider to the project, from the organization's Owner."""
    actor = Actor.of_user(owner_of(project.organization))
    add_collaborator(actor=actor, project=project, email=email, role=role)
    return Invitation.objects.pending().get(email=email, project_ref=project.public_id)


def external(project: Project, email: str, role: ProjectRole = MEMBER) -> Collaborator:
    """The row of an outsider with an organization of their own, who accepted an invitation."""
    user = person(email)
    accept(invited(project, email, role), user)
    return project.collaborators.get(user=user)


def issued(project: Project, user: User, name: str = "notebooks", **given: Any) -> IssuedKey:
    """A key of the project, made by somebody in it, with its secret."""
    return create_key(actor=Actor.of_user(user), project=project, name=name, **given)


def key_of(project: Project, user: User, name: str) -> dict[str, Any]:
    """A key and its secret, as the world's fields `name` and `name_secret`."""
    made = issued(project, user)
    return {name: made.key, f"{name}_secret": made.secret}


def offered(organization: Organization, user: User) -> OwnershipOffer:
    """A pending offer of the ownership to a member."""
    return offer_ownership(
        actor=Actor.of_user(owner_of(organization)), organization=organization, email=user.email
    )


def asked(organization: Organization) -> SupportRequest:
    return request_support(
        actor=Actor.of_user(owner_of(organization)),
        organization=organization,
        kind=SupportRequestKind.PROJECTS,
        reason="One project for each team.",
    )


@transaction.atomic
def contoso(staff: User) -> dict[str, Any]:
    """The other company's part of the world: the same kinds of rows, so that something could leak."""
    organization = company("Contoso", "stranger@contoso.example", staff)
    project = project_with_externals(organization, "Rockets")
    member = join(organization, "member@contoso.example")
    external_row = external(project, "external@vendor.example")
    return {
        "stranger": owner_of(organization),
        "other_member": member,
        "other_external": external_row.user,
        "other_organization": organization,
        "other_default": organization.projects.default(),
        "other_project": project,
        "other_row": listed(project, member),
        "other_external_row": external_row,
        "other_invitation": invited(project, "invited@vendor.example"),
        "other_member_invitation": invited_member(organization, "new.hire@contoso.example"),
        "other_support_request": asked(organization),
        **key_of(project, owner_of(organization), "other_key"),
    }


@remembered
def build_world() -> World:
    """Makes the whole world, whose people have read the emails about it; needs the database."""
    world = create_world()
    deliver_notifications()
    return world


def create_world() -> World:
    staff = staff_member()
    northwind = company("Northwind", "owner@northwind.example", staff)
    research = project_with_externals(northwind, "Research")
    production = create_project(
        actor=Actor.of_user(owner_of(northwind)), organization=northwind, name="Production"
    )
    project_admin = join(northwind, "project.admin@northwind.example")
    project_member = join(northwind, "project.member@northwind.example")
    listed(production, project_member)
    external_row = external(research, "external@partner.example")
    external_admin_row = external(research, "external.admin@partner.example", ADMIN)
    project_admin_row = listed(research, project_admin, ADMIN)
    project_member_row = listed(research, project_member)
    return World(
        **contoso(staff),
        staff=staff,
        owner=owner_of(northwind),
        admin=join(northwind, "admin@northwind.example", OrganizationRole.ADMIN),
        member=join(northwind, "member@northwind.example"),
        project_admin=project_admin,
        project_member=project_member,
        external=external_row.user,
        external_admin=external_admin_row.user,
        former=former_collaborator(research),
        organization=northwind,
        default=northwind.projects.default(),
        research=research,
        production=production,
        project_admin_row=project_admin_row,
        project_member_row=project_member_row,
        external_row=external_row,
        external_admin_row=external_admin_row,
        invitation=invited(research, "invited@partner.example"),
        member_invitation=invited_member(northwind, "new.hire@northwind.example"),
        support_request=asked(northwind),
        **key_of(research, project_member, "key"),
    )


def former_collaborator(project: Project) -> User:
    """Somebody who worked in the project as an external and was removed."""
    row = external(project, "former@partner.example")
    remove_collaborator(actor=Actor.of_user(owner_of(project.organization)), collaborator=row)
    return row.user
