"""The preview of a list of people uploaded to the members page."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from accounts.access.organization import OrganizationAccess
from accounts.invitations.people_files import PeopleTable, PersonLine
from accounts.invitations.previews import (
    DOMAINS_READ,
    Preview,
    RefusedLineError,
    build_preview,
    list_domains,
)
from accounts.invitations.services.mailing import find_full_recipients
from accounts.invitations.services.members import Invitee
from accounts.models import Organization
from accounts.permissions import (
    GRANTABLE_ORGANIZATION_ROLES,
    OrganizationRole,
    ProjectRole,
    may_grant_organization_role,
)
from accounts.web.formatting import format_count

COLUMNS = ("email", "name", "role", "project", "project role")
# One or several projects in a cell, each with an optional role: `research:admin billing`.
PROJECT_SEPARATORS = str.maketrans(",;|", "   ")


@dataclass(frozen=True)
class Lookup:
    """What the lines of a file are compared with, queried once for all of them."""

    members: dict[str, str]
    invited: Collection[str]
    full: Collection[str]
    projects: dict[str, Any]


def preview_members(
    access: OrganizationAccess, table: PeopleTable, *, default: OrganizationRole, limit: int
) -> Preview[Invitee]:
    """Returns what would happen to each person.

    `default` is the role of people whose line has none, `limit` how many invitations can be sent now.
    """
    organization, remaining = access.organization, limit
    lookup = look_up(organization, table.people)

    def check_line(person: PersonLine, email: str) -> tuple[Invitee, str, str]:
        nonlocal remaining
        role = read_role(person.get("role"), default)
        if not may_grant_organization_role(access.role, role):
            raise RefusedLineError(f"You can't invite an {role.label}.")
        projects = read_projects(person, lookup.projects)
        refuse_present(email, lookup)
        if remaining <= 0:
            raise RefusedLineError(describe_limit(limit))
        remaining -= 1
        listed = [f"{project.name} ({as_role.label})" for project, as_role in projects]
        details = ", ".join([role.label, *listed])
        return Invitee(email, role, projects), "Will be invited", details

    emails = organization.memberships.values_list("user__email", flat=True)
    domains = list_domains(emails.order_by("-pk")[:DOMAINS_READ])
    return build_preview(table, check_line, domains=domains)


def describe_limit(limit: int) -> str:
    """Returns why a person can't be invited when `limit` invitations could be sent to the others."""
    if not limit:
        return "You can't send more invitations now. Try again tomorrow."
    return (
        f"You can only send {format_count(limit, 'invitation')} now. Invite this person tomorrow."
    )


def look_up(organization: Organization, people: Iterable[PersonLine]) -> Lookup:
    emails = {person.email for person in people}
    members = organization.memberships.filter(user__email__in=emails)
    pending = organization.invitations.pending().exclude(role="").filter(email__in=emails)
    references = {reference for person in people for reference, _ in split_projects(person)}
    return Lookup(
        members=dict(members.values_list("user__email", "user__name")),
        invited=set(pending.values_list("email", flat=True)),
        full=find_full_recipients(emails),
        projects=find_projects(organization, references),
    )


def refuse_present(email: str, lookup: Lookup) -> None:
    """Raises RefusedLineError for people who are members, invited, or were sent too many invitations."""
    if email in lookup.members:
        raise RefusedLineError(f"{lookup.members[email]} is already a member.")
    if email in lookup.invited:
        raise RefusedLineError("Already invited. You can resend or withdraw the invitation.")
    if email in lookup.full:
        raise RefusedLineError("They were sent too many invitations today. Try again tomorrow.")


def read_role(text: str, default: OrganizationRole) -> OrganizationRole:
    if not text:
        return default
    for role in GRANTABLE_ORGANIZATION_ROLES:
        if text.casefold() in (role.value, role.label.casefold()):
            return role
    if text.casefold() == OrganizationRole.OWNER:
        raise RefusedLineError("You can't invite an Owner. Use admin or member.")
    raise RefusedLineError(f"“{text[:40]}” is not a role. Use admin or member.")


def split_projects(person: PersonLine) -> list[tuple[str, str]]:
    """Returns the projects that the line names, each with the text of its role."""
    common = person.get("project role")
    words = person.get("project").translate(PROJECT_SEPARATORS).split()
    named = (word.partition(":") for word in words)
    return [(reference, role or common) for reference, _, role in named]


def find_projects(organization: Organization, references: Collection[str]) -> dict[str, Any]:
    """Returns the projects that people can be added to, by slug and by public id."""
    joinable: QuerySet[Any] = organization.projects.unarchived().filter(is_default=False)
    rows = joinable.filter(Q(slug__in=references) | Q(public_id__in=references))
    return {reference: row for row in rows for reference in (row.slug, row.public_id)}


def read_projects(
    person: PersonLine, projects: dict[str, Any]
) -> tuple[tuple[Any, ProjectRole], ...]:
    roles = {}
    for reference, text in split_projects(person):
        if reference not in projects:
            raise RefusedLineError(
                f"You can't add people to “{reference[:40]}”. Use the slug of a project."
            )
        role = text.casefold() or ProjectRole.MEMBER
        if role not in ProjectRole.values:
            raise RefusedLineError(f"“{text[:40]}” is not a project role. Use admin or member.")
        roles[projects[reference]] = ProjectRole(role)
    return tuple(roles.items())
